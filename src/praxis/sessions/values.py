"""
The values of a session as bytes: JSON, with the types that JSON lacks told by name. No I/O.

Nothing that is read makes code run, whoever wrote it.
"""

import datetime as dt
import json
import uuid
import zlib
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from praxis.errors import SessionValueError

#: The first byte tells how the others are meant.
PLAIN, PACKED = b"j", b"z"
#: What a value that JSON has no form for stands under, with the name of its type.
_MARK = "$praxis"
_MARK_BYTES = _MARK.encode()
#: Without one of these there is no dict in it, and so nothing that is marked.
_BRACE = b"{"
#: Deep values are mistakes, or attacks on whoever reads them.
_LEVEL = 1


class CorruptValueError(Exception):
    """Bytes that are no value: cut off, of another version, or written by somebody else."""


def encode(value: object, *, pack_above: int) -> bytes:
    """
    A value as it is stored: its `text_of`, compressed if it is long.

    Raises:
        SessionValueError: as `text_of`.
    """
    return packed(text_of(value), pack_above=pack_above)


def decode(data: bytes, *, most_bytes: int) -> Any:
    """
    The value that was stored so.

    Raises:
        CorruptValueError: if these bytes are none.
    """
    return value_of(unpacked(data, most_bytes=most_bytes))


def text_of(value: object) -> bytes:
    """
    A value as JSON.

    Args:
        value: None, booleans, numbers, texts, lists, dicts with texts for keys, dates and times,
            `decimal.Decimal`, `uuid.UUID`, sets, bytes. Tuples come back as lists, as with
            Django's own.

    Raises:
        SessionValueError: if it is of another type.
    """
    try:
        text = _write(value)
        if _MARK in text:  # of ours, or a dict that looks like it
            text = _write(_escaped(value))
    except (TypeError, ValueError, RecursionError) as error:
        raise SessionValueError(
            f"A session cannot keep this: {error}. Keep a key of it, or a text."
        ) from error
    return text.encode("utf-8", "surrogatepass")


def value_of(text: bytes) -> Any:
    """
    The value that `text_of` has made this of.

    Raises:
        CorruptValueError: if it is none.
    """
    if _BRACE not in text or _MARK_BYTES not in text:  # the faster reader, which takes less
        try:
            return _read(text)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            pass
    try:
        decoded = text.decode("utf-8", "surrogatepass")
        return json.loads(decoded, object_hook=_meant if _MARK in decoded else None)
    except (ValueError, RecursionError, TypeError, ArithmeticError) as error:
        raise CorruptValueError(str(error)) from error


def packed(text: bytes, *, pack_above: int) -> bytes:
    """What is stored of a text; one of more bytes than *pack_above* is compressed."""
    if len(text) > pack_above:
        shorter = zlib.compress(text, _LEVEL)
        if len(shorter) < len(text):
            return PACKED + shorter
    return PLAIN + text


def unpacked(data: bytes, *, most_bytes: int) -> bytes:
    """
    The text that was stored so.

    Args:
        data: What `packed` has made.
        most_bytes: More than that cannot have been packed.

    Raises:
        CorruptValueError: if these bytes are none.
    """
    kind, body = data[:1], data[1:]
    if kind == PLAIN:
        return body
    if kind != PACKED:
        raise CorruptValueError(f"its first byte is {kind!r}")
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(body, most_bytes)
    except zlib.error as error:
        raise CorruptValueError(str(error)) from error
    if not unpacking.eof:
        raise CorruptValueError("it is longer than a session may be, or cut off")
    return text


def _told(value: object) -> object:
    """What stands in JSON for a value that it has no form for."""
    for kind, (name, form, _) in _FORMS.items():
        if type(value) is kind:
            return {_MARK: name, "value": form(value)}
    raise TypeError(f"{type(value).__qualname__} is of no type that JSON or sessions know")


#: Made once: `json.dumps` makes one each time.
_write = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, default=_told).encode
_read = msgspec.json.Decoder().decode


def _escaped(value: object) -> object:
    """A value in which no dict of others looks like one of ours."""
    if isinstance(value, dict):
        inner = {key: _escaped(one) for key, one in value.items()}
        return {_MARK: "dict", "value": list(inner.items())} if _MARK in value else inner
    if isinstance(value, list | tuple):
        return [_escaped(one) for one in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    told = _told(value)
    return {key: _escaped(one) for key, one in told.items()}  # type: ignore[attr-defined]  # a dict


def _meant(found: dict[str, Any]) -> Any:
    name = found.get(_MARK)
    if name is None:
        return found
    read = _READERS.get(name) if isinstance(name, str) else None
    if read is None or found.keys() != {_MARK, "value"}:
        raise CorruptValueError(f"{name!r} is no type that sessions know")
    return read(found["value"])


_FORMS: Mapping[type, tuple[str, Callable[[Any], object], Callable[[Any], object]]] = {
    dt.datetime: ("datetime", dt.datetime.isoformat, dt.datetime.fromisoformat),
    dt.date: ("date", dt.date.isoformat, dt.date.fromisoformat),
    dt.time: ("time", dt.time.isoformat, dt.time.fromisoformat),
    dt.timedelta: (
        "timedelta",
        lambda one: [one.days, one.seconds, one.microseconds],
        lambda parts: dt.timedelta(*parts),
    ),
    Decimal: ("decimal", str, Decimal),
    uuid.UUID: ("uuid", str, uuid.UUID),
    set: ("set", list, set),
    frozenset: ("frozenset", list, frozenset),
    bytes: ("bytes", bytes.hex, bytes.fromhex),
}
_READERS = {name: read for name, _, read in _FORMS.values()} | {"dict": dict}
