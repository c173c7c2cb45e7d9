import datetime as dt
from decimal import Decimal

import pytest

from praxis.exports.columns import Column
from praxis.exports.formats import CsvFormat, Filled, JsonFormat
from praxis.exports.kinds import Kind
from praxis.exports.values import any_text, datetime_text, float_text, writer_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (-0.0, "-0"),
        (0.1, "0.1"),
        (1e-5, "1e-05"),
        (0.0001, "0.0001"),
        (123456789012345.6, "123456789012345.6"),
        (1e15, "1e+15"),
        (-1234567890123456.0, "-1.234567890123456e+15"),
        (1e16, "1e+16"),
        (1.5e300, "1.5e+300"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
    ],
)
def test_floats(value, text):
    assert float_text(value) == text


def test_times_lose_the_zeros_of_their_fraction_alone():
    zone = dt.timezone(dt.timedelta(hours=2))
    when = dt.datetime(2026, 1, 2, 10, 20, 30, tzinfo=dt.UTC)
    assert datetime_text(when, zone) == "2026-01-02T12:20:30+02:00"
    assert datetime_text(when.replace(microsecond=120_000), zone) == "2026-01-02T12:20:30.12+02:00"
    assert datetime_text(when.replace(tzinfo=None), zone) == "2026-01-02T10:20:30"
    write = writer_of(Kind.TIME, None)
    assert write(dt.time(10, 20, 30)) == "10:20:30"
    assert write(dt.time(10, 20, 30, 500_000)) == "10:20:30.5"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (Decimal("1E-7"), "0.0000001"),
        (dt.timedelta(hours=1), "P0DT01H00M00S"),
        ([dt.date(2026, 1, 2), None, "ü"], '["2026-01-02",null,"ü"]'),
        (b"\x00\xff", "AP8="),
        (5, "5"),
    ],
)
def test_values_of_unknown_types(value, text):
    assert any_text(value, None) == text


def line(form, kind, *values, labels=None):
    columns = [Filled(Column(f"c{at}", f"c{at}"), kind, labels or {}) for at in range(len(values))]
    return form.line_writer(columns, None)(values)


def test_a_null_and_the_text_that_looks_like_it_differ():
    assert line(CsvFormat(), Kind.TEXT, None, "") == ',""\n'
    assert line(CsvFormat(null="-"), Kind.TEXT, None, "-") == "-,'-\n"
    assert line(CsvFormat(null="x"), Kind.TEXT, None, "x") == 'x,"x"\n'


def test_a_lone_end_of_data_is_quoted():
    assert line(CsvFormat(), Kind.TEXT, "\\.") == '"\\."\n'
    assert line(CsvFormat(), Kind.TEXT, "\\.", "a") == "\\.,a\n"


def test_texts_that_are_formulas_and_numbers_that_are_not():
    assert line(CsvFormat(), Kind.TEXT, "=1", "-1", "a=1") == "'=1,'-1,a=1\n"
    assert line(CsvFormat(), Kind.INTEGER, -1) == "-1\n"
    assert line(CsvFormat(), Kind.OTHER, -1, "-1") == "-1,'-1\n"
    assert line(CsvFormat(escape_formulas=False), Kind.TEXT, "=1") == "=1\n"
    assert line(CsvFormat(), Kind.TEXT, "x", labels={"x": "@all"}) == "'@all\n"


def test_json_has_no_nan():
    assert line(JsonFormat(), Kind.FLOAT, float("nan"), 1.5) == '{"c0":"NaN","c1":1.5}\n'
    assert line(JsonFormat(), Kind.INTEGER, 1, labels={1: "one"}) == '{"c0":"one"}\n'
    assert line(JsonFormat(), Kind.DECIMAL, Decimal("1.50")) == '{"c0":"1.50"}\n'
