"""One value for one field: what the database is given."""

import datetime as dt
import json
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db.models import Model

#: Of Django's own fields, as they are: the type whose values need nothing done to them.
_READY = {
    "AutoField": int,
    "BigAutoField": int,
    "BigIntegerField": int,
    "BooleanField": bool,
    "CharField": str,
    "DateField": dt.date,
    "FloatField": float,
    "IntegerField": int,
    "PositiveBigIntegerField": int,
    "PositiveIntegerField": int,
    "PositiveSmallIntegerField": int,
    "SmallAutoField": int,
    "SmallIntegerField": int,
    "SlugField": str,
    "TextField": str,
    "TimeField": dt.time,
    "UUIDField": uuid.UUID,
}
#: The words that PostgreSQL knows.
_TRUTHS = {
    **dict.fromkeys(("true", "t", "yes", "y", "on", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "off", "0"), False),
}
#: Whose text PostgreSQL reads as Python would.
_READ_BY_SERVER = frozenset({*_READY, "JSONField"})


def preparer(field: Any, connection: Any) -> Callable[[Any], Any]:
    """
    Return what makes a value ready for the database.

    It raises ValueError, TypeError, OverflowError, ArithmeticError or ValidationError for one that
    does not fit.
    """
    own = _target_of(field)
    ready = _READY.get(type(own).__name__) if is_djangos(own) else None
    save = field.get_db_prep_save

    if ready is not None:

        def prepare_quickly(value: Any) -> Any:
            if value is None or type(value) is ready:
                return value
            return _checked(save(_key_of(value, field), connection))

        return prepare_quickly
    if type(own).__name__ == "DateTimeField" and is_djangos(own) and connection.timezone:

        def prepare_time(value: Any) -> Any:
            if type(value) is dt.datetime and value.tzinfo is not None:
                return value
            return _checked(save(value, connection))

        return prepare_time
    if type(own).__name__ == "DecimalField" and is_djangos(own) and _is_postgres(connection):

        def prepare_decimal(value: Any) -> Any:
            if type(value) is Decimal and value.is_finite():
                return value
            return _checked(save(value, connection))

        return prepare_decimal
    return lambda value: _checked(save(_key_of(value, field), connection))


def cell_reader(field: Any, connection: Any | None) -> Callable[[str], Any]:
    """
    Return what makes a value of a cell of CSV.

    Args:
        field: Where it goes.
        connection: To PostgreSQL, which reads most texts itself; None for values of Python's.
    """
    own = _target_of(field)
    is_text = type(own).__name__ in {"CharField", "TextField", "SlugField"}
    is_nullable = field.null or not (is_text or own.empty_strings_allowed)
    name = type(own).__name__ if is_djangos(own) else ""

    if connection is not None and name in _READ_BY_SERVER:
        return lambda cell: None if not cell and is_nullable else cell
    if connection is None:
        convert: Callable[[str], Any] = field.to_python
        if name == "JSONField":
            convert = json.loads
        elif name == "BooleanField":  # as PostgreSQL reads it, and an export writes it
            convert = lambda cell: field.to_python(_TRUTHS.get(cell.lower(), cell))  # noqa: E731
    else:
        prepare = preparer(field, connection)
        convert = lambda cell: prepare(field.to_python(cell))  # noqa: E731 - one of two
    return lambda cell: None if not cell and is_nullable else convert(cell)


def _target_of(field: Any) -> Any:
    """Of a foreign key the field that it refers to."""
    while field.remote_field and hasattr(field, "target_field"):
        field = field.target_field
    return field


def is_djangos(field: Any) -> bool:
    return type(field).__module__.startswith("django.db.models.fields")


def _is_postgres(connection: Any) -> bool:
    return bool(connection.vendor == "postgresql")  # the others want decimals as text


def _key_of(value: Any, field: Any) -> Any:
    """Of an object that a foreign key refers to, its key."""
    if isinstance(value, Model) and field.remote_field:
        return getattr(value, field.target_field.attname)
    return value


def _checked(value: Any) -> Any:
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError(f"{value} is no number")
    if hasattr(value, "as_sql"):
        raise TypeError("an expression is no value; write what it comes to")
    return value
