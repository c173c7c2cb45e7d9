"""Whether a server that failed is worth another try now. No I/O, no clock of its own."""

import random
from collections.abc import Callable
from threading import Lock
from typing import Final

#: The first try comes after this part of `probe_s`, each further one after twice the time.
FIRST_PROBE = 1 / 8
#: Waits are stretched by up to this part, so that processes do not come back in step.
JITTER = 0.25


class Breaker:
    """
    Closed while the server answers; open after it failed; then one caller at a time may try.

    A timeout opens it at once: a server that hangs costs every caller the whole timeout, and a
    second proof would cost it again. Other failures show at once and open it when *failures* of
    them came without an answer in between. The first try follows soon, so that a short stall is
    over soon, too.

    Args:
        failures: How many in a row open it; at least 1.
        probe_s: The longest wait between two tries, in seconds; above 0.
        changed: Called with True when it opens and False when it closes, outside of the lock.
        chance: A number from 0 to below 1, for the jitter.

    Attributes:
        is_open: Whether callers are turned away. Read it without a lock: the hot path does.
        failures: How often the server failed since it last answered.
    """

    __slots__ = ("_chance", "_changed", "_closed_at", "_limit", "_lock", "_probe_s", "_retry_at",
                 "_wait_s", "failures", "is_open")  # fmt: skip

    def __init__(
        self,
        *,
        failures: int,
        probe_s: float,
        changed: Callable[[bool], None] = lambda _: None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        if failures < 1 or probe_s <= 0:
            raise ValueError(f"need failures >= 1, probe_s > 0: {failures}, {probe_s}")
        self._limit: Final = failures
        self._probe_s: Final = probe_s
        self._changed = changed
        self._chance = chance
        self._lock = Lock()
        self._closed_at = float("-inf")
        self._retry_at = 0.0
        self._wait_s = probe_s
        self.is_open = False
        self.failures = 0

    def may_try(self, now: float) -> bool:
        """
        Whether this caller may ask the server. Of an open one, that caller is the probe.

        A probe that never reports is followed by the next one after the usual wait.
        """
        with self._lock:
            if not self.is_open:
                return True
            if now < self._retry_at:
                return False
            self._postpone(now)
            return True

    def wait_s(self, now: float) -> float:
        """Seconds until the next try; 0 when it is closed or a try is due."""
        return max(0.0, self._retry_at - now) if self.is_open else 0.0

    def succeeded(self, now: float) -> None:
        """Note an answer. Needed only while `failures` is not 0."""
        with self._lock:
            self.failures = 0
            was_open, self.is_open = self.is_open, False
            if was_open:
                self._closed_at = now
        if was_open:
            self._changed(False)

    def failed(self, now: float, *, began: float, timed_out: bool) -> None:
        """
        Note that the server broke off, refused the connection or did not answer.

        Args:
            now: The time, monotonic.
            began: When the call began. One from before the breaker last closed says nothing new.
            timed_out: Whether the whole timeout was waited in vain.
        """
        with self._lock:
            if began < self._closed_at:
                return
            self.failures += 1
            opens = not self.is_open and (timed_out or self.failures >= self._limit)
            if opens:
                self.is_open = True
                self._wait_s = self._probe_s * FIRST_PROBE
                self._retry_at = now + self._stretched()
        if opens:
            self._changed(True)

    def _postpone(self, now: float) -> None:
        self._wait_s = min(self._wait_s * 2, self._probe_s)
        self._retry_at = now + self._stretched()

    def _stretched(self) -> float:
        return self._wait_s * (1 + JITTER * self._chance())
