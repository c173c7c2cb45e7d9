"""Expressions of the select list as parts of an outline."""

from collections.abc import Callable
from typing import Any

from django.db.models import Avg, Count, Max, Min, Sum, Value
from django.db.models.expressions import Col, CombinedExpression, Ref, Star
from django.db.models.functions import Coalesce
from django.db.models.sql.where import WhereNode

from praxis.cache.outlines.columns import NotPlainError, add_column, add_constant
from praxis.cache.outlines.conditions import add_where

_AGGREGATES = (Avg, Count, Max, Min, Sum)
#: What these may have been made with, besides what they are made of.
_OF_AGGREGATES = frozenset({"default", "distinct", "filter"})


def add_expression(one: Any, compiler: Any, outline: list[Any], fields: list[Any]) -> None:
    """
    Add an expression of the select list.

    Args:
        one: The expression, resolved.
        compiler: Of the query.
        outline: What to add to.
        fields: Where to add the fields that the outline names by their ids.

    Raises:
        NotPlainError: if it is none of those that are known.
        EmptyResultSet, FullResultSet: if a value decides what a condition in it is.
    """
    kind = type(one)
    outline.append(kind)
    if kind is Col:
        add_column(one, outline, fields)
    elif kind is not Star:
        add = _KNOWN.get(kind)
        if add is None:
            raise NotPlainError
        add(one, compiler, outline, fields)


def _add_aggregate(one: Any, compiler: Any, outline: list[Any], fields: list[Any]) -> None:
    # one with a field of its own choice differs from others by an object that is made each time
    _, options = _made_with(one)
    if not options.keys() <= _OF_AGGREGATES or one.extra:
        raise NotPlainError
    if one.default is not None or getattr(one, "order_by", None) is not None:
        raise NotPlainError
    sources = one.source_expressions
    outline += (one.distinct, one.is_summary, len(sources))
    for source in sources:
        add_expression(source, compiler, outline, fields)
    _add_filter(one.filter, compiler, outline, fields)


def _add_filter(condition: Any, compiler: Any, outline: list[Any], fields: list[Any]) -> None:
    """What an aggregate counts only: its parameters stand before those of the WHERE."""
    if condition is None:
        outline.append(None)
        return
    if type(condition) is not WhereNode:
        raise NotPlainError
    values: list[Any] = []
    add_where(condition, compiler, outline, values, fields)
    for value in values:
        add_constant(value, outline)


def _add_coalesced(one: Any, compiler: Any, outline: list[Any], fields: list[Any]) -> None:
    """An aggregate with a default, as Django makes it: both are of the aggregate's field."""
    _, options = _made_with(one)
    sources: list[Any] = one.source_expressions
    aggregate, default = sources
    field = _field_of(aggregate)
    if (
        type(aggregate) not in _AGGREGATES
        or options.keys() != {"output_field"}
        or options["output_field"] is not field
        or one.extra
    ):
        raise NotPlainError
    outline.append(one.is_summary)
    add_expression(aggregate, compiler, outline, fields)
    if type(default) is Value and _field_of(default) is field:
        add_constant(default.value, outline)
        outline.append(default.for_save)
    else:
        add_expression(default, compiler, outline, fields)


def _add_combined(one: Any, compiler: Any, outline: list[Any], fields: list[Any]) -> None:
    args, options = _made_with(one)
    if len(args) != 3 or options:
        raise NotPlainError
    outline.append(one.connector)
    add_expression(one.lhs, compiler, outline, fields)
    add_expression(one.rhs, compiler, outline, fields)


def _add_reference(one: Any, compiler: Any, outline: list[Any], fields: list[Any]) -> None:
    outline.append(one.refs)
    add_expression(one.source, compiler, outline, fields)


def _add_value(one: Any, compiler: Any, outline: list[Any], fields: list[Any]) -> None:
    del compiler, fields
    args, options = _made_with(one)
    if len(args) != 1 or options:  # a field of its own choice
        raise NotPlainError
    add_constant(one.value, outline)
    outline.append(one.for_save)


def _field_of(one: Any) -> Any:
    return one._output_field_or_none  # noqa: SLF001 - what Django itself passes on


def _made_with(one: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments and the options that an expression was made with."""
    try:
        args, options = one._constructor_args  # noqa: SLF001 - what `deconstruct` goes by
    except AttributeError:
        raise NotPlainError from None
    return args, options


_KNOWN: dict[type, Callable[[Any, Any, list[Any], list[Any]], None]] = {
    **dict.fromkeys(_AGGREGATES, _add_aggregate),
    Coalesce: _add_coalesced,
    CombinedExpression: _add_combined,
    Ref: _add_reference,
    Value: _add_value,
}
