"""Server-Sent Events over ASGI."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any, Final

from praxis.realtime import frames
from praxis.realtime.answers import Receive, Send
from praxis.realtime.client import Client
from praxis.realtime.frames import Event
from praxis.realtime.hub import Hub, Wanted

#: Nothing between here and the browser may keep events back; nginx reads the last one.
HEADERS: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),
)


#: So much is handed over at once: else a slow client keeps a whole page in the server's buffer.
_WRITE_BYTES: Final = 65_536


class EventStream(Client[bytes]):
    """
    A client of Server-Sent Events.

    Args:
        write: Takes bytes; returns once more are taken.
        end: Ends the connection.
    """

    __slots__ = ("_write_bytes",)

    def __init__(
        self, write: Callable[[bytes], Coroutine[Any, Any, None]], end: Callable[[], object]
    ) -> None:
        super().__init__(end)
        self._write_bytes = write

    def _event(self, event: Event) -> bytes:
        return event.lines() if len(self.feeds) == 1 else event.lines(self.event_id)

    def _notice(self, name: str, data: Mapping[str, Any]) -> bytes:
        retry_ms = data.get("retry_ms", 0)
        # midway it has been written for what was not sent, and is not to be taken for sent
        event_id = "" if self._is_midway else self.event_id
        if name == frames.READY:
            data = data | {"channels": self.channels, "id": event_id}  # type: ignore[operator]  # dicts
        elif name == frames.BEAT:
            data = {"id": event_id}
        return frames.notice_lines(name, data, event_id, retry_ms)

    async def _write(self, chunks: list[bytes]) -> None:
        if len(chunks) == 1:
            await self._write_bytes(chunks[0])
            return
        waiting: list[bytes] = []
        size = 0
        for chunk in chunks:
            waiting.append(chunk)
            size += len(chunk)
            if size > _WRITE_BYTES:
                await self._write_bytes(b"".join(waiting))
                waiting, size = [], 0
        if waiting:
            await self._write_bytes(b"".join(waiting))


async def serve_stream(
    hub: Hub,
    client: EventStream,
    wanted: Wanted,
    headers: list[tuple[bytes, bytes]],
    receive: Receive,
    send: Send,
) -> None:
    """Answer with events until the client goes or is sent away."""
    await send({"type": "http.response.start", "status": 200, "headers": [*HEADERS, *headers]})
    await send({"type": "http.response.body", "body": b"", "more_body": True})
    try:
        await hub.join(client, wanted)
        while (await receive())["type"] != "http.disconnect":
            pass  # the rest of a body that nobody asked for
    except asyncio.CancelledError:
        if not client.is_ended:
            raise
        _uncancel()
        if not client.blocked_s:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        hub.leave(client)


def stream_to(send: Send) -> EventStream:
    """Return the client that a task of ours serves, by what it is sent with."""
    return EventStream(partial(_write, send), _current().cancel)


async def _write(send: Send, chunk: bytes) -> None:
    await send({"type": "http.response.body", "body": chunk, "more_body": True})


def _current() -> "asyncio.Task[Any]":
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine runs in one
    return task


def _uncancel() -> None:
    _current().uncancel()
