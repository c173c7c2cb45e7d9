"""
What functions return, as bytes that are safe to read whoever wrote them, and exact.

MessagePack holds numbers, texts, bytes, lists and dicts with texts for keys as they are. All else
is an extension: a number for its type, and what it is made of. Types of the project's own are
refused: to read them back, what is in Redis would have to say which code to run.
"""

import datetime as dt
import decimal
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import Model
from django.db.models.query import BaseIterable, QuerySet, RawQuerySet
from django.utils.safestring import SafeString

from praxis.cache.codec import CorruptEntryError
from praxis.cache.results.framing import framed, unframed
from praxis.errors import NotCacheableError

_KIND = b"V1"
_AS_THEY_ARE: frozenset[type] = frozenset({bool, float, str, bytes, type(None)})
_MAX_DEPTH = 100
_SMALL = range(-(2**63), 2**63)

# The numbers of the extensions are what is stored: never give one to another type.
_TUPLE, _SET, _FROZENSET, _PAIRS = 1, 2, 3, 4
_INT, _DECIMAL, _UUID, _SAFE = 10, 11, 12, 13
_DATE, _TIME, _TIMEDELTA, _DATETIME, _ZONED = 20, 21, 22, 23, 24

#: What reading bytes of somebody else may end with.
_NOT_OURS = (
    msgspec.MsgspecError, ValueError, TypeError, ArithmeticError, LookupError, RecursionError,
)  # fmt: skip

_encode = msgspec.msgpack.Encoder().encode


def encode_value(value: object) -> bytes:
    """
    The value as bytes.

    Raises:
        NotCacheableError: if it, or something in it, cannot be read back as it was; the message
            says what to return instead.
    """
    try:
        body = _encode(_packed(value, 0))
    except (OverflowError, UnicodeEncodeError) as error:
        raise NotCacheableError(f"It cannot be kept: {error}.") from error
    return framed(_KIND, body)


def decode_value(data: bytes) -> Any:
    """
    The value that `encode_value` was given; another object each time.

    Raises:
        CorruptEntryError: if *data* is anything else.
    """
    try:
        return _decode(unframed(_KIND, data))
    except _NOT_OURS as error:
        raise CorruptEntryError(str(error)) from error


def _packed(value: Any, depth: int) -> Any:
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if kind is int:
        return value if value in _SMALL else _extension(_INT, str(value))
    if depth > _MAX_DEPTH:
        raise NotCacheableError(f"It cannot be kept: it is nested more than {_MAX_DEPTH} times.")
    if kind is list:
        return [_packed(one, depth + 1) for one in value]
    if kind is dict:
        return _packed_dict(value, depth + 1)
    pack = _PACK.get(kind)
    if pack is None:
        raise NotCacheableError(f"It cannot be kept: {_instead(value)}")
    return pack(value, depth + 1)


def _packed_dict(value: dict[Any, Any], depth: int) -> Any:
    if all(type(key) is str for key in value):
        return {key: _packed(one, depth) for key, one in value.items()}
    pairs = [[_packed(key, depth), _packed(one, depth)] for key, one in value.items()]
    return _extension(_PAIRS, pairs)


def _extension(number: int, inside: Any) -> msgspec.msgpack.Ext:
    return msgspec.msgpack.Ext(number, _encode(inside))


def _packed_datetime(value: dt.datetime, _: int) -> Any:
    zone = value.tzinfo
    if isinstance(zone, ZoneInfo) and zone.key:
        return _extension(_ZONED, [value.astimezone(dt.UTC).isoformat(), zone.key])
    if zone is None or isinstance(zone, dt.timezone):
        return _extension(_DATETIME, [value.isoformat(), value.fold])
    raise NotCacheableError(
        f"It cannot be kept: a datetime in {type(zone).__qualname__}. Return it in a "
        "zoneinfo.ZoneInfo or in UTC."
    )


def _packed_time(value: dt.time, _: int) -> Any:
    if value.tzinfo is not None:
        raise NotCacheableError("It cannot be kept: a time with a time zone. Return it without.")
    return _extension(_TIME, [value.isoformat(), value.fold])


def _items(number: int) -> Callable[[Any, int], Any]:
    return lambda value, depth: _extension(number, [_packed(one, depth) for one in value])


def _text(number: int, text: Callable[[Any], str] = str) -> Callable[[Any, int], Any]:
    return lambda value, _: _extension(number, text(value))


_PACK: Mapping[type, Callable[[Any, int], Any]] = {
    tuple: _items(_TUPLE),
    set: _items(_SET),
    frozenset: _items(_FROZENSET),
    decimal.Decimal: _text(_DECIMAL),
    uuid.UUID: _text(_UUID),
    SafeString: _text(_SAFE, lambda value: str.__str__(value) + ""),
    dt.date: _text(_DATE, dt.date.isoformat),
    dt.time: _packed_time,
    dt.timedelta: lambda value, _: _extension(
        _TIMEDELTA, [value.days, value.seconds, value.microseconds]
    ),
    dt.datetime: _packed_datetime,
}


def _zoned(inside: list[str]) -> dt.datetime:
    moment, key = inside
    return dt.datetime.fromisoformat(moment).astimezone(ZoneInfo(key))


_UNPACK: Mapping[int, Callable[[Any], Any]] = {
    _TUPLE: tuple,
    _SET: set,
    _FROZENSET: frozenset,
    _PAIRS: lambda inside: dict(map(tuple, inside)),
    _INT: int,
    _DECIMAL: decimal.Decimal,
    _UUID: uuid.UUID,
    _SAFE: SafeString,
    _DATE: dt.date.fromisoformat,
    _TIME: lambda inside: dt.time.fromisoformat(inside[0]).replace(fold=inside[1]),
    _TIMEDELTA: lambda inside: dt.timedelta(*inside),
    _DATETIME: lambda inside: dt.datetime.fromisoformat(inside[0]).replace(fold=inside[1]),
    _ZONED: _zoned,
}


def _unpacked(number: int, data: memoryview) -> Any:
    return _UNPACK[number](_decode(data))


_decode = msgspec.msgpack.Decoder(ext_hook=_unpacked).decode


def _instead(value: object) -> str:
    """What *value* is, and what to return in its place."""
    kind = type(value)
    name = f"{kind.__module__}.{kind.__qualname__}"
    if isinstance(value, Model):
        return f"a {name}. Return its primary key, or a dict of the fields that are needed."
    if isinstance(value, QuerySet | RawQuerySet | BaseIterable):
        return f"a {name}. Return list(queryset.values(…)) or list(queryset.values_list(…))."
    if isinstance(value, str | int | float):
        return f"a {name}. Return its plain value: str(…), int(…), or .value of an enumeration."
    if hasattr(value, "__iter__"):
        return f"a {name}. Return a list, a tuple or a dict of plain values."
    return f"a {name}. Return plain values: numbers, texts, dates, and lists or dicts of these."
