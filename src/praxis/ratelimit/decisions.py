"""What was decided, and on what grounds. No I/O."""

from collections.abc import Sequence
from enum import Enum

import msgspec
from msgspec.structs import replace

from praxis.ratelimit.rates import Limit


class By(Enum):
    """Who decided."""

    REDIS = "the counts of all processes"
    KNOWN = "what Redis said a moment ago"
    PROCESS = "the counts of this process, since Redis cannot be asked"
    POLICY = "the policy for a lost Redis"
    LIST = "a list of those who are always let in, or never"
    OFF = "somebody who switched the limit off"


class State(msgspec.Struct, frozen=True):
    """
    One limit after a decision.

    Attributes:
        limit: The rule.
        remaining: How much may still come now.
        reset_s: Seconds until all of it may come again.
        wait_s: Seconds until what was asked fits; 0 if it fits, infinity if it never does.
    """

    limit: Limit
    remaining: int
    reset_s: float
    wait_s: float


class Decision(msgspec.Struct, frozen=True):
    """
    Whether something may happen.

    Attributes:
        is_allowed: Whether it may. It is true where a limit would have refused it in a dry run.
        states: Of each limit, in their order; empty where nobody counted.
        by: Who decided.
        name: Of the limiter.
        is_dry: Whether it was over a limit that only looks on.
    """

    is_allowed: bool
    states: tuple[State, ...] = ()
    by: By = By.REDIS
    name: str = ""
    is_dry: bool = False

    def __bool__(self) -> bool:
        return self.is_allowed

    @property
    def tightest(self) -> State | None:
        """The limit that refuses for the longest time, or else has the least left."""
        if not self.states:
            return None
        return max(self.states, key=lambda one: (one.wait_s, -one.remaining, one.reset_s))

    @property
    def retry_after_s(self) -> float:
        """Seconds until it may be tried again; 0 if it is allowed, infinity if it never will be."""
        return max((one.wait_s for one in self.states), default=0.0)

    def later(self, ago_s: float) -> "Decision":
        """The same so many seconds later, as it is known without asking."""
        states = tuple(
            State(
                one.limit,
                one.remaining,
                max(0.0, one.reset_s - ago_s),
                max(0.0, one.wait_s - ago_s),
            )
            for one in self.states
        )
        return Decision(self.is_allowed, states, By.KNOWN, self.name, self.is_dry)

    def dry(self) -> "Decision":
        """The same, with the refusal told and not acted on."""
        return self if self.is_allowed else replace(self, is_allowed=True, is_dry=True)


def read_answer(
    answer: Sequence[int], limits: Sequence[Limit], *, name: str, by: By = By.REDIS
) -> Decision:
    """What the answer of ``decide.lua`` to one key means."""
    states, at = [], 1
    for limit in limits:
        left, reset_us, wait_us = answer[at : at + 3]
        wait_s = wait_us / 1_000_000 if wait_us >= 0 else float("inf")
        states.append(State(limit, max(0, left), reset_us / 1_000_000, wait_s))
        at += 3
    return Decision(answer[0] == 1, tuple(states), by, name)
