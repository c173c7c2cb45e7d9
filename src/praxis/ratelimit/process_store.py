"""What a process knows by itself: its counts while Redis is gone, and refusals of a moment ago."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from praxis.ratelimit.counting import Deed, decide
from praxis.ratelimit.decisions import Decision
from praxis.ratelimit.rates import Limit


class ProcessStore:
    """
    Counts of keys, bounded: the key that was asked for longest ago goes first.

    Args:
        most: How many keys are held; above 0.
        clock: Monotonic seconds.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._parts: OrderedDict[bytes, list[Any]] = OrderedDict()
        self._lock = threading.Lock()

    def decide(
        self, key: bytes, limits: Sequence[Limit], cost: int, does: Deed = "take"
    ) -> list[int]:
        """What ``decide.lua`` would answer to this key, had it counted here alone."""
        now = int(self._clock() * 1_000_000)
        with self._lock:
            answer, parts = decide(self._parts.get(key), limits, cost, now, does)
            if parts is not None:
                self._parts[key] = parts
                self._parts.move_to_end(key)
                if len(self._parts) > self._most:
                    self._parts.popitem(last=False)
        return answer

    def forget(self, key: bytes) -> None:
        with self._lock:
            self._parts.pop(key, None)


class Refusals:
    """
    Keys of which Redis said that they are over their limit, and until when.

    Nobody can be let in before that moment, whatever other processes do: so who asks earlier need
    not ask Redis. A limit that somebody lifts by hand counts after *most_s* at the latest.

    Args:
        most: How many are held; above 0.
        most_s: A refusal is believed for so long at most.
        clock: Monotonic seconds.
    """

    def __init__(
        self, most: int, most_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._most_s, self._clock = most, most_s, clock
        self._until: OrderedDict[bytes, tuple[float, float, int, Decision]] = OrderedDict()

    def note(self, key: bytes, wait_s: float, cost: int, refusal: Decision) -> None:
        """*refusal* holds for *wait_s* for all that costs as much or more."""
        now = self._clock()
        self._until[key] = (now + min(wait_s, self._most_s), now, cost, refusal)
        if len(self._until) > self._most:
            try:
                self._until.popitem(last=False)
            except KeyError:  # another thread was faster
                return

    def known(self, key: bytes, cost: int) -> tuple[float, Decision] | None:
        """How many seconds ago a refusal was given that still holds, and that refusal."""
        found = self._until.get(key)
        if found is None:
            return None
        until, since, least, refusal = found
        now = self._clock()
        if now >= until:
            self._until.pop(key, None)
            return None
        return (now - since, refusal) if cost >= least else None

    def forget(self, key: bytes) -> None:
        self._until.pop(key, None)
