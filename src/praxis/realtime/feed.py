"""One channel in this process: what was heard of it, and who listens. No I/O."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from praxis.realtime.frames import Event
from praxis.realtime.log import Log
from praxis.realtime.positions import Position
from praxis.realtime.ring import Ring


class Listener(Protocol):
    """Who listens to a channel."""

    def wake(self) -> None:
        """Look whether there is anything new."""


class Feed:
    """
    The state of a channel.

    Attributes:
        log: Its keys and calls.
        clients: Who listens here, in the order of arrival.
        ring: What was heard; None until it was looked up where the channel is.
        live: Set while all events are in the ring or before its start: Redis tells us of new ones,
            and where the channel is was looked up after that began.
        confirmations: How often Redis began to tell us of new events.
        wanted: The last event that was heard of and does not follow on the ring's head.
        suspect: Where Redis says that the channel is, while we have not heard of it.
        left_s: Since when nobody listens.
        lost_s: Since when it is not live.
        checked_s: When Redis was asked for the last time.
    """

    __slots__ = ("checked_s", "clients", "confirmations", "is_confirmed", "left_s", "live", "log",
                 "lost_s", "ring", "suspect", "wanted")  # fmt: skip

    def __init__(self, log: Log, now_s: float = 0.0) -> None:
        self.log: Final = log
        self.clients: Final[dict[Listener, None]] = {}
        self.ring: Ring | None = None
        self.live: Final = asyncio.Event()
        self.confirmations = 0
        self.is_confirmed = False
        self.wanted: Position | None = None
        self.suspect: Position | None = None
        self.left_s = self.lost_s = self.checked_s = now_s

    @property
    def head(self) -> Position | None:
        return self.ring.head if self.ring else None

    def is_before(self, position: Position) -> bool:
        """Whether a client has more than what is known here."""
        return self.ring is not None and position > self.ring.head

    def heard(self, position: Position, payload: bytes) -> bool:
        """
        Take what came through the subscription; each event once, in order.

        Returns:
            Whether it could not be taken, since something is missing before it: then the channel
            has to be looked up.
        """
        ring = self.ring
        if ring is not None and position <= ring.head:
            return False
        if ring is not None and self.live.is_set() and ring.follows(position):
            ring.push(Event(self.log.name, position, payload))
            return False
        self.wanted = max(self.wanted or position, position)
        return True

    def located(self, head: Position, confirmations: int) -> bool:
        """
        Take where the channel is: clients look up what is between.

        Args:
            head: The last position, as Redis says.
            confirmations: What they were before Redis was asked; 0 if there was none in force.

        Returns:
            Whether that was all; else it has to be looked up again.
        """
        if self.ring is None:
            self.ring = Ring(head)
        elif head > self.ring.head:
            self.ring.begin(head)
        if self.wanted and self.wanted <= self.ring.head:
            self.wanted = None
        self.suspect = None
        if self.is_confirmed and self.confirmations == confirmations:
            self.live.set()
        return self.wanted is None and (self.live.is_set() or not self.is_confirmed)

    def confirmed(self) -> None:
        """Note that Redis tells of new events from now on."""
        self.confirmations += 1
        self.is_confirmed = True

    def interrupted(self, now_s: float) -> None:
        """Note that nothing is heard any more."""
        if self.live.is_set():
            self.lost_s = now_s
        self.is_confirmed = False
        self.live.clear()

    def is_behind(self, head: Position) -> bool:
        """
        Whether an event was not heard of that Redis already had when it was asked before.

        What it has now may be on its way.
        """
        if self.ring is None or head <= self.ring.head:
            self.suspect = None
            return False
        before, self.suspect = self.suspect, head
        return before is not None and self.ring.head < before


@dataclass(frozen=True, slots=True)
class Reset:
    """
    Events before this position are missing, and the client has to be told.

    Attributes:
        position: The client is here now; None for where it was.
        reason: ``trimmed`` if they are no longer kept, ``restarted`` if Redis may have lost some,
            ``unknown`` if the client names an event that is not known.
        missed: How many; None if nobody knows.
    """

    position: Position | None
    reason: str
    missed: int | None = None


def gap(before: Position, after: Position) -> Reset | None:
    """What is missing between what a client has and the position before what it gets next."""
    if before == after:
        return None
    if before.epoch == after.epoch:
        return Reset(after, "trimmed", after.seq - before.seq)
    return Reset(after, "restarted")


def bridge(position: Position, events: Iterable[Event], start: Position) -> Iterator[Event | Reset]:
    """
    Go on from a position through what the log has, towards the start of the ring.

    Args:
        position: What the client has.
        events: What the log has behind it; nothing if it has no more.
        start: Where the ring begins.
    """
    has_any = False
    for event in events:
        has_any = True
        before = Position(event.position.epoch, event.position.seq - 1)
        if missing := gap(position, before):
            yield missing
        yield event
        position = event.position
    if not has_any and position < start and (missing := gap(position, start)):
        yield missing
