"""Columns and constants as parts of an outline."""

import datetime as dt
import decimal
import uuid
from typing import Any

from django.db.models.expressions import Col

#: Equal ones of these may be told apart by the database, as 1.0 and 1.00 are.
_BY_REPR = frozenset({
    decimal.Decimal, float, bytes, uuid.UUID, dt.date, dt.datetime, dt.time, dt.timedelta,
})  # fmt: skip


class NotPlainError(Exception):
    """Something in a query that may compile in a way that its outline does not tell."""


def add_column(one: Col, outline: list[Any], fields: list[Any]) -> None:
    """Add a column, and its fields to *fields*, since it is by their ids that it is told."""
    target, output = one.target, one.output_field
    outline += (one.alias, id(target), id(output))
    fields += (target, output)


def add_constant(value: object, outline: list[Any]) -> None:
    """
    Add a value that the outline tells from all others.

    Raises:
        NotPlainError: if it is none that is told by its type and how it is written.
    """
    kind = type(value)
    if kind in _BY_REPR:
        outline += (kind, repr(value))
    elif isinstance(value, int):  # also an adapter's own, and those of enumerations
        outline += (kind, int(value))
    elif isinstance(value, str):
        outline += (kind, str.__str__(value))
    else:
        raise NotPlainError
