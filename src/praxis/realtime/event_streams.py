"""Server-Sent Events over ASGI."""

import asyncio
from functools import partial
from typing import Any, Final

from praxis.realtime.answers import Receive, Send
from praxis.realtime.client import EventStream
from praxis.realtime.hub import Hub, Wanted

#: Nothing between here and the browser may keep events back; nginx reads the last one.
HEADERS: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),
)


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
