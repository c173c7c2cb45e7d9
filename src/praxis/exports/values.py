"""
Values as text, the way PostgreSQL writes them.

Of `praxis.exports.copying` each is the twin; the tests compare them byte by byte.
"""

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any

from django.utils.duration import duration_iso_string

from praxis.exports.kinds import Kind

#: What makes a cell a formula where a spreadsheet opens it, also in full width:
#: https://owasp.org/www-community/attacks/CSV_Injection
FORMULA_STARTS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
#: What JSON has of its own; the rest are strings there.
BARE_IN_JSON = frozenset(
    {Kind.INTEGER, Kind.FLOAT, Kind.BOOLEAN, Kind.JSON, Kind.JSON_TEXT, Kind.ARRAY}
)


def writer_of(kind: Kind, zone: tzinfo | None) -> Callable[[Any], str]:
    """Return what writes a value that is not None."""
    match kind:
        case Kind.TEXT | Kind.UUID | Kind.ADDRESS | Kind.JSON_TEXT:
            return str
        case Kind.INTEGER:
            return lambda value: str(int(value))
        case Kind.DATE:
            return lambda value: _date_text(value, zone)
        case Kind.FLOAT:
            return float_text
        case Kind.DECIMAL:
            return decimal_text
        case Kind.BOOLEAN:
            return lambda value: "true" if value else "false"
        case Kind.DATETIME:
            return lambda value: datetime_text(value, zone)
        case Kind.TIME:
            return lambda value: _trimmed(value.isoformat())
        case Kind.BINARY:
            return lambda value: b64encode(value).decode()
        case Kind.JSON:
            return json_text
        case Kind.ARRAY:
            return lambda value: array_text(value, zone)
    return lambda value: any_text(value, zone)


def float_text(value: float | str) -> str:
    """
    The shortest digits that read back the same, with an exponent from 1e15 on.

    A str is one that PostgreSQL wrote: of large floats its last digit may be another one, which
    reads back the same.
    """
    if isinstance(value, str):
        return value
    value = float(value)
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    text = repr(value).removesuffix(".0")
    if "e" in text or abs(value) < 1e15:
        return text
    sign, digits = ("-", text[1:]) if value < 0 else ("", text)
    whole, _, rest = digits.partition(".")
    shown = (whole + rest).rstrip("0")
    fraction = f".{shown[1:]}" if len(shown) > 1 else ""
    return f"{sign}{shown[0]}{fraction}e+{len(whole) - 1}"


def decimal_text(value: Decimal) -> str:
    return format(value, "f")


def datetime_text(value: datetime, zone: tzinfo | None) -> str:
    """ISO 8601; with the offset of *zone* if the value is aware."""
    if value.tzinfo is not None:
        value = value.astimezone(zone)
    text = value.isoformat()
    return _trimmed(text[:26]) + text[26:] if value.microsecond else text


def json_text(value: Any) -> str:
    """What a database without a type for JSON has decoded, as JSON again."""
    return json.dumps(value, ensure_ascii=False, default=str)


def array_text(value: Any, zone: tzinfo | None) -> str:
    """An array, as JSON without blanks."""
    return json.dumps(
        value,
        ensure_ascii=False,
        separators=(",", ":"),
        default=lambda each: any_text(each, zone),
    )


def any_text(value: Any, zone: tzinfo | None) -> str:
    """A value of a type that is known only now."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return float_text(value)
        case Decimal():
            return decimal_text(value)
        case datetime():
            return datetime_text(value, zone)
        case date():
            return value.isoformat()
        case time():
            return _trimmed(value.isoformat())
        case bytes() | memoryview():
            return b64encode(value).decode()
        case dict() | list() | tuple():
            return array_text(value, zone)
    if hasattr(value, "total_seconds"):
        return duration_iso_string(value)
    return str(value)


def _date_text(value: Any, zone: tzinfo | None) -> str:
    return datetime_text(value, zone) if isinstance(value, datetime) else str(value)


def _trimmed(text: str) -> str:
    """Without the zeros at the end of a fraction."""
    return text.rstrip("0") if "." in text else text
