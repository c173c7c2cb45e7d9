"""
Whether a call that failed is sent again. No I/O.

A client that sends again what may have run counts twice. So a call is repeated only when it is
certain that it did not run, or when the caller says that twice is as good as once. A call that has
waited for its whole timeout has no time left for a second try.
"""

from enum import Enum
from typing import Literal

from praxis.errors import RedisRefusedError, RedisUnavailableError
from praxis.redis.replies import RedirectedError

#: What a caller may ask for: "idempotent" says that running twice is as good as running once.
Retry = Literal["idempotent"] | None

MAX_REDIRECTIONS = 5  # as redis-cli -c; more is a loop
MAX_WAITS = 4
FIRST_WAIT_S = 0.01  # doubled each time: 0.15 s in all


class Step(Enum):
    """What to do about a failure."""

    RAISE = "tell the caller"
    AGAIN = "once more, on a fresh connection"
    FOLLOW = "to the node that was named"
    WAIT = "once more in a moment"


class Tries:
    """
    What one call has been through.

    Args:
        retry: What the caller allows.
        is_cluster: Whether redirections are followed; elsewhere they are mistakes in settings.
    """

    __slots__ = ("_again", "_is_cluster", "_may_repeat", "_redirections", "_waits")

    def __init__(self, retry: Retry, *, is_cluster: bool) -> None:
        self._may_repeat = retry == "idempotent"
        self._is_cluster = is_cluster
        self._again = False
        self._redirections = 0
        self._waits = 0

    def step(self, error: RedisUnavailableError) -> Step:
        """Decide about the latest failure."""
        if isinstance(error, RedirectedError):
            self._redirections += 1
            may = self._is_cluster and self._redirections <= MAX_REDIRECTIONS
            return Step.FOLLOW if may else Step.RAISE
        if isinstance(error, RedisRefusedError):
            if error.code == "TRYAGAIN" and self._waits < MAX_WAITS:
                self._waits += 1
                return Step.WAIT
            if error.code != "READONLY":  # that one: another server may be the master by now
                return Step.RAISE
        if self._again or error.timed_out or (error.may_have_run and not self._may_repeat):
            return Step.RAISE
        self._again = True
        return Step.AGAIN

    @property
    def wait_s(self) -> float:
        """How long `Step.WAIT` is."""
        return float(FIRST_WAIT_S * 2 ** (self._waits - 1))
