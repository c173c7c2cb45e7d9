"""What a board is: its name, its rules, and the period that it is about. No I/O."""

import copy
import time
from datetime import date, datetime
from typing import Final, Literal, Self

from praxis.errors import RankingError
from praxis.rankings.asking import Asker, OnError
from praxis.rankings.calls import Board, Rules
from praxis.rankings.periods import MAX_KEPT, Period, Periods, Span
from praxis.rankings.scores import demand_count, demand_name

Order = Literal["desc", "asc"]
#: Ranks of those who share a score: ``competition`` 1, 2, 2, 4; ``dense`` 1, 2, 2, 3; ``first``
#: 1, 2, 3, 4, in the order in which they reached it.
Ties = Literal["competition", "dense", "first"]
_TIES = {"competition": "c", "dense": "d", "first": "f"}
#: How deep a page may begin.
MAX_PLACE: Final = 2**53
HALF_LIVES_S: Final = (1.0, 10 * 366 * 86_400.0)
FOR_ALL_TIME = Span("", 0.0, float("inf"))


class Definition:
    """
    What boards have in common; see `praxis.rankings.Leaderboard` for its arguments.

    Raises:
        RankingError: if one of them means nothing.
    """

    def __init__(
        self,
        name: str,
        *,
        period: Period | None = None,
        time_zone: str = "UTC",
        order: Order = "desc",
        ties: Ties = "competition",
        half_life_s: float | None = None,
        keep_periods: int = 12,
        keep: int = 0,
        on_error: OnError | None = None,
        replicas: int | None = None,
        redis: str | None = None,
    ) -> None:
        self.name: Final = demand_name(name)
        self._rules = rules_of(order, ties, half_life_s, keep)
        if half_life_s is not None and period is not None:
            raise RankingError(
                f"{name!r} has a half-life and a period. Scores that fade need no new beginning."
            )
        self._periods = None if period is None else Periods(period, time_zone)
        self._keep_periods = demand_count(keep_periods, least=0, most=MAX_KEPT, what="keep_periods")
        self._asker = Asker(name, on_error, replicas, redis)
        self._span: Span | None = None
        self._known: Span | None = None
        self._boards: list[Board] = []

    def __repr__(self) -> str:
        label = self._span.label if self._span else ""
        return f"<{type(self).__name__} {self.name!r}{' of ' + label if label else ''}>"

    @property
    def period(self) -> str:
        """The name of the period it is about, such as ``2026-W48``; empty for all time."""
        return self._current().label

    @property
    def dropped(self) -> int:
        """How many scores this process has dropped under the policy ``open``."""
        return self._asker.dropped

    def at(self, moment: datetime | date) -> Self:
        """Return the board of another period: of a moment, or of a day in the time zone."""
        return self._of(self._demand_periods().of(moment))

    def past(self, count: int = 1) -> Self:
        """Return the board of so many periods before."""
        demand_count(count, least=0, most=MAX_KEPT, what="count")
        return self._of(self._demand_periods().before(self._current(), count))

    def _of(self, span: Span) -> Self:
        other = copy.copy(self)
        other._span, other._boards = span, []  # noqa: SLF001 - our own class
        return other

    def _demand_periods(self) -> Periods:
        if self._periods is None:
            raise RankingError(f"{self.name!r} has no periods: give it one, such as period='week'.")
        return self._periods

    def _current(self) -> Span:
        if self._span is not None:
            return self._span
        return FOR_ALL_TIME if self._periods is None else self._periods.at(time.time())

    def _parts(self) -> list[Board]:
        """The boards of the period that it is about: one, or as many as it has parts."""
        span = self._current()
        if self._known is not span or not self._boards:
            self._boards, self._known = self._parts_of(span), span
        return self._boards

    def _place(self, written: bytes) -> int:
        """Which of its parts a member belongs to."""
        del written
        return 0

    def _parts_of(self, span: Span) -> list[Board]:
        return [Board(self._rules, self.name, span.label, self._ends_ms(span))]

    def _ends_ms(self, span: Span) -> int:
        """When the board of a period is forgotten; 0 for never."""
        if self._periods is None:
            return 0
        lasts_s = (span.ends_s - span.begins_s) * self._keep_periods
        return round((span.ends_s + lasts_s) * 1000)


def rules_of(order: str, ties: str, half_life_s: float | None, keep: int) -> Rules:
    """
    Return the rules of a board.

    Raises:
        RankingError: if one of them means nothing.
    """
    if order not in {"desc", "asc"}:
        raise RankingError(f"order must be 'desc' or 'asc', not {order!r}.")
    if ties not in _TIES:
        raise RankingError(f"ties must be one of {', '.join(map(repr, _TIES))}, not {ties!r}.")
    if half_life_s is not None:
        least, most = HALF_LIVES_S
        if type(half_life_s) not in {int, float} or not least <= half_life_s <= most:
            raise RankingError(
                f"half_life_s is a number of seconds from {least:.0f} to {most:.0f}, not "
                f"{half_life_s!r}."
            )
        if ties != "competition":
            raise RankingError(f"Scores that fade have no ties by {ties!r}: hardly two are equal.")
    half_us = 0 if half_life_s is None else round(half_life_s * 1e6)
    demand_count(keep, least=0, most=MAX_PLACE, what="keep")
    return Rules(more_is_better=order == "desc", ties=_TIES[ties], half_life_us=half_us, keep=keep)
