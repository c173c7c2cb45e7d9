"""
The algorithms of ``decide.lua`` in Python, for counts of this process alone. No I/O.

Times are whole microseconds of whatever clock the caller uses.
"""

from collections.abc import Callable, Sequence
from math import ceil, floor
from typing import Any, Literal

from praxis.ratelimit.rates import Limit

#: A period is counted in so many segments.
SEGMENTS = 10
#: What doubles lose: a wait of less is none, a part of a token of less is there.
_LOST_US, _LOST = 1e-3, 1e-6

#: ``take`` it, ``look`` only, or ``return`` what was taken in vain.
Deed = Literal["take", "look", "return"]
#: What is left, microseconds until all is there again, until the cost fits; and what makes the new
#: part, with the microseconds until all is there again then.
Judged = tuple[int, int, int, Callable[[], tuple[Any, int]]]


def decide(
    parts: Sequence[Any] | None, limits: Sequence[Limit], cost: int, now: int, does: Deed
) -> tuple[list[int], list[Any] | None]:
    """
    Decide under all limits of one key, or not at all.

    Args:
        parts: What the last decision left, one a limit; None if there was none.
        limits: The limits.
        cost: What it costs, at least 1.
        now: The time.
        does: What is done if there is enough.

    Returns:
        What ``decide.lua`` answers; and the new parts, None if they are the old ones.
    """
    answer, makers = [1], list[Callable[[], tuple[Any, int]]]()
    cost = -cost if does == "return" else cost
    for limit, part in zip(limits, parts or [None] * len(limits), strict=True):
        left, reset, wait, make = _KINDS[limit.algorithm](part, limit, cost, now)
        if cost > limit.at_once:
            wait = -1
        if wait:
            answer[0] = 0
        answer += (left, reset, wait)
        makers.append(make)
    if does == "return":
        answer[0] = 1
    if does == "look" or not answer[0]:
        return answer, None
    new = []
    for index, make in enumerate(makers):
        part, reset = make()
        at = 1 + 3 * index
        answer[at], answer[at + 1] = answer[at] - cost, reset
        new.append(part)
    return answer, new


def _window(part: Any, limit: Limit, cost: int, now: int) -> Judged:
    segment = ceil(limit.rate.period_us / SEGMENTS)
    current = now // segment
    began, counts = part or (current, [0] * (SEGMENTS + 1))
    behind = max(0, current - began)
    seen = [*counts[min(behind, SEGMENTS + 1) :], *[0] * min(behind, SEGMENTS + 1)]
    used = sum(seen)
    over, reset, wait, freed = used + cost - limit.rate.count, 0, 0, 0
    for i, count in enumerate(seen):
        if count:
            reset = (current + i + 1) * segment - now
            freed += count
            if over > 0 and not wait and freed >= over:
                wait = reset

    def make() -> tuple[Any, int]:
        rest, reset = cost, 0
        for i in range(SEGMENTS, -1, -1):  # what is returned came last, as far as anybody knows
            change = max(rest, -seen[i])
            seen[i], rest = seen[i] + change, rest - change
            if seen[i] and not reset:
                reset = (current + i + 1) * segment - now
        return (current, seen), reset

    return limit.rate.count - used, reset, wait, make


def _gcra(part: Any, limit: Limit, cost: int, now: int) -> Judged:
    gap, most = limit.rate.period_us / limit.rate.count, limit.at_once
    due = min(max(now if part is None else part, now), now + most * gap)
    left = floor((now + most * gap - due) / gap + _LOST)
    wait = max(0, ceil(due + cost * gap - most * gap - now - _LOST_US))

    def make() -> tuple[Any, int]:
        then = max(now, due + cost * gap)
        return then, ceil(then - now)

    return left, ceil(due - now), wait, make


def _fixed(part: Any, limit: Limit, cost: int, now: int) -> Judged:
    began, used = part or (now, 0)
    if not began <= now < began + limit.rate.period_us:
        began, used = now, 0
    ends = began + limit.rate.period_us - now if used else 0
    wait = ends if used + cost > limit.rate.count else 0

    def make() -> tuple[Any, int]:
        then = max(0, used + cost)
        return (began, then), began + limit.rate.period_us - now if then else 0

    return limit.rate.count - used, ends, wait, make


def _bucket(part: Any, limit: Limit, cost: int, now: int) -> Judged:
    gap, most = limit.rate.period_us / limit.rate.count, limit.at_once
    tokens, at = part or (most, now)
    tokens = min(most, tokens + max(0, now - at) / gap)
    lacking = cost - tokens
    wait = ceil(lacking * gap) if lacking > _LOST else 0

    def make() -> tuple[Any, int]:
        then = min(most, tokens - cost)
        return (then, now), ceil((most - then) * gap)

    return floor(tokens + _LOST), ceil((most - tokens) * gap), wait, make


_KINDS = {"window": _window, "gcra": _gcra, "fixed": _fixed, "bucket": _bucket}
