"""What begins anew with each period: its name, its period, and when it is forgotten."""

import copy
import time
from datetime import date, datetime
from typing import Final, Self

from praxis.errors import RankingError
from praxis.rankings.asking import Asker, OnError
from praxis.rankings.periods import MAX_KEPT, Period, Periods, Span
from praxis.rankings.scores import demand_count, demand_name

FOR_ALL_TIME: Final = Span("", 0.0, float("inf"))


class Periodic:
    """What boards and counters have in common; see `praxis.rankings.Leaderboard`."""

    def __init__(
        self,
        name: str,
        *,
        period: Period | None = None,
        time_zone: str = "UTC",
        keep_periods: int = 12,
        on_error: OnError | None = None,
        replicas: int | None = None,
        redis: str | None = None,
    ) -> None:
        self.name: Final = demand_name(name)
        self._periods = None if period is None else Periods(period, time_zone)
        self._keep_periods = demand_count(keep_periods, least=0, most=MAX_KEPT, what="keep_periods")
        self._asker = Asker(name, on_error, replicas, redis)
        self._span: Span | None = None

    def __repr__(self) -> str:
        label = self._span.label if self._span else ""
        return f"<{type(self).__name__} {self.name!r}{' of ' + label if label else ''}>"

    @property
    def period(self) -> str:
        """The name of the period it is about, such as ``2026-W48``; empty for all time."""
        return self._current().label

    @property
    def dropped(self) -> int:
        """How much of what was written this process has dropped under the policy ``open``."""
        return self._asker.dropped

    def at(self, moment: datetime | date) -> Self:
        """Return that of another period: of a moment, or of a day in the time zone."""
        return self._of(self._demand_periods().of(moment))

    def past(self, count: int = 1) -> Self:
        """Return that of so many periods before."""
        demand_count(count, least=0, most=MAX_KEPT, what="count")
        return self._of(self._demand_periods().before(self._current(), count))

    def _of(self, span: Span) -> Self:
        other = copy.copy(self)
        other._span = span  # noqa: SLF001 - our own class
        return other

    def _demand_periods(self) -> Periods:
        if self._periods is None:
            raise RankingError(f"{self.name!r} has no periods: give it one, such as period='week'.")
        return self._periods

    def _current(self) -> Span:
        if self._span is not None:
            return self._span
        return FOR_ALL_TIME if self._periods is None else self._periods.at(time.time())

    def _ends_ms(self, span: Span) -> int:
        """When that of a period is forgotten; 0 for never."""
        if self._periods is None:
            return 0
        lasts_s = (span.ends_s - span.begins_s) * self._keep_periods
        return round((span.ends_s + lasts_s) * 1000)
