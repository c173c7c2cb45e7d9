"""What a loop's variable holds, and how often a loop goes round."""

from praxis.audit.flow.code import ir
from praxis.audit.flow.events import Span
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.replaced_rows import mapped
from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    Each,
    Instance,
    Listing,
    QuerySet,
    Row,
    Rows,
    Stream,
    Value,
)
from praxis.audit.flow.notes.taking import note_taken


def iterate(frame: Frame, source: Value, iterable: ir.Expr, loop: Span) -> Value:
    """What each round of the loop gets of *source*."""
    at = (iterable.start, iterable.end)
    note_taken(frame, source, at, loop)
    if isinstance(source, QuerySet):
        frame.evaluated(source, at)
        _count(frame, source, loop)
        return frame.row_of(source, loop, at, single=False)
    if isinstance(source, Rows):
        _count(frame, source.queryset, loop)
        return frame.row_of(source.queryset, loop, at, single=False, since=source.since)
    if isinstance(source, Each):
        return _in_loop(frame, source.item, at, loop)
    if isinstance(source, Stream):
        if source.nested:
            return Listing(source.parts)
        return Listing(tuple(iterate(frame, part, iterable, loop) for part in source.parts))
    return UNKNOWN


def _count(frame: Frame, queryset: QuerySet, loop: Span) -> None:
    """Note whether the loop around goes over many rows."""
    around = frame.loops[-1] if frame.loops else None
    if around is None or around.many is not None or (around.start, around.end) != loop:
        return
    if not frame.are_few(queryset, loop):
        around.many = queryset.model


def _in_loop(frame: Frame, item: Value, at: Span, loop: Span) -> Value:
    """The rows in *item*, of which each round of an earlier loop made one, in this loop."""
    made: dict[int, Instance] = {}

    def walked(instance: Instance) -> Instance:
        row = instance.row
        if row is None or row.single:
            return instance
        if instance.token not in made:
            _count(frame, row.queryset, loop)
            again = Row(row.queryset, frame.path, *loop, at, since=(row.path, row.start, row.end))
            fresh = frame.instance(instance.model, again, instance.prefix, instance.state)
            made[instance.token] = fresh
            if not instance.prefix:
                frame.hold_parent(fresh, row.queryset)
        return made[instance.token]

    return mapped(item, walked)


def bind_target(frame: Frame, target: ir.Expr, value: Value) -> None:
    """Give the names of *target* their values."""
    if isinstance(target, ir.Name):
        frame.bind(target.id, value)
    elif isinstance(target, ir.Seq):
        starred = any(isinstance(item, ir.Star) for item in target.items)
        known = (
            value.items
            if isinstance(value, Listing) and len(value.items) == len(target.items) and not starred
            else (UNKNOWN,) * len(target.items)
        )
        for item, part in zip(target.items, known, strict=True):
            bind_target(frame, item, part)
    elif isinstance(target, ir.Star):
        bind_target(frame, target.value, UNKNOWN)


def rounds_of(source: Value, iterable: ir.Expr) -> int | None:
    """How many rounds a loop over *source* has, where the code tells."""
    if isinstance(source, Listing) and isinstance(iterable, ir.Seq):
        return len(source.items)
    if isinstance(source, QuerySet | Rows):
        queryset = source if isinstance(source, QuerySet) else source.queryset
        return queryset.limit
    if (
        isinstance(iterable, ir.Call)
        and isinstance(iterable.function, ir.Name)
        and iterable.function.id == "range"
        and len(iterable.args) == 1
        and isinstance(iterable.args[0], ir.Const)
        and type(iterable.args[0].value) is int
    ):
        return iterable.args[0].value
    return None
