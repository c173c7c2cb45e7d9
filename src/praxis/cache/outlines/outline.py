"""From a query, as a compiler has it, to its outline."""

from collections.abc import Callable
from typing import Any

from django.db.models.fields.related import ForeignKey, ManyToManyField, OneToOneField
from django.db.models.fields.reverse_related import ManyToManyRel, ManyToOneRel, OneToOneRel
from django.db.models.sql.datastructures import BaseTable, Join
from django.db.models.sql.query import Query

from praxis.cache.outlines.conditions import add_where
from praxis.cache.outlines.expressions import NotPlainError, add_expression

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
    "select_for_update", "subquery",
})  # fmt: skip
#: Those that queries are made by, or that follow from the others.
_SILENT = frozenset({
    "_annotation_select_cache", "_lookup_joins", "base_table", "combinator_all",
    "contains_aggregate", "contains_over_clause", "filter_is_sticky", "praxis_ttl_s",
    "select_for_no_key_update", "select_for_update_nowait", "select_for_update_of",
    "select_for_update_skip_locked", "used_aliases",
})  # fmt: skip
_PLAIN_FIELDS = frozenset({ForeignKey, ManyToManyField, OneToOneField})
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
    if type(query) is not Query:
        return None
    found: list[Any] = [type(compiler), compiler.elide_empty, *query.__dict__]
    values: list[Any] = []
    fields: list[Any] = []
    try:
        for name, value in query.__dict__.items():
            if name in _TELLING:
                found.append(value)
            elif name in _EMPTY:
                if value:
                    return None
            elif name == "where":
                add_where(value, compiler, found, values, fields)
            elif name not in _SILENT:
                _READERS[name](value, found, fields)
        _add_ordering_of_the_model(query, found)
    except Exception:  # noqa: BLE001 - of a query that is odd, compiling says what is wrong with it
        return None
    return tuple(found), values, fields


def _add_ordering_of_the_model(query: Any, outline: list[Any]) -> None:
    if query.default_ordering and not query.order_by and query.model is not None:
        _add_names(query.model._meta.ordering, outline, [])  # noqa: SLF001 - public since ever


def _add_counts(counts: dict[str, int], outline: list[Any], fields: list[Any]) -> None:
    del fields
    outline += (len(counts), *counts.items())


def _add_joins(joins: dict[str, Any], outline: list[Any], fields: list[Any]) -> None:
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


def _add_tables(tables: dict[str, list[str]], outline: list[Any], fields: list[Any]) -> None:
    del fields
    outline.append(len(tables))
    for table, aliases in tables.items():
        outline += (table, *aliases, None)


def _add_annotations(annotations: dict[str, Any], outline: list[Any], fields: list[Any]) -> None:
    outline.append(len(annotations))
    for name, one in annotations.items():
        outline.append(name)
        add_expression(one, outline, fields)


def _add_deferred(deferred: Any, outline: list[Any], fields: list[Any]) -> None:
    del fields
    names, is_deferred = deferred
    outline += (frozenset(names), is_deferred)


def _add_mask(mask: Any, outline: list[Any], fields: list[Any]) -> None:
    del fields
    if mask is None:
        outline.append(None)
    else:
        outline.append(frozenset(mask) if isinstance(mask, set | frozenset) else tuple(mask))


def _add_select(columns: Any, outline: list[Any], fields: list[Any]) -> None:
    outline.append(len(columns))
    for one in columns:
        add_expression(one, outline, fields)


def _add_selected(selected: Any, outline: list[Any], fields: list[Any]) -> None:
    del fields
    if selected is None:
        outline.append(None)
        return
    outline.append(len(selected))
    for name, what in selected.items():
        if type(what) not in {int, str}:
            raise NotPlainError
        outline += (name, what)


def _add_related(related: Any, outline: list[Any], fields: list[Any]) -> None:
    if isinstance(related, dict):
        outline.append(len(related))
        for name, inner in related.items():
            outline.append(name)
            _add_related(inner, outline, fields)
    else:
        outline.append((related,))


def _add_names(names: Any, outline: list[Any], fields: list[Any]) -> None:
    """Names by which a query is ordered; any other order is an expression."""
    del fields
    for name in names:
        if type(name) is not str:
            raise NotPlainError
    outline += (len(names), *names)


def _add_group(group: Any, outline: list[Any], fields: list[Any]) -> None:
    del outline, fields
    if group is not None:
        raise NotPlainError


_READERS: dict[str, Callable[[Any, list[Any], list[Any]], None]] = {
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
