"""
Rows as bytes: compact, typed by column, and safe to read whoever wrote them.

MessagePack holds numbers, texts and bytes as they are, and the other types of a database as texts
or numbers; which they were is written down once a column. Whatever cannot be read back exactly as
it was is not kept at all.
"""

import datetime as dt
import decimal
import uuid
import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

#: What an entry begins with: ours, in this form. Another form reads as no entry.
_MAGIC = b"P1"
_CHECKSUM_BYTES = 4
_PLAIN: frozenset[type] = frozenset({int, str, bytes, bool, float, type(None)})
#: The letter of a column whose values, None aside, are all of one type.
_LETTERS: Mapping[type, str] = {
    decimal.Decimal: "d",
    uuid.UUID: "u",
    dt.date: "D",
    dt.time: "t",
    dt.timedelta: "l",
}
_PLAIN_COLUMN, _NAIVE, _AWARE = ".", "n", "z"
_TYPES: Mapping[str, Any] = {
    _PLAIN_COLUMN: Any,
    _NAIVE: dt.datetime | None,
    _AWARE: dt.datetime | None,
    **{letter: kind | None for kind, letter in _LETTERS.items()},
}

Rows = Sequence[Sequence[Any]]


class UnsupportedTypeError(Exception):
    """A value that would not be read back as it was; the message names its type."""


class CorruptEntryError(Exception):
    """Bytes that are no entry of this form, or not whole."""


def encode(rows: Rows) -> bytes:
    """
    The rows as bytes.

    Args:
        rows: All of one length, with values as a database adapter gives them.

    Raises:
        UnsupportedTypeError: if one of the values cannot be kept.
    """
    columns = [_letter(values) for values in zip(*rows, strict=True)]
    letters = "".join(columns).encode()
    try:
        packed = _ENCODER.encode((len(letters), rows) if letters else (0, len(rows)))
    except (OverflowError, UnicodeEncodeError, ValueError) as error:  # a number or text too odd
        raise UnsupportedTypeError(str(error)) from error
    body = len(letters).to_bytes(2, "big") + letters + packed
    return _MAGIC + zlib.crc32(body).to_bytes(_CHECKSUM_BYTES, "big") + body


def decode(data: bytes, zone: dt.tzinfo | None) -> list[tuple[Any, ...]]:
    """
    The rows that `encode` was given.

    Args:
        data: What it made of them.
        zone: The time zone of the connection, which aware times are told in.

    Raises:
        CorruptEntryError: if *data* is anything else.
    """
    start = len(_MAGIC) + _CHECKSUM_BYTES
    if data[: len(_MAGIC)] != _MAGIC or len(data) < start + 2:
        raise CorruptEntryError("it does not begin as an entry does")
    body = memoryview(data)[start:]
    if zlib.crc32(body).to_bytes(_CHECKSUM_BYTES, "big") != data[len(_MAGIC) : start]:
        raise CorruptEntryError("its checksum is wrong")
    width = int.from_bytes(body[:2], "big")
    letters = bytes(body[2 : 2 + width]).decode("ascii", "replace")
    try:
        _, rows = _decoder(letters).decode(body[2 + width :])
    except (msgspec.MsgspecError, KeyError) as error:
        raise CorruptEntryError(str(error)) from error
    if not width:
        return [()] * rows
    if _AWARE in letters and zone is not dt.UTC:  # in which they come
        return [_in_zone(row, letters, zone) for row in rows]
    found: list[tuple[Any, ...]] = rows
    return found


def _in_zone(row: tuple[Any, ...], letters: str, zone: dt.tzinfo | None) -> tuple[Any, ...]:
    return tuple(
        value.astimezone(zone) if letter == _AWARE and value is not None else value
        for value, letter in zip(row, letters, strict=True)
    )


def _letter(values: Iterable[Any]) -> str:
    """How the column of these values is written."""
    kinds = set(map(type, values))
    if kinds <= _PLAIN:
        return _PLAIN_COLUMN
    kinds.discard(type(None))
    if len(kinds) == 1:
        (kind,) = kinds
        if kind is dt.datetime:
            return _letter_of_times(values)
        if kind is dt.time and any(value is not None and value.tzinfo for value in values):
            raise UnsupportedTypeError("time with a time zone")
        if kind in _LETTERS:
            return _LETTERS[kind]
    raise UnsupportedTypeError(", ".join(sorted(kind.__name__ for kind in kinds - _PLAIN)))


def _letter_of_times(values: Iterable[Any]) -> str:
    aware = {value.tzinfo is not None for value in values if value is not None}
    if len(aware) > 1:
        raise UnsupportedTypeError("datetime, some with a time zone and some without")
    return _AWARE if True in aware else _NAIVE


_ENCODER = msgspec.msgpack.Encoder(decimal_format="string", uuid_format="canonical")


@lru_cache(maxsize=1024)
def _decoder(letters: str) -> msgspec.msgpack.Decoder[Any]:
    if not letters:
        return msgspec.msgpack.Decoder(tuple[int, int])
    row: Any = tuple.__class_getitem__(tuple(_TYPES[letter] for letter in letters))
    rows: Any = list.__class_getitem__(row)
    return msgspec.msgpack.Decoder(tuple.__class_getitem__((int, rows)))
