"""Events and notices as clients read them: lines of Server-Sent Events, or texts of WebSocket."""

import json
from collections.abc import Mapping
from typing import Any, Final

from praxis.realtime.positions import Position

READY, RESET, BEAT = "praxis.ready", "praxis.reset", "praxis.beat"
INTERRUPTED, LIVE = "praxis.interrupted", "praxis.live"
DROPPED, DRAIN, PRESENCE = "praxis.dropped", "praxis.drain", "praxis.presence"
REFUSED: Final = "praxis.refused"


class Event:
    """
    One event of a channel, written once for all clients of the process.

    Attributes:
        channel: The channel's name.
        position: Where in the channel it is.
        payload: JSON, without a line's end in it.
    """

    __slots__ = ("_lines", "_text", "channel", "payload", "position")

    def __init__(self, channel: str, position: Position, payload: bytes) -> None:
        self.channel: Final = channel
        self.position: Final = position
        self.payload: Final = payload
        self._lines = b""
        self._text = ""

    def lines(self, event_id: str | None = None) -> bytes:
        """Server-Sent Events; the id is the one of several channels, None for that of this one."""
        if event_id is not None:
            return b"id: %s\nevent: %s\ndata: %s\n\n" % (
                event_id.encode(), self.channel.encode(), self.payload,
            )  # fmt: skip
        if not self._lines:
            self._lines = self.lines(str(self.position))
        return self._lines

    def text(self) -> str:
        """The text of a WebSocket message."""
        if not self._text:
            payload = self.payload.decode()
            self._text = f'{{"channel":"{self.channel}","id":"{self.position}","data":{payload}}}'
        return self._text


def notice_lines(name: str, data: Mapping[str, Any], event_id: str, retry_ms: int = 0) -> bytes:
    """Write what we have to say ourselves as Server-Sent Events."""
    retry = f"retry: {retry_ms}\n" if retry_ms else ""
    known = f"id: {event_id}\n" if event_id else ""
    return f"{retry}{known}event: {name}\ndata: {_json(data)}\n\n".encode()


def notice_text(name: str, data: Mapping[str, Any]) -> str:
    """Write what we have to say ourselves as a WebSocket message."""
    return _json({"type": name, **data})


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
