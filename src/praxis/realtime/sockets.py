"""WebSocket over ASGI: the same events, and subscribing while it is open."""

import asyncio
import json
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from praxis.realtime import frames
from praxis.realtime.answers import (
    FORBIDDEN,
    NOT_JSON,
    RESTARTING,
    TOO_LONG,
    TRY_LATER,
    Receive,
    Scope,
    Send,
)
from praxis.realtime.asking import Asked
from praxis.realtime.authorising import Answer, ask
from praxis.realtime.channels import Channel, channels
from praxis.realtime.client import Socket
from praxis.realtime.hub import Hub
from praxis.realtime.positions import Position, read_id
from praxis.realtime.rechecking import Recheck

MAX_MESSAGE: Final = 16_384
_CODES: Final = {frames.DRAIN: RESTARTING, "slow": TRY_LATER, "forbidden": FORBIDDEN}


class BadMessageError(ValueError):
    """A message that means nothing; the connection is closed with a code and this text."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code: Final = code


async def serve_socket(
    hub: Hub, scope: Scope, asked: Asked, answer: Answer, receive: Receive, send: Send
) -> None:
    """Serve one WebSocket until it ends."""
    if (await receive())["type"] != "websocket.connect":
        return
    cookies = [(name, value) for name, value in answer.headers if name == b"set-cookie"]
    await send({"type": "websocket.accept", "headers": cookies})
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine runs in one
    client = Socket(partial(_send, send), task.cancel)
    client.user, client.recheck = answer.user, Recheck(scope, client)
    client.is_id_unknown = asked.is_id_unknown
    code, reason = 1000, ""
    try:
        await hub.join(client, asked.wanted)
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            if message["type"] == "websocket.receive":
                await _obey(hub, client, scope, _read(message))
    except BadMessageError as error:
        code, reason = error.code, str(error)
    except asyncio.CancelledError:
        if not client.is_ended:
            raise
        task.uncancel()
        code = _CODES.get(client.last_word, 1001)
    finally:
        is_blocked = bool(client.blocked_s)
        hub.leave(client)
    if not is_blocked:
        await send({"type": "websocket.close", "code": code, "reason": reason})


async def _send(send: Send, text: str) -> None:
    await send({"type": "websocket.send", "text": text})


def _read(message: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return what a client says.

    Raises:
        BadMessageError: if it is too long, or no JSON object.
    """
    text = message.get("text")
    if text is None:
        raise BadMessageError(NOT_JSON, "Messages are texts.")
    if len(text) > MAX_MESSAGE:
        raise BadMessageError(TOO_LONG, f"Messages have at most {MAX_MESSAGE} characters.")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise BadMessageError(NOT_JSON, "Messages are JSON.") from None
    if not isinstance(found, dict):
        raise BadMessageError(NOT_JSON, "Messages are JSON objects.")
    return found


async def _obey(hub: Hub, client: Socket, scope: Scope, said: dict[str, Any]) -> None:
    """
    Do what a client says.

    Raises:
        BadMessageError: if that means nothing.
    """
    match said:
        case {"type": "subscribe", "channels": dict(wanted)}:
            await _subscribe(hub, client, scope, wanted)
        case {"type": "unsubscribe", "channels": list(names)}:
            for feed in tuple(client.feeds):
                if feed.log.name in names:
                    hub.unlisten(client, feed)
        case {"type": "ping"}:
            client.tell(frames.BEAT, {})
        case _:
            raise BadMessageError(FORBIDDEN, "Known: subscribe, unsubscribe, ping.")


async def _subscribe(hub: Hub, client: Socket, scope: Scope, said: dict[str, Any]) -> None:
    names = [name for name in said if name not in client.channels]
    if len(client.channels) + len(names) > hub.settings.max_channels:
        client.tell(frames.REFUSED, {"channels": names, "reason": "too many"})
        return
    found: list[Channel] = [each for name in names if (each := channels().find(name))]
    answer = await asyncio.create_task(ask(scope, found))
    if answer.response is not None:
        allowed: list[Channel] = []
    else:
        allowed = [each for each in found if each.name not in answer.refused]
    if refused := sorted(set(names) - {each.name for each in allowed}):
        client.tell(frames.REFUSED, {"channels": refused, "reason": "forbidden"})
    if not allowed:
        return
    positions = {each.name: _position(said[each.name]) for each in allowed}
    await hub.listen(client, [(each, positions[each.name]) for each in allowed])
    for name in [name for name in positions if said[name] and positions[name] is None]:
        client.reset_unknown(name)
    client.tell(frames.READY, {})


def _position(said: object) -> Position | None:
    found = read_id(said, 1) if isinstance(said, str) else None
    return found[0] if found else None
