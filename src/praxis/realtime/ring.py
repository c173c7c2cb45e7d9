"""The last events of a channel in a process, in a row without holes. No I/O."""

from typing import Final

from praxis.realtime.frames import Event
from praxis.realtime.positions import Position

MAX_EVENTS: Final = 256
MAX_BYTES: Final = 1_000_000


class Ring:
    """
    What was heard of one epoch of a channel, from `start` to `head`, each event once.

    Attributes:
        start: Whoever is there has all that came before the first event.
        head: The position of the last event.
    """

    __slots__ = ("_bytes", "_events", "head", "start")

    def __init__(self, head: Position) -> None:
        self.begin(head)

    def begin(self, head: Position) -> None:
        """Forget all events: those up to *head* are to be looked up elsewhere."""
        self.start = self.head = head
        self._events: list[Event] = []
        self._bytes = 0

    def follows(self, position: Position) -> bool:
        """Whether an event is the one that comes next."""
        return position.seq == self.head.seq + 1 and position.epoch == self.head.epoch

    def push(self, event: Event) -> None:
        """Take the event that comes next; forget the oldest ones if it gets too much."""
        self._events.append(event)
        self._bytes += len(event.payload)
        self.head = event.position
        if len(self._events) > 2 * MAX_EVENTS or self._bytes > 2 * MAX_BYTES:
            self._trim()

    def after(self, position: Position, most: int) -> list[Event] | None:
        """Return the events behind a position, so many at most; None if they are not here."""
        if position >= self.head:
            return []
        if position < self.start:
            return None
        first = position.seq - self.start.seq  # in one epoch, as start <= position < head
        return self._events[first : first + most]

    def _trim(self) -> None:
        """Half of it at once, so that a push costs nothing much."""
        kept = self._events[-MAX_EVENTS:]
        self._bytes = sum(len(event.payload) for event in kept)
        while self._bytes > MAX_BYTES and len(kept) > 1:
            self._bytes -= len(kept.pop(0).payload)
        self.start = Position(kept[0].position.epoch, kept[0].position.seq - 1)
        self._events = kept
