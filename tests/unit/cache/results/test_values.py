import contextlib
import datetime as dt
import enum
import math
import random
import uuid
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pytest
from django.contrib.auth.models import Group
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy

from praxis.cache.codec import CorruptEntryError
from praxis.cache.results.framing import framed
from praxis.cache.results.values import decode_value, encode_value
from praxis.errors import NotCacheableError

OSLO = ZoneInfo("Europe/Oslo")
VALUES = [
    None, True, False, 0, 1, -1, 2**63 - 1, 2**64, -(10**40), 1.0, -0.0, math.inf, "", "å\x00",
    b"", b"\xff\x00", Decimal("1.10"), Decimal("-0E+3"), uuid.UUID(int=7), dt.date(1, 1, 1),
    dt.time(23, 59, 1, 2), dt.time(2, 30, fold=1), dt.timedelta(days=-3, microseconds=1),
    dt.datetime(2024, 1, 2, 3, 4, 5, 6),  # noqa: DTZ001 - naive ones are kept, too
    dt.datetime(2024, 1, 2, tzinfo=dt.UTC),
    dt.datetime(2024, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=-3, minutes=-30))),
    dt.datetime(2024, 10, 27, 2, 30, tzinfo=OSLO, fold=0),
    dt.datetime(2024, 10, 27, 2, 30, tzinfo=OSLO, fold=1),
    (), [], {}, set(), frozenset(), (1, [2, (3,)], {"a": ({1, 2}, frozenset({"x"}))}),
    {1: "a", "1": "b", (1, 2): None, None: 0}, {True: 1}, {"": [[[]]]}, mark_safe("<b>"),
]  # fmt: skip


def same(one, other):
    """Whether they are equal, and of the same types all the way down."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return same(list(one.items()), list(other.items()))
    if isinstance(one, dt.datetime):
        zones = type(one.tzinfo) is type(other.tzinfo) and str(one.tzinfo) == str(other.tzinfo)
        return zones and (one, one.fold, one.utcoffset()) == (other, other.fold, other.utcoffset())
    return repr(one) == repr(other) if isinstance(one, float | Decimal) else one == other


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_comes_back_as_it_was(value):
    assert same(decode_value(encode_value(value)), value)


def test_a_text_marked_as_safe_stays_so():
    assert type(decode_value(encode_value([mark_safe("<b>")]))[0]) is SafeString


def test_what_comes_back_is_another_object_each_time():
    data = encode_value({"a": []})
    decode_value(data)["a"].append(1)
    assert decode_value(data) == {"a": []}


class Colour(enum.Enum):
    RED = 1


class Text(str):
    __slots__ = ()


class Point:
    pass


def endless():
    found = []
    found.append(found)
    return found


@pytest.mark.parametrize(
    ("make", "instead"),
    [
        (lambda: Group(name="a"), "its primary key, or a dict"),
        (Group.objects.all, "list(queryset.values(…))"),
        (Group.objects.values, "list(queryset.values(…))"),
        (lambda: Group.objects.raw("SELECT 1"), "list(queryset.values(…))"),
        (lambda: Colour.RED, "plain values"),
        (lambda: Text("a"), "its plain value"),
        (Point, "plain values"),
        (lambda: iter([1]), "a list"),
        (lambda: gettext_lazy("a"), "_"),
        (lambda: dt.time(1, tzinfo=dt.UTC), "without"),
        (lambda: [{"deep": (Point(),)}], "Point"),
        (lambda: {Group: 1}, "ModelBase"),
        (lambda: "\ud800", "surrogates"),
        (endless, "nested"),
    ],
)
def test_what_would_not_come_back_is_refused_with_advice(make, instead):
    with pytest.raises(NotCacheableError) as told:
        encode_value(make())
    assert instead in str(told.value)


def test_bytes_that_are_no_value_are_told():
    random.seed(1)
    good = encode_value(VALUES)
    bad = [b"", b"V1", b"V0" + good[2:], good[:-1], good + b"\x00", b"R1" + good[2:]]
    bad += [framed(b"V1", msgspec.msgpack.encode(msgspec.msgpack.Ext(99, b"\x01")))]
    bad += [framed(b"V1", msgspec.msgpack.encode(msgspec.msgpack.Ext(2, b"\x91\x90")))]
    bad += [framed(b"V1", msgspec.msgpack.encode(msgspec.msgpack.Ext(24, b"\x92\xa0\xa1/")))]
    for data in bad:
        with pytest.raises(CorruptEntryError):
            decode_value(data)
    for _ in range(3000):
        data = bytearray(good)
        for _ in range(random.randrange(1, 4)):
            data[random.randrange(2, len(data))] = random.randrange(256)
        with contextlib.suppress(CorruptEntryError):  # else it is another value: nothing runs
            decode_value(bytes(data))
