"""How much is allowed, as people write it: ``100/m``. No I/O."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, get_args

from praxis.errors import RateError

Algorithm = Literal["window", "gcra", "fixed", "bucket"]
ALGORITHMS: tuple[str, ...] = get_args(Algorithm)
#: Counts fit into four bytes, and times in microseconds into a double without loss.
MAX_COUNT = 1_000_000_000
MIN_PERIOD_S, MAX_PERIOD_S = 0.01, 366 * 24 * 3600.0
#: More limits than these of one key would make its state long.
MAX_LIMITS = 8

_SECONDS = {
    "s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600,
    "d": 86_400, "day": 86_400, "w": 604_800, "week": 604_800,
}  # fmt: skip
_RATE = re.compile(r"(\d[\d_]*)\s*(?:/|per)\s*(\d*)\s*([a-z]+?)s?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rate:
    """
    So many in so long.

    Attributes:
        count: At least 1, at most a thousand million.
        period_s: Seconds, from 0.01 to a year.

    Raises:
        RateError: if a number is out of range.
    """

    count: int
    period_s: float

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MAX_COUNT:
            raise RateError(f"A rate needs a count from 1 to {MAX_COUNT:_}, not {self.count}.")
        if not MIN_PERIOD_S <= self.period_s <= MAX_PERIOD_S:
            raise RateError(
                f"A rate needs a period from {MIN_PERIOD_S} to {MAX_PERIOD_S:.0f} seconds, "
                f"not {self.period_s}."
            )

    @property
    def period_us(self) -> int:
        return round(self.period_s * 1_000_000)

    def __str__(self) -> str:
        return f"{self.count}/{self.period_s:g}s"


@dataclass(frozen=True, slots=True)
class Limit:
    """
    One rule: a rate, and how it is kept.

    Attributes:
        rate: So many in so long.
        algorithm: ``window``: no span of the period's length ever holds more than the count.
            ``gcra``: evenly spaced, with *burst* at once. ``fixed``: the count, and then nothing
            until the period that began with the first one is over. ``bucket``: tokens that come
            back at the rate, up to *burst* of them.
        burst: Of ``gcra`` and ``bucket``, how many may come at once; 0 for a tenth of the count
            (``gcra``) or all of it (``bucket``). A span of the period's length then holds up to
            count + burst.

    Raises:
        RateError: if there is no such algorithm, or the burst is out of range.
    """

    rate: Rate
    algorithm: str = "window"
    burst: int = 0

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS:
            close = get_close_matches(str(self.algorithm), ALGORITHMS, n=1)
            meant = f"Did you mean {close[0]!r}? " if close else ""
            raise RateError(
                f"There is no algorithm {self.algorithm!r}. {meant}There are: "
                f"{', '.join(map(repr, ALGORITHMS))}."
            )
        if self.burst and self.algorithm in {"window", "fixed"}:
            raise RateError(f"Leave burst out: {self.algorithm!r} allows its whole count at once.")
        if not 0 <= self.burst <= self.rate.count:
            raise RateError(
                f"burst must be from 0 to the count of the rate, {self.rate.count}, "
                f"not {self.burst}."
            )

    @property
    def at_once(self) -> int:
        """How many may come at once, and thus the greatest cost of one."""
        if self.burst:
            return self.burst
        return max(1, self.rate.count // 10) if self.algorithm == "gcra" else self.rate.count


def parse_rate(text: str) -> Rate:
    """
    Return the rate that is written ``100/m``, ``5/10s``, ``10_000/day`` or ``3 per 2 hours``.

    Raises:
        RateError: if it means nothing, or is out of range.
    """
    found = _RATE.fullmatch(str(text).strip().lower())
    if found is None or found[3] not in _SECONDS:
        raise RateError(
            f"{text!r} is no rate. Write a count, a slash and a period of s, m, h, d or w: "
            "'100/m', '5/10s', '1000/day'."
        )
    return Rate(int(found[1].replace("_", "")), int(found[2] or 1) * _SECONDS[found[3]])


def limits_of(
    rates: str | Rate | Limit | Sequence[str | Rate | Limit],
    *,
    algorithm: str = "window",
    burst: int = 0,
) -> tuple[Limit, ...]:
    """
    Return the limits that are meant by one rate, several in a list, or several with commas.

    Raises:
        RateError: if one of them means nothing, or there are none, or too many.
    """
    if isinstance(rates, str):
        rates = [part for part in rates.split(",") if part.strip()]
    elif isinstance(rates, Rate | Limit):
        rates = [rates]
    found = tuple(_limit(one, algorithm, burst) for one in rates)
    if not 1 <= len(found) <= MAX_LIMITS:
        raise RateError(f"A limiter needs 1 to {MAX_LIMITS} rates, not {len(found)}.")
    return found


def _limit(one: str | Rate | Limit, algorithm: str, burst: int) -> Limit:
    if isinstance(one, Limit):
        return one
    return Limit(one if isinstance(one, Rate) else parse_rate(one), algorithm, burst)
