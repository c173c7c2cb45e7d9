"""Where a client is in its channels, and the event ids that say so. No I/O."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple


class Position(NamedTuple):
    """
    The last event that somebody has of a channel; a later one is greater.

    Attributes:
        epoch: Which life of the channel, in milliseconds since 1970: another one begins when Redis
            may have lost events, and when the channel was forgotten.
        seq: The number of the event in it; 0 before the first.
    """

    epoch: int
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch}-{self.seq}"


#: Between the positions of several channels, which are in the order of the channels' names.
_BETWEEN: Final = "."
#: Where the client has no position yet.
_NOWHERE: Final = "_"
_POSITION: Final = re.compile(r"([0-9]{1,15})-([0-9]{1,15})", re.ASCII)


def format_id(positions: Sequence[Position | None]) -> str:
    """Return the id of an event for a client that has these positions after it."""
    return _BETWEEN.join(_NOWHERE if each is None else str(each) for each in positions)


def read_id(text: str, count: int) -> list[Position | None] | None:
    """
    Return the positions that an id stands for; None if it is no id of so many channels.

    It comes from the client and may be anything.
    """
    if len(text) > 32 * count:
        return None
    parts = text.split(_BETWEEN)
    if len(parts) != count:
        return None
    found: list[Position | None] = []
    for part in parts:
        if part == _NOWHERE:
            found.append(None)
        elif match := _POSITION.fullmatch(part):
            found.append(Position(int(match[1]), int(match[2])))
        else:
            return None
    return found
