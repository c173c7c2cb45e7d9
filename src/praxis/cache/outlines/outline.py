"""From a query, as a compiler has it, to its outline."""

from collections.abc import Callable
from typing import Any

from django.db.models.expressions import Col, Ref
from django.db.models.fields.related import ForeignKey, ManyToManyField, OneToOneField
from django.db.models.fields.reverse_related import ManyToManyRel, ManyToOneRel, OneToOneRel
from django.db.models.sql.datastructures import BaseTable, Join
from django.db.models.sql.query import Query
from django.db.models.sql.subqueries import AggregateQuery

from praxis.cache.outlines.columns import NotPlainError
from praxis.cache.outlines.conditions import add_where
from praxis.cache.outlines.expressions import add_expression

#: Attributes of a query that its text depends on by their values.
_TELLING = frozenset({
    "alias_cols", "alias_prefix", "default_cols", "default_ordering", "distinct",
    "distinct_fields", "high_mark", "low_mark", "max_depth", "model",
    "standard_ordering", "values_select",
})  # fmt: skip
#: Those that must say nothing: what they are for is not known here.
_EMPTY = frozenset({
    "combinator", "explain_info", "external_aliases", "extra", "extra_order_by",
    "extra_select_mask", "extra_tables", "_extra_select_cache", "_filtered_relations",
    "select_for_update",
})  # fmt: skip
#: Those that queries are made by, or that follow from the others.
_SILENT = frozenset({
    "_annotation_select_cache", "_lookup_joins", "base_table", "combinator_all",
    "contains_aggregate", "contains_over_clause", "filter_is_sticky", "inner_query",
    "praxis_ttl_s", "select_for_no_key_update", "select_for_update_nowait",
    "select_for_update_of", "select_for_update_skip_locked", "subquery", "used_aliases",
})  # fmt: skip
_PLAIN_FIELDS = frozenset({ForeignKey, ManyToManyField, OneToOneField})
#: What rows are grouped by: neither has parameters.
_GROUPED = frozenset({Col, Ref})
_PLAIN_RELATIONS = frozenset({ManyToManyRel, ManyToOneRel, OneToOneRel})

#: What two queries of one text have in common: hashable, and meaningful in this process only.
Outline = tuple[Any, ...]


def outline_of(compiler: Any) -> tuple[Outline, list[Any], list[Any]] | None:
    """
    What the text of a query depends on, and what it is compared with.

    The query is left as it is.

    Args:
        compiler: Of the query, which was not compiled yet.

    Returns:
        The outline, the parameters of the WHERE, and the fields that the outline names by their
        ids, which mean something as long as somebody holds these; None if it has to be compiled.
    """
    query = compiler.query
    kind = type(query)
    found: list[Any] = [type(compiler), compiler.elide_empty]
    values: list[Any] = []
    fields: list[Any] = []
    try:
        if kind is AggregateQuery:
            inner = query.inner_query
            if type(inner) is not Query:
                return None
            _add_query(query, compiler, found, values, fields)
            _add_query(inner, inner.get_compiler(compiler.using), found, values, fields)
        elif kind is Query and not query.subquery:
            _add_query(query, compiler, found, values, fields)
        else:
            return None
    except Exception:  # noqa: BLE001 - of a query that is odd, compiling says what is wrong with it
        return None
    return tuple(found), values, fields


def _add_query(
    query: Any, compiler: Any, outline: list[Any], values: list[Any], fields: list[Any]
) -> None:
    outline += query.__dict__
    for name, value in query.__dict__.items():
        if name in _TELLING:
            outline.append(value)
        elif name in _EMPTY:
            if value:
                raise NotPlainError
        elif name == "where":
            add_where(value, compiler, outline, values, fields)
        elif name not in _SILENT:
            _READERS[name](value, compiler, outline, fields)
    if query.default_ordering and not query.order_by and query.model is not None:
        names = query.model._meta.ordering  # noqa: SLF001 - public since ever
        _add_names(names, compiler, outline, fields)


