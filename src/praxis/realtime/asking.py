"""What a client asks for: the channels and where it was, as the request says. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from praxis.realtime.channels import Channel, Channels
from praxis.realtime.positions import Position, read_id

_MAX_QUERY_BYTES: Final = 16_384


class BadRequestError(ValueError):
    """The request means nothing; the text is for the client."""


@dataclass(frozen=True, slots=True)
class Asked:
    """
    What a request asks for.

    Attributes:
        names: The channels that it names, each once, in order.
        channels: Those that are declared.
        positions: Where the client was, by channel; None for "from now on".
        is_id_unknown: Whether it said where it was, in words that mean nothing.
    """

    names: Sequence[str]
    channels: Sequence[Channel]
    positions: Mapping[str, Position | None]
    is_id_unknown: bool

    @property
    def wanted(self) -> Sequence[tuple[Channel, Position | None]]:
        return [(channel, self.positions[channel.name]) for channel in self.channels]


def read_request(scope: Mapping[str, Any], known: Channels, most: int) -> Asked:
    """
    Read what the query says: ``?channel=orders&channel=user:5&last=ID``.

    Raises:
        BadRequestError: if it is too long, or names more than *most* channels.
    """
    query = scope.get("query_string", b"")
    if len(query) > _MAX_QUERY_BYTES:
        raise BadRequestError("The query is too long.")
    pairs = parse_qsl(query.decode("latin-1"))
    names = sorted({value for name, value in pairs if name == "channel"})
    if len(names) > most:
        raise BadRequestError(f"At most {most} channels can be subscribed at once.")
    last = _header(scope, b"last-event-id")
    if last is None:
        last = next((value for name, value in pairs if name == "last"), "")
    found = {name: known.find(name) for name in names}
    return read_last(names, [each for each in found.values() if each], last)


def read_last(names: Sequence[str], channels: Sequence[Channel], last: str) -> Asked:
    """Read where the client was: the id of its last event, or nothing."""
    positions = read_id(last, len(names)) if last else None
    by_name = dict(zip(names, positions or [None] * len(names), strict=True))
    return Asked(names, channels, by_name, is_id_unknown=bool(last) and positions is None)


def _header(scope: Mapping[str, Any], wanted: bytes) -> str | None:
    for name, value in scope.get("headers", ()):
        if name == wanted:
            return bytes(value).decode("latin-1")
    return None
