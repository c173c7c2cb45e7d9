"""
Holds: while one stands no look counts, so that writers need not wait after each write.

A look that began before a word was visible may count for a while after it. So who leaves a word
waits until it counts no more. A hold is a word that says: until then, no look counts. Once one has
been visible for as long as a look counts, none counts at all, and as long as it stands none will;
a write that is committed meanwhile can be acknowledged at once. Looks after it see its word.
"""

import threading
from collections.abc import Callable

#: By how much two clocks may differ in what they take for a second.
DRIFT = 0.1
#: How many times as long as a look counts a hold stands.
LOOKS_HELD = 5
#: Redis and the database count in milliseconds.
_GRAIN_S = 0.002


class Holds:
    """
    The holds that one process has left in one database. All times are seconds of its own clock.

    Args:
        look_s: How long a look counts.
        clock: Seconds that only go forward.
    """

    def __init__(self, look_s: float, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._wait_s = look_s * (1 + DRIFT) + _GRAIN_S
        self.life_s = look_s * LOOKS_HELD
        self._lock = threading.Lock()
        self._waited_s: float | None = None
        self._visible_s: float | None = None
        self._ends_s = 0.0

    def is_wanted(self) -> bool:
        """
        Whether the next word should come with one: if a write had to wait just before.

        A failure that is over at once is not worth that all readers ask the database for a while.
        """
        now = self._clock()
        with self._lock:
            if self._waited_s is None or now - self._waited_s > self.life_s:
                return False
            return self._visible_s is None or self._ends_s - now < self.life_s / 2

    def left(self, *, begun_s: float, committed_s: float) -> None:
        """
        One was left.

        Args:
            begun_s: Before it was made.
            committed_s: When it was visible for certain.
        """
        ends_s = begun_s + self.life_s * (1 - DRIFT) - _GRAIN_S
        with self._lock:
            if self._visible_s is None or committed_s > self._ends_s:
                self._visible_s = committed_s  # else there was no moment without one
            self._ends_s = max(self._ends_s, ends_s)

    def acknowledgeable_s(self, committed_s: float) -> float:
        """
        When a write may be acknowledged, of which word was visible at *committed_s*.

        It is said of a moment at which no look counts: looks that count afterwards saw the word.
        """
        with self._lock:
            self._waited_s = self._clock()
            plain_s = committed_s + self._wait_s
            if self._visible_s is None:
                return plain_s
            held_s = max(committed_s, self._visible_s + self._wait_s)
            return min(plain_s, held_s) if held_s <= self._ends_s else plain_s
