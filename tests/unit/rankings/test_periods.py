from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from praxis.errors import RankingError
from praxis.rankings.periods import Periods

VIENNA = ZoneInfo("Europe/Vienna")


@pytest.mark.parametrize(
    ("kind", "label", "begins", "ends"),
    [
        ("hour", "2026-11-28T23+0100", (2026, 11, 28, 23), (2026, 11, 29, 0)),
        ("day", "2026-11-28", (2026, 11, 28), (2026, 11, 29)),
        ("week", "2026-W48", (2026, 11, 23), (2026, 11, 30)),
        ("month", "2026-11", (2026, 11, 1), (2026, 12, 1)),
        ("year", "2026", (2026, 1, 1), (2027, 1, 1)),
    ],
)
def test_a_moment_has_its_period(kind, label, begins, ends):
    moment = datetime(2026, 11, 28, 23, 30, tzinfo=VIENNA)
    span = Periods(kind, "Europe/Vienna").at(moment.timestamp())
    assert span.label == label
    assert span.begins_s == datetime(*begins, tzinfo=VIENNA).timestamp()
    assert span.ends_s == datetime(*ends, tzinfo=VIENNA).timestamp()


def test_midnight_is_that_of_the_zone():
    moment = datetime(2026, 6, 30, 22, 30, tzinfo=UTC).timestamp()
    assert Periods("month", "Europe/Vienna").at(moment).label == "2026-07"
    assert Periods("month", "UTC").at(moment).label == "2026-06"


def test_years_of_weeks_are_those_of_the_calendar_of_weeks():
    assert Periods("week", "UTC").of(date(2027, 1, 1)).label == "2026-W53"


@pytest.mark.parametrize(
    "zone",
    ["Europe/Vienna", "America/Santiago", "Asia/Kolkata", "Asia/Beirut", "Australia/Lord_Howe"],
)
@pytest.mark.parametrize("kind", ["hour", "day", "week", "month", "year"])
def test_periods_follow_each_other_without_a_gap(zone, kind):
    periods = Periods(kind, zone)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    step = timedelta(hours=7, minutes=13) if kind == "hour" else timedelta(hours=31)
    for _ in range(300):
        span = periods.of(moment)
        assert span.begins_s <= moment.timestamp() < span.ends_s
        assert periods.of(datetime.fromtimestamp(span.ends_s, UTC)).begins_s == span.ends_s
        assert periods.before(periods.of(datetime.fromtimestamp(span.ends_s, UTC))) == span
        moment += step


def test_an_hour_that_comes_twice_has_two_names():
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    periods = Periods("hour", "Europe/Vienna")
    labels = [periods.of(first + timedelta(hours=n)).label for n in range(3)]
    assert labels == ["2026-10-25T02+0200", "2026-10-25T02+0100", "2026-10-25T03+0100"]


def test_so_many_before():
    periods = Periods("month", "UTC")
    assert periods.before(periods.of(date(2026, 3, 31)), 14).label == "2025-01"


@pytest.mark.parametrize(
    ("kind", "zone"),
    [("fortnight", "UTC"), ("day", "Mars/Olympus"), ("day", ""), ("day", None), ("day", "../etc")],
)
def test_what_is_not_known_is_refused(kind, zone):
    with pytest.raises(RankingError, match="There is no"):
        Periods(kind, zone)


@pytest.mark.parametrize("moment", [datetime(2026, 1, 1), "2026-01-01", None])  # noqa: DTZ001
def test_what_is_no_moment_is_refused(moment):
    with pytest.raises(RankingError):
        Periods("day", "UTC").of(moment)
