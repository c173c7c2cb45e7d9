"""Columns, and the few expressions beside them, as parts of an outline."""

from typing import Any

from django.db.models import Avg, Count, Max, Min, Sum, Value
from django.db.models.expressions import Col, Star


class NotPlainError(Exception):
    """Something in a query that may compile in a way that its outline does not tell."""


_AGGREGATES = frozenset({Avg, Count, Max, Min, Sum})
#: What these may have been made with, besides what they are made of.
_KNOWN_OPTIONS = frozenset({"distinct"})
_CONSTANTS = frozenset({bool, int, str})


def add_expression(one: Any, outline: list[Any], fields: list[Any]) -> None:
    """
    Add an expression of the select list.

    Args:
        one: The expression, resolved.
        outline: What to add to.
        fields: Where to add the fields that the outline names by their ids.

    Raises:
        NotPlainError: if it is none of those that are known.
    """
    kind = type(one)
    outline.append(kind)
    if kind is Col:
        add_column(one, outline, fields)
    elif kind in _AGGREGATES:
        _add_aggregate(one, outline, fields)
    elif kind is Value:
        if _options(one) or type(one.value) not in _CONSTANTS:
            raise NotPlainError
        outline += (type(one.value), one.value, one.for_save)
    elif kind is not Star:
        raise NotPlainError


def add_column(one: Col, outline: list[Any], fields: list[Any]) -> None:
    """Add a column; see `add_expression`."""
    target, output = one.target, one.output_field
    outline += (one.alias, id(target), id(output))
    fields += (target, output)


def _add_aggregate(one: Any, outline: list[Any], fields: list[Any]) -> None:
    # one with a field of its own choice differs from others by an object that is made each time
    if not _options(one).keys() <= _KNOWN_OPTIONS or one.extra or one.filter is not None:
        raise NotPlainError
    if one.default is not None or getattr(one, "order_by", None) is not None:
        raise NotPlainError
    sources = one.source_expressions
    outline += (one.distinct, one.is_summary, len(sources))
    for source in sources:
        add_expression(source, outline, fields)


def _options(one: Any) -> dict[str, Any]:
    """The options that an expression was made with."""
    try:
        _, options = one._constructor_args  # noqa: SLF001 - what `deconstruct` goes by
    except AttributeError:
        raise NotPlainError from None
    found: dict[str, Any] = options
    return found
