"""Eager loading that cannot work: noted where the methods of querysets are called."""

from collections.abc import Sequence

from praxis.audit.facts.models.lookups import leads_to_one, problem_with
from praxis.audit.flow.code import ir
from praxis.audit.flow.events import (
    EagerLoading,
    Event,
    OnePrefetched,
    PrefetchStreamed,
    QueryDiscarded,
    WrongLookups,
)
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.values import Const, Prefetch, QuerySet, Value

#: Methods of querysets that do nothing but to return another one.
LAZY = frozenset({
    "alias", "all", "annotate", "complex_filter", "defer", "distinct", "exclude", "extra",
    "filter", "only", "order_by", "prefetch_related", "reverse", "select_for_update",
    "select_related", "using", "values", "values_list",
})  # fmt: skip


#: Those that nothing but a queryset has, whatever it is a queryset of.
_DJANGO_ALONE = frozenset({"prefetch_related", "select_for_update", "select_related"})


def note_method(
    frame: Frame, queryset: QuerySet, name: str, call: ir.Call, args: Sequence[Value]
) -> None:
    """``queryset.name(args)``, one of Django's own methods."""
    if frame.quiet:
        return
    if name in {"select_related", "prefetch_related"}:
        _note_lookups(frame, queryset, name, call, args)
    elif queryset.prefetched:
        _note_stream(frame, call, tuple(prefetch.lookup for prefetch in queryset.prefetched))


def note_unknown_method(frame: Frame, call: ir.Call) -> None:
    """The same of a receiver that is not known: its chain may tell what it is."""
    link: ir.Expr = call
    while isinstance(link, ir.Call) and isinstance(link.function, ir.Attr):
        if link.function.attr == "prefetch_related" and link.args:
            lookups = [arg.value for arg in link.args if isinstance(arg, ir.Const)]
            if None not in lookups and not frame.quiet:
                _note_stream(frame, call, tuple(str(lookup) for lookup in lookups))
            return
        if link is not call and link.function.attr not in LAZY:
            return
        link = link.function.value


def _note_stream(frame: Frame, call: ir.Call, lookups: tuple[str, ...]) -> None:
    function = call.function
    if (
        isinstance(function, ir.Attr)
        and function.attr == "iterator"
        and not call.args
        and not call.keywords
    ):
        _note(frame, PrefetchStreamed(frame.path, (call.start, call.end), lookups))


def _note_lookups(
    frame: Frame, queryset: QuerySet, name: str, call: ir.Call, args: Sequence[Value]
) -> None:
    joins = name == "select_related"
    made = {prefetch.lookup for prefetch in queryset.prefetched if prefetch.to_attr}
    wrong: list[tuple[str, tuple[int, int]]] = []
    for written, value in zip(call.args, args, strict=False):
        lookup, node = _lookup_of(written, value)
        if node is None:
            continue
        if isinstance(value, Prefetch) and value.to_attr:
            made.add(value.lookup)
        if not joins and any(lookup == one or lookup.startswith(f"{one}__") for one in made):
            continue
        if problem_with(frame.index, queryset.model, lookup, joins=joins) is not None:
            wrong.append((lookup, (node.start, node.end)))
    span = (call.start, call.end)
    if not joins:
        _note_one(frame, queryset, call, args)
    texts = _written(call, args)
    if texts:
        _note(frame, EagerLoading(frame.path, span, name, queryset.model, texts))
    if wrong:
        _note(frame, WrongLookups(frame.path, span, name, queryset.model, tuple(wrong)))


def _written(call: ir.Call, args: Sequence[Value]) -> tuple[tuple[str, tuple[int, int]], ...]:
    """The lookups that stand in the call as texts, with their places."""
    return tuple(
        (value.value, (written.start, written.end))
        for written, value in zip(call.args, args, strict=False)
        if isinstance(written, ir.Const) and isinstance(value, Const)
        if isinstance(value.value, str)
    )


def _note_one(frame: Frame, queryset: QuerySet, call: ir.Call, args: Sequence[Value]) -> None:
    lookups = [
        (value.value, (written.start, written.end))
        for written, value in zip(call.args, args, strict=False)
        if isinstance(value, Const) and isinstance(value.value, str)
    ]
    ones = tuple(
        (lookup, span)
        for lookup, span in lookups
        if leads_to_one(frame.index, queryset.model, lookup)
        and not any(other.startswith(f"{lookup}__") for other, _ in lookups)
    )
    if ones:
        alone = len(ones) == len(call.args)
        span = (call.start, call.end)
        _note(frame, OnePrefetched(frame.path, span, queryset.model, ones, alone))


def _lookup_of(written: ir.Expr, value: Value) -> tuple[str, ir.Expr | None]:
    """The lookup as it was written, and where; a `Prefetch` is known by another name."""
    if isinstance(value, Prefetch):
        first = written.args[0] if isinstance(written, ir.Call) and written.args else None
        if isinstance(first, ir.Const) and isinstance(first.value, str):
            return first.value, first
        return "", None
    if isinstance(value, Const) and isinstance(value.value, str):
        return value.value, written
    return "", None


def note_discarded(frame: Frame, statement: ir.Evaluate, value: Value) -> None:
    """A statement whose *value* nobody takes."""
    call = statement.value
    if frame.quiet or not isinstance(call, ir.Call) or not isinstance(call.function, ir.Attr):
        return
    method = call.function.attr
    if isinstance(value, QuerySet):
        if method not in LAZY:
            return
        managers = frame.model(value.model).managers.values()
        if any(method in manager.methods for manager in managers):
            return  # a method of the project's own may do more
    elif method not in _DJANGO_ALONE:
        return
    root: ir.Expr = call
    while isinstance(root, ir.Call | ir.Attr):
        root = root.function if isinstance(root, ir.Call) else root.value
    name = root.id if isinstance(root, ir.Name) else ""
    held = frame.state.names.get(name)
    taken = name if isinstance(held, QuerySet) else ""
    _note(frame, QueryDiscarded(frame.path, (statement.start, statement.end), method, taken))


def _note(frame: Frame, event: Event) -> None:
    if event not in frame.events:  # an expression may be looked at twice
        frame.events.append(event)
