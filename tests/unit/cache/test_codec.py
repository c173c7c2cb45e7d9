"""What is kept is read back as it was, and nothing else is read at all."""

import datetime as dt
import uuid
from decimal import Decimal
from ipaddress import ip_address
from zoneinfo import ZoneInfo

import pytest

from praxis.cache.codec import CorruptEntryError, UnsupportedTypeError, decode, encode

NOON = dt.datetime(2026, 3, 29, 12, 0, 0, 123456, tzinfo=dt.UTC)
NAIVE = NOON.replace(tzinfo=None)
ROW = (
    1, "é", b"\xff\x00", 1.5, True, None, Decimal("1.50"), uuid.UUID(int=5), NOON,
    dt.date(2026, 1, 2), dt.time(3, 4, 5, 6), dt.timedelta(days=-3, microseconds=7),
    2**63, -(2**63),
)  # fmt: skip


def same(rows, zone=dt.UTC):
    found = decode(encode(rows), zone)
    assert found == [tuple(row) for row in rows]
    assert [[type(value) for value in row] for row in found] == [
        [type(value) for value in row] for row in rows
    ]
    return found


@pytest.mark.parametrize(
    "rows", [[], [ROW], [ROW, (None,) * len(ROW)], [()], [(), ()], [[1, 2]], [(float("inf"),)]]
)
def test_reads_back_what_was_kept(rows):
    same(rows)


def test_decimals_keep_their_zeros_and_what_is_no_number():
    rows = [(Decimal("1.00"),), (Decimal("1E+3"),), (Decimal("-0"),)]
    assert [str(value) for (value,) in same(rows)] == ["1.00", "1E+3", "-0"]
    assert decode(encode([(Decimal("NaN"),)]), dt.UTC)[0][0].is_nan()


def test_times_are_told_in_the_zone_of_the_connection():
    zone = ZoneInfo("Europe/Paris")
    (found,) = same([(NOON.astimezone(zone), None)], zone)
    assert found[0].tzinfo is zone
    same([(NAIVE,)])


def test_a_column_of_numbers_and_texts_is_kept():
    same([(1,), ("1",), (True,), (1.0,), (b"1",)])


@pytest.mark.parametrize(
    "rows",
    [
        [(ip_address("127.0.0.1"),)],
        [([1, 2],)],
        [({"a": 1},)],
        [(Decimal(1),), (1,)],
        [(NOON,), (NAIVE,)],
        [(dt.time(1, tzinfo=dt.UTC),)],
        [(2**64,)],
        [("\ud800",)],
    ],
)
def test_refuses_what_would_not_come_back_as_it_was(rows):
    with pytest.raises(UnsupportedTypeError):
        encode(rows)


@pytest.mark.parametrize("length", range(len(encode([ROW]))))
def test_a_part_of_an_entry_is_none(length):
    with pytest.raises(CorruptEntryError):
        decode(encode([ROW])[:length], dt.UTC)


@pytest.mark.parametrize("place", range(len(encode([ROW]))))
def test_a_changed_entry_is_none(place):
    data = bytearray(encode([ROW]))
    data[place] ^= 0x55
    with pytest.raises(CorruptEntryError):
        decode(bytes(data), dt.UTC)


@pytest.mark.parametrize("data", [b"", b"P1", b"\x80\x04pickle", b"P2" + encode([ROW])[2:]])
def test_what_somebody_else_wrote_is_no_entry(data):
    with pytest.raises(CorruptEntryError):
        decode(data, dt.UTC)
