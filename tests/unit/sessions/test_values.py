import datetime as dt
import json
import pickle
import uuid
from decimal import Decimal

import pytest

from praxis.errors import SessionValueError
from praxis.sessions.values import CorruptValueError, decode, encode

VALUES = [
    None, True, 0, -5, 1.5, "", "ä\U0001f600", "\ud800", [], [1, [2, {"a": None}]],
    {"a": {"b": [1]}}, dt.datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC),
    dt.datetime(2026, 1, 2), dt.date(2026, 1, 2),  # noqa: DTZ001 - it comes back as it was
    dt.time(1, 2, 3), dt.timedelta(days=-1, seconds=5, microseconds=7), Decimal("1.10"),
    uuid.UUID(int=7), {1, 2}, frozenset(["a"]), b"\x00\xff", {"when": [dt.date(2026, 1, 2)]},
    {"$praxis": "datetime", "value": "2026-01-02"}, {"$praxis": 1}, [{"a": {"$praxis": "set"}}],
    {"$praxis": {"$praxis": {Decimal(1)}}}, {"x": "$praxis"}, "x" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("pack_above", [0, 10**9])
def test_what_is_kept_comes_back(value, pack_above):
    found = decode(encode(value, pack_above=pack_above), most_bytes=10**6)
    assert found == value
    assert type(found) is type(value)


def test_tuples_are_lists_as_with_django():
    assert decode(encode((1, (2,)), pack_above=9), most_bytes=99) == [1, [2]]


@pytest.mark.parametrize("value", [object(), {"a": object()}, [lambda: 1], {1: object}, 1j])
def test_other_types_are_refused_with_what_they_are(value):
    with pytest.raises(SessionValueError, match="cannot keep this"):
        encode(value, pack_above=100)


def test_a_value_that_holds_itself_is_refused():
    value = []
    value.append(value)
    with pytest.raises(SessionValueError):
        encode(value, pack_above=100)


def test_long_ones_are_compressed():
    assert len(encode("x" * 5000, pack_above=1024)) < 100
    assert len(encode("x" * 5000, pack_above=10_000)) > 5000


CORRUPT = [
    b"", b"j", b"j{", b"x1", b"z", b"zabc", encode("x" * 5000, pack_above=9)[:-3], b"j\xff\xff",
    b'j{"$praxis":"os.system","value":"ls"}', b'j{"$praxis":"date","value":"x"}',
    b'j{"$praxis":"date"}', b'j{"$praxis":"decimal","value":[]}', b'j{"$praxis":["a"],"value":1}',
    pickle.dumps({"a": 1}), b"j" + b"[" * 100_000, json.dumps({"a": 1}).encode(),
    b'j{"$praxis":"timedelta","value":[1e400,0,0]}', b'j{"$praxis":"set","value":[[]]}',
]  # fmt: skip


@pytest.mark.parametrize("data", CORRUPT, ids=lambda data: repr(data[:30]))
def test_bytes_of_others_are_no_value(data):
    with pytest.raises(CorruptValueError):
        decode(data, most_bytes=10**6)


def test_a_small_one_that_unpacks_to_a_huge_one_is_not_unpacked():
    with pytest.raises(CorruptValueError, match="longer"):
        decode(encode("x" * 10**7, pack_above=9), most_bytes=10**6)
