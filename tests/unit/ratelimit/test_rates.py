import pytest

from praxis.errors import RateError
from praxis.ratelimit.rates import Limit, Rate, limits_of, parse_rate


@pytest.mark.parametrize(
    ("text", "count", "period_s"),
    [
        ("100/m", 100, 60),
        ("5/10s", 5, 10),
        ("10_000/day", 10_000, 86_400),
        ("3 per 2 hours", 3, 7200),
        (" 1/Week ", 1, 604_800),
        ("7/min", 7, 60),
    ],
)
def test_rates_are_written_as_people_do(text, count, period_s):
    assert parse_rate(text) == Rate(count, period_s)


@pytest.mark.parametrize(
    "text", ["", "100", "m/100", "100/fortnight", "-1/m", "1.5/s", "100//m", "0/m", "1/0s", None, 5]
)
def test_what_is_no_rate_is_named(text):
    with pytest.raises(RateError) as error:
        parse_rate(text)
    assert "'100/m'" in str(error.value) or "from" in str(error.value)


def test_commas_make_several():
    first, second = limits_of("5/s, 1000/h")
    assert (first.rate.count, second.rate.period_s) == (5, 3600)


def test_limits_are_taken_as_they_are():
    own = Limit(Rate(5, 1), "gcra", 2)
    assert limits_of([own, "9/m"], algorithm="fixed") == (own, Limit(Rate(9, 60), "fixed"))


@pytest.mark.parametrize("rates", ["", ",", [], ["1/s"] * 9])
def test_there_has_to_be_one_and_not_too_many(rates):
    with pytest.raises(RateError, match="1 to 8 rates"):
        limits_of(rates)


def test_a_slip_in_the_algorithm_is_told_with_what_was_meant():
    with pytest.raises(RateError, match="Did you mean 'window'"):
        Limit(Rate(1, 1), "windows")


@pytest.mark.parametrize(("algorithm", "burst"), [("window", 1), ("fixed", 1), ("gcra", 11)])
def test_a_burst_that_means_nothing_is_refused(algorithm, burst):
    with pytest.raises(RateError, match="burst"):
        Limit(Rate(10, 1), algorithm, burst)


@pytest.mark.parametrize(
    ("limit", "at_once"),
    [
        (Limit(Rate(100, 1)), 100),
        (Limit(Rate(100, 1), "gcra"), 10),
        (Limit(Rate(5, 1), "gcra"), 1),
        (Limit(Rate(100, 1), "gcra", 3), 3),
        (Limit(Rate(100, 1), "bucket"), 100),
    ],
)
def test_so_many_may_come_at_once(limit, at_once):
    assert limit.at_once == at_once
