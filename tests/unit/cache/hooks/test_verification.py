import datetime as dt
import logging
from decimal import Decimal

import pytest

from praxis.announcements import StaleResult, listen
from praxis.cache.hooks.verification import differences, is_due, verify

NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def told():
    events = []
    stop = listen(StaleResult, events.append)
    yield events
    stop()


def check(kept, found, *, stands=True):
    dropped = []
    right = verify(
        kept,
        found,
        database="default",
        sql="SELECT …",
        still_stands=lambda: stands,
        drop=lambda: dropped.append(True),
    )
    return right, bool(dropped)


@pytest.mark.parametrize(
    ("kept", "found"),
    [
        ([(1,)], [(True,)]),
        ([(1,)], [(1.0,)]),
        ([("a",)], [(b"a",)]),
        ([(Decimal("1.0"),)], [(Decimal("1.00"),)]),
        ([(NOON,)], [(NOON.astimezone(dt.timezone(dt.timedelta(hours=1))),)]),
        ([(None,)], [("None",)]),
    ],
)
def test_values_that_are_equal_or_look_alike_are_not_the_same(kept, found):
    assert differences(kept, found) == (1, 1)


@pytest.mark.parametrize("value", [float("nan"), None, Decimal("NaN"), NOON, "x", b"\0", 2**63])
def test_the_same_value_is_no_difference(value):
    assert differences([(value,)], [(value,)]) == (0, 0)


def test_another_order_is_no_difference_and_another_number_is():
    assert differences([(1,), (2,)], [(2,), (1,)]) == (0, 0)
    assert differences([(1,), (1,), (2,)], [(1,), (2,)]) == (0, 1)
    assert differences([], [(1,)]) == (1, 0)


def test_an_entry_that_differs_is_dropped_and_told_of(told, caplog):
    with caplog.at_level(logging.ERROR, "praxis.cache"):
        assert check([(1, "secret")], [(1, "new"), (2, "x")]) == (False, True)
    assert told == [StaleResult("default", "SELECT …", lacking=2, surplus=1)]
    assert "secret" not in caplog.text


def test_nothing_is_said_where_something_was_written_meanwhile(told):
    assert check([(1,)], [(2,)], stands=False) == (True, False)
    assert told == []


def test_an_entry_that_is_right_is_not_looked_at_again(told):
    def fail():
        raise AssertionError

    assert verify([(1,)], [(1,)], database="", sql="", still_stands=fail, drop=fail)


def test_the_share_of_hits_is_what_the_settings_say(monkeypatch):
    monkeypatch.setattr("random.random", lambda: 0.25)
    assert [is_due(share) for share in (0.0, 0.25, 0.26, 1.0)] == [False, False, True, True]
