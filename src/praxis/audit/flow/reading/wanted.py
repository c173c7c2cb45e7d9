"""What the rows of a queryset are fetched for: to be counted, added up, sorted, or walked."""

from collections.abc import Iterator
from typing import TypeAlias

from praxis.audit.flow.code import ir
from praxis.audit.flow.code.places import Places
from praxis.audit.flow.events import (
    ColumnsRead,
    RowsCounted,
    RowsFolded,
    RowsWalked,
    UnorderedPicked,
)
from praxis.audit.flow.interpreter.conditions import is_unordered
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.states import Ask
from praxis.audit.flow.reading.elsewhere import call_of, used_elsewhere
from praxis.audit.flow.reading.few_columns import few_columns
from praxis.audit.flow.reading.folding import folded

Wanted: TypeAlias = ColumnsRead | RowsCounted | RowsFolded | RowsWalked | UnorderedPicked


def wanted(frame: Frame, places: Places) -> Iterator[Wanted]:
    """One event for each query that has more to say than its rows are wanted for."""
    for ask in frame.asks:
        if ask.quiet or ask.how == "write" or not places.holds(ask.node):
            continue
        picked = _picked(frame, ask)
        if picked is not None:
            yield picked
        if ask.how != "rows" or _is_streamed(ask) or _may_be_fetched(frame, ask):
            continue
        event = (
            _counted(frame, places, ask)
            or folded(frame, places, ask)
            or _walked(frame, places, ask)
        )
        if event is not None:
            yield event
        few = None if isinstance(event, RowsFolded) else few_columns(frame, places, ask)
        if few is not None:
            yield few


def _is_streamed(ask: Ask) -> bool:
    node = ask.node
    if isinstance(node, ir.Call) and isinstance(node.function, ir.Attr):
        return node.function.attr in {"iterator", "aiterator"}
    return ask.queryset.streamed


def _may_be_fetched(frame: Frame, ask: Ask) -> bool:
    """Whether the query of the rows around has fetched them, or should do so."""
    queryset = ask.queryset
    parent = queryset.parent
    if parent is None or not queryset.plain:
        return False
    # eager loading mends the one, and has mended the other
    return ask.repeats or frame.is_loaded(parent, queryset.relation)


# Counted.


def _counted(frame: Frame, places: Places, ask: Ask) -> RowsCounted | None:
    inner = call_of(places, ask.node, frozenset({"list"}))
    counted = ask.node if inner is None or len(inner.args) != 1 else inner
    call = call_of(places, counted, frozenset({"len"}))
    parent = ask.queryset.parent
    if parent is not None and ask.queryset.plain and frame.is_handed(parent):
        return None  # whoever hands it in may have prefetched the rows
    if call is None or ask.queryset.sliced or used_elsewhere(places, ask.node):
        return None
    return RowsCounted(
        frame.path,
        (call.start, call.end),
        (ask.node.start, ask.node.end),
        ask.queryset.model,
    )


# Walked.


def _walked(frame: Frame, places: Places, ask: Ask) -> RowsWalked | None:
    """A loop over all of a table whose rows nothing else wants."""
    loop, queryset = places.parent(ask.node), ask.queryset
    if not isinstance(loop, ir.For) or loop.iterable is not ask.node or loop.is_async:
        return None
    if ask.loops or queryset.limit is not None or queryset.sliced or queryset.locked:
        return None
    if queryset.opaque or queryset.parent is not None or used_elsewhere(places, ask.node):
        return None
    return RowsWalked(
        frame.path,
        (ask.node.start, ask.node.end),
        (loop.start, loop.end),
        queryset.model,
        bool(queryset.prefetched),
        tuple(sorted(queryset.conditions)),
    )


# Taken by their position.


def _picked(frame: Frame, ask: Ask) -> UnorderedPicked | None:
    queryset = ask.queryset
    how = ""
    if ask.how == "paginate":
        how = "paginate"
    elif ask.how == "rows" and isinstance(ask.node, ir.Slice) and _starts_later(ask.node):
        how = "page"
    if not how or queryset.values or not is_unordered(frame.index, queryset):
        return None
    return UnorderedPicked(frame.path, (ask.node.start, ask.node.end), queryset.model, how)


def _starts_later(node: ir.Slice) -> bool:
    """Whether rows are passed over: by ``rows[start:end]``, but not by ``rows[0:10]``."""
    lower = node.lower
    return lower is not None and not (isinstance(lower, ir.Const) and lower.value in {0, None})
