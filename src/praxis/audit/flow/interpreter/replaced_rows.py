"""Values with other rows in the places of those that they hold."""

from collections.abc import Callable, Sequence
from operator import is_not
from typing import Any

from msgspec.structs import replace

from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    Dict,
    Each,
    Function,
    Inherited,
    Instance,
    Listing,
    Manager,
    Object,
    Pages,
    Prefetch,
    QuerySet,
    RowMap,
    Rows,
    Stream,
    Super,
    Value,
)

#: What is done to a row wherever one is found in a value.
Change = Callable[[Instance], Instance]


def mapped(value: Value, change: Change) -> Value:
    """*value* with every row in it changed; itself where it holds none, as mostly."""
    handler = _HOLDERS.get(value.__class__)
    return value if handler is None else handler(value, change)


def _mapped_row(value: Instance, change: Change) -> Value:
    return change(value)


def _mapped_queryset(value: QuerySet, change: Change) -> Value:
    parent, prefetched = value.parent, value.prefetched
    if parent is None and not prefetched:
        return value
    return replace(
        value,
        parent=None if parent is None else change(parent),
        prefetched=tuple([_mapped_prefetch(item, change) for item in prefetched]),
    )


def _mapped_manager(value: Manager, change: Change) -> Value:
    return value if value.parent is None else replace(value, parent=change(value.parent))


def _mapped_rows(value: Rows | RowMap, change: Change) -> Value:
    changed = mapped(value.queryset, change)
    return replace(value, queryset=changed) if isinstance(changed, QuerySet) else UNKNOWN


def _mapped_pages(value: Pages, change: Change) -> Value:
    changed = mapped(value.rows, change)
    return Pages(changed) if isinstance(changed, Rows) else UNKNOWN


def _mapped_prefetch(value: Prefetch, change: Change) -> Prefetch:
    if value.queryset is None:
        return value
    queryset = mapped(value.queryset, change)
    return replace(value, queryset=queryset) if isinstance(queryset, QuerySet) else value


def _mapped_listing(value: Listing, change: Change) -> Value:
    items = _mapped_all(value.items, change)
    return value if items is None else Listing(tuple(items))


def _mapped_each(value: Each, change: Change) -> Value:
    return replace(value, item=mapped(value.item, _outside_of_rounds(change)))


def _mapped_stream(value: Stream, change: Change) -> Value:
    parts = _mapped_all(value.parts, change)
    return value if parts is None else replace(value, parts=tuple(parts))


def _mapped_dict(value: Dict, change: Change) -> Value:
    items = _mapped_all([item for _, item in value.items], change)
    return value if items is None else Dict(_named_anew(value.items, items))


def _mapped_object(value: Object, change: Change) -> Value:
    items = _mapped_all([item for _, item in value.attributes], change)
    if items is None:
        return value
    return replace(value, attributes=_named_anew(value.attributes, items))


def _mapped_bound(value: Function | Super | Inherited, change: Change) -> Value:
    receiver = value.receiver
    return value if receiver is None else replace(value, receiver=mapped(receiver, change))


#: How the rows in a value are come by; no other class of values holds any.
_HOLDERS: dict[type, Callable[[Any, Change], Value]] = {
    Instance: _mapped_row,
    QuerySet: _mapped_queryset,
    Manager: _mapped_manager,
    Rows: _mapped_rows,
    RowMap: _mapped_rows,
    Pages: _mapped_pages,
    Prefetch: _mapped_prefetch,
    Listing: _mapped_listing,
    Each: _mapped_each,
    Stream: _mapped_stream,
    Dict: _mapped_dict,
    Object: _mapped_object,
    Function: _mapped_bound,
    Super: _mapped_bound,
    Inherited: _mapped_bound,
}


def _mapped_all(items: Sequence[Value], change: Change) -> list[Value] | None:
    """The items, changed; None where nothing in them is."""
    if _HOLDERS.keys().isdisjoint([item.__class__ for item in items]):
        return None
    found = [mapped(item, change) for item in items]
    return found if any(map(is_not, found, items)) else None


def _named_anew(
    pairs: Sequence[tuple[str, Value]], items: Sequence[Value]
) -> tuple[tuple[str, Value], ...]:
    return tuple([(name, item) for (name, _), item in zip(pairs, items, strict=True)])


def _outside_of_rounds(change: Change) -> Change:
    """The change for what a round of a loop has put together: its own row stays a row."""

    def changed(instance: Instance) -> Instance:
        row = instance.row
        if row is None or row.single:
            return change(instance)
        queryset = mapped(row.queryset, change)
        if not isinstance(queryset, QuerySet) or queryset is row.queryset:
            return instance
        return replace(instance, row=replace(row, queryset=queryset))

    return changed


def tokens_in(value: Value) -> set[int]:
    """The rows in *value*."""
    found: set[int] = set()

    def noted(instance: Instance) -> Instance:
        found.add(instance.token)
        return instance

    mapped(value, noted)
    return found