def _add_counts(
    counts: dict[str, int], compiler: Any, outline: list[Any], fields: list[Any]
) -> None:
    del compiler, fields
    outline += (len(counts), *counts.items())


def _add_joins(joins: dict[str, Any], compiler: Any, outline: list[Any], fields: list[Any]) -> None:
    del compiler
    outline.append(len(joins))
    for alias, one in joins.items():
        kind = type(one)
        outline += (kind, alias, one.table_name, one.table_alias)
        if kind is Join:
            relation = one.join_field
            outline += (one.parent_alias, one.join_type, one.nullable, id(relation))
            fields.append(relation)
            # generic relations, for one, compare with a constant besides
            if one.filtered_relation is not None or not _is_plain(relation):
                raise NotPlainError
        elif kind is not BaseTable:
            raise NotPlainError


def _is_plain(relation: Any) -> bool:
    if type(relation) in _PLAIN_RELATIONS:
        return type(relation.field) in _PLAIN_FIELDS
    return type(relation) in _PLAIN_FIELDS


def _add_tables(
    tables: dict[str, list[str]], compiler: Any, outline: list[Any], fields: list[Any]
) -> None:
    del compiler, fields
    outline.append(len(tables))
    for table, aliases in tables.items():
        outline += (table, *aliases, None)


def _add_annotations(
    annotations: dict[str, Any], compiler: Any, outline: list[Any], fields: list[Any]
) -> None:
    outline.append(len(annotations))
    for name, one in annotations.items():
        outline.append(name)
        add_expression(one, compiler, outline, fields)


def _add_deferred(deferred: Any, compiler: Any, outline: list[Any], fields: list[Any]) -> None:
    del compiler, fields
    names, is_deferred = deferred
    outline += (frozenset(names), is_deferred)


def _add_mask(mask: Any, compiler: Any, outline: list[Any], fields: list[Any]) -> None:
    del compiler, fields
    if mask is None:
        outline.append(None)
    else:
        outline.append(frozenset(mask) if isinstance(mask, set | frozenset) else tuple(mask))


def _add_select(columns: Any, compiler: Any, outline: list[Any], fields: list[Any]) -> None:
    outline.append(len(columns))
    for one in columns:
        add_expression(one, compiler, outline, fields)


def _add_selected(selected: Any, compiler: Any, outline: list[Any], fields: list[Any]) -> None:
    del compiler, fields
    if selected is None:
        outline.append(None)
        return
    outline.append(len(selected))
    for name, what in selected.items():
        if type(what) not in {int, str}:
            raise NotPlainError
        outline += (name, what)


def _add_related(related: Any, compiler: Any, outline: list[Any], fields: list[Any]) -> None:
    if isinstance(related, dict):
        outline.append(len(related))
        for name, inner in related.items():
            outline.append(name)
            _add_related(inner, compiler, outline, fields)
    else:
        outline.append((related,))


def _add_names(names: Any, compiler: Any, outline: list[Any], fields: list[Any]) -> None:
    """Names by which a query is ordered; any other order is an expression."""
    del compiler, fields
    for name in names:
        if type(name) is not str:
            raise NotPlainError
    outline += (len(names), *names)


def _add_group(group: Any, compiler: Any, outline: list[Any], fields: list[Any]) -> None:
    if group is None or group is True:  # by nothing; by all that is selected
        outline.append(group)
        return
    outline.append(len(group))
    for one in group:
        if type(one) not in _GROUPED:
            raise NotPlainError
        add_expression(one, compiler, outline, fields)


_READERS: dict[str, Callable[[Any, Any, list[Any], list[Any]], None]] = {
    "alias_map": _add_joins,
    "alias_refcount": _add_counts,
    "annotation_select_mask": _add_mask,
    "annotations": _add_annotations,
    "deferred_loading": _add_deferred,
    "group_by": _add_group,
    "order_by": _add_names,
    "select": _add_select,
    "select_related": _add_related,
    "selected": _add_selected,
    "subq_aliases": _add_mask,
    "table_map": _add_tables,
}
