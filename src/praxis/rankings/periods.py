"""Hours, days, weeks, … of a time zone, each with a name of its own. No I/O."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from praxis.errors import RankingError

#: How long a board counts before it begins anew.
Period = Literal["hour", "day", "week", "month", "year"]
MAX_KEPT: Final = 1000


class Span(NamedTuple):
    """
    One period.

    Attributes:
        label: Such as ``2026-11-28``, ``2026-W48``, ``2026-11``, ``2026``; ``2026-11-28T08+0100``.
        begins_s: When it begins, in seconds since 1970.
        ends_s: When the next one does.
    """

    label: str
    begins_s: float
    ends_s: float


class Periods:
    """
    The periods of one kind.

    Args:
        kind: How long one is.
        time_zone: Whose midnight ends it, as ``Europe/Vienna``.

    Raises:
        RankingError: if the kind or the zone is not known.
    """

    def __init__(self, kind: str, time_zone: str) -> None:
        if kind not in _BEGINNINGS:
            known = ", ".join(map(repr, _BEGINNINGS))
            raise RankingError(f"There is no period {kind!r}. Known: {known}; None for all time.")
        try:
            self._zone: Final = ZoneInfo(time_zone)
        except (ZoneInfoNotFoundError, ValueError, TypeError, OSError) as error:
            raise RankingError(
                f"There is no time zone {time_zone!r}. Write one such as 'Europe/Vienna'."
            ) from error
        self._begin, self._next, self._format = _BEGINNINGS[kind]
        self._now = Span("", 0.0, 0.0)

    def at(self, moment_s: float) -> Span:
        """The period of a moment, in seconds since 1970."""
        span = self._now
        if span.begins_s <= moment_s < span.ends_s:
            return span
        self._now = span = self._found(moment_s)
        return span

    def before(self, span: Span, count: int = 1) -> Span:
        """The period so many before another one."""
        for _ in range(count):
            span = self._found(span.begins_s - 1)
        return span

    def of(self, moment: datetime | date) -> Span:
        """
        The period of a moment, or of a day in the time zone.

        Raises:
            RankingError: if it is neither, or a datetime without a time zone.
        """
        if isinstance(moment, datetime):
            if moment.tzinfo is None:
                raise RankingError("A datetime without a time zone is no moment: make it aware.")
            return self._found(moment.timestamp())
        if isinstance(moment, date):
            noon = datetime(moment.year, moment.month, moment.day, 12, tzinfo=self._zone)
            return self._found(noon.timestamp())
        raise RankingError(f"A period is named by a date or a datetime, not {moment!r}.")

    def _found(self, moment_s: float) -> Span:
        local = datetime.fromtimestamp(moment_s, self._zone)
        begins = self._begin(local)
        begins_s = begins.timestamp()
        ends_s = self._next(begins).timestamp() if self._next else begins_s + 3600
        return Span(begins.strftime(self._format), begins_s, ends_s)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


def _monday(moment: datetime) -> datetime:
    return _midnight(moment) - timedelta(days=moment.weekday())


def _next_month(moment: datetime) -> datetime:
    return _midnight(moment + timedelta(days=31)).replace(day=1)


#: Where one begins, where the next one does (None: an hour later, whatever the clocks say), and
#: what it is called. The days of `timedelta` are those of the calendar, not of 24 hours.
_BEGINNINGS: dict[str, tuple[Callable[[datetime], datetime], Any, str]] = {
    "hour": (
        lambda moment: moment.replace(minute=0, second=0, microsecond=0),
        None,
        "%Y-%m-%dT%H%z",
    ),
    "day": (_midnight, lambda begins: begins + timedelta(days=1), "%Y-%m-%d"),
    "week": (_monday, lambda begins: begins + timedelta(days=7), "%G-W%V"),
    "month": (lambda moment: _midnight(moment).replace(day=1), _next_month, "%Y-%m"),
    "year": (
        lambda moment: _midnight(moment).replace(month=1, day=1),
        lambda begins: begins.replace(year=begins.year + 1),
        "%Y",
    ),
}
