"""The WHERE of a query as part of its outline, and the values that it compares with."""

from typing import Any

from django.db.models import lookups
from django.db.models.expressions import Col
from django.db.models.fields import related_lookups
from django.db.models.sql.where import WhereNode

from praxis.cache.outlines.columns import NotPlainError, add_column

#: Their text is the column, an operator of their class, and what `process_rhs` makes of the other
#: side. Other classes, also those that inherit from these, may do as they like.
_COMPARISONS = frozenset({
    lookups.Exact, lookups.GreaterThan, lookups.GreaterThanOrEqual, lookups.LessThan,
    lookups.LessThanOrEqual, lookups.In, lookups.Range, lookups.IntegerFieldExact,
    lookups.IntegerGreaterThan, lookups.IntegerGreaterThanOrEqual, lookups.IntegerLessThan,
    lookups.IntegerLessThanOrEqual, lookups.IExact, lookups.Contains, lookups.IContains,
    lookups.StartsWith, lookups.IStartsWith, lookups.EndsWith, lookups.IEndsWith,
    related_lookups.RelatedExact, related_lookups.RelatedIn, related_lookups.RelatedLessThan,
    related_lookups.RelatedLessThanOrEqual, related_lookups.RelatedGreaterThan,
    related_lookups.RelatedGreaterThanOrEqual,
})  # fmt: skip
_LISTS = frozenset({lookups.In, related_lookups.RelatedIn})
_NULLS = frozenset({lookups.IsNull, related_lookups.RelatedIsNull})


def add_where(
    node: Any, compiler: Any, outline: list[Any], values: list[Any], fields: list[Any]
) -> None:
    """
    Add a node of the WHERE and what is below it.

    Args:
        node: As a query has it.
        compiler: Of the query.
        outline: What to add to.
        values: Where to add the parameters, as Django prepares them for the database.
        fields: Where to add the fields that the outline names by their ids.

    Raises:
        NotPlainError: if anything in it is not known.
        EmptyResultSet, FullResultSet: if a value decides what the whole is.
    """
    children = node.children
    outline += (node.connector, node.negated, node.resolved, len(children))
    for child in children:
        kind = type(child)
        outline.append(kind)
        if kind in _COMPARISONS:
            _add_comparison(child, compiler, outline, values, fields)
        elif kind is WhereNode:
            add_where(child, compiler, outline, values, fields)
        elif kind in _NULLS and type(child.lhs) is Col and type(child.rhs) is bool:
            add_column(child.lhs, outline, fields)
            outline.append(child.rhs)
        else:
            raise NotPlainError


def _add_comparison(
    one: Any, compiler: Any, outline: list[Any], values: list[Any], fields: list[Any]
) -> None:
    left, right = one.lhs, one.rhs
    if type(left) is not Col or one.bilateral_transforms or hasattr(right, "as_sql"):
        raise NotPlainError
    add_column(left, outline, fields)
    connection = compiler.connection
    if isinstance(right, bool):
        # a column that is true or false may stand alone, with no parameter
        if type(one) is lookups.Exact and _stands_alone(left, connection):
            outline.append(right)
            return
        text, found = one.as_sql(compiler, connection)
    elif type(one) in _LISTS and type(right) is list and None not in right:
        text, found = _list(one, connection)
    else:
        text, found = one.process_rhs(compiler, connection)
    outline.append(text)
    values += found


def _stands_alone(column: Any, connection: Any) -> bool:
    """What `Exact` asks before it writes ``column`` or ``NOT column``."""
    alone: bool = connection.ops.conditional_expression_supported_in_where_clause(column)
    return alone and column.conditional


def _list(one: Any, connection: Any) -> tuple[object, list[Any]]:
    """What `process_rhs` makes of a list, in a quarter of the time; its length for the text."""
    field = getattr(one.lhs.output_field, "target_field", None)
    prepare = getattr(field, "get_db_prep_value", one.lhs.output_field.get_db_prep_value)
    found = [prepare(value, connection, prepared=True) for value in dict.fromkeys(one.rhs)]
    if not found or any(hasattr(value, "as_sql") for value in found):
        raise NotPlainError
    return len(found), found
