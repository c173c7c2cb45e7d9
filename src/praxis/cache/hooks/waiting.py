"""Waiting for another one who computes the same."""

import time
from collections.abc import Iterator

_FIRST_S, _LONGEST_S = 0.001, 0.025


def pauses(total_s: float) -> Iterator[float]:
    """
    Seconds to sleep before each look: short ones first, which is all that most queries take.

    Args:
        total_s: When to give up.
    """
    ends, pause_s = time.monotonic() + total_s, _FIRST_S
    while time.monotonic() < ends:
        yield pause_s
        pause_s = min(pause_s * 2, _LONGEST_S)
