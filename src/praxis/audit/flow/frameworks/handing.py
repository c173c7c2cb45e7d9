"""Rows handed to a class that reads each of them: a serializer, a schema, a table."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from msgspec import Struct

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.flow.code import ir
from praxis.audit.flow.code.ir import nodes
from praxis.audit.flow.events import Hop, Span, Spot
from praxis.audit.flow.interpreter.arguments import Arguments, is_followed
from praxis.audit.flow.interpreter.expressions import evaluate
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.iteration import iterate
from praxis.audit.flow.interpreter.loaded_relations import annotated_names
from praxis.audit.flow.interpreter.program import Program
from praxis.audit.flow.interpreter.querysets import queryset_of
from praxis.audit.flow.interpreter.summaries import MAX_DEPTH, Summary, apply, recalled, recorded
from praxis.audit.flow.interpreter.values import Function, Instance, Manager, Value


class Way(Struct, frozen=True, eq=False):
    """
    What a sort of class does with rows.

    Attributes:
        name: Under which summaries are kept.
        kind: What walks the rows; see `Frame`.
        note: What a finding says of it: ``serialized by``.
        read: Reads one row for a class.
    """

    name: str
    kind: str
    note: str
    read: Callable[[Frame, Key, Value], None]


def hand(frame: Frame, way: Way, key: Key, value: Value, spot: Spot, *, many: bool) -> None:
    """What the class *key* reads of *value*: a row, or *many* of them."""
    if isinstance(value, Manager):
        value = queryset_of(frame, value)
    arguments = Arguments()
    given = arguments.abstract(value)
    if not is_followed(given):
        return
    summary = _summary_of(frame.program, way, key, given, spot, many=many)
    if summary is not None:
        apply(frame, summary, arguments)


def _summary_of(
    program: Program, way: Way, key: Key, given: Value, spot: Spot, *, many: bool
) -> Summary | None:
    summaries = program.keep(way.name)
    place = key, given, spot, many
    found = recalled(program, summaries.get(place))
    if found is not None:
        return found
    if len(program.records) > MAX_DEPTH:
        return None
    summary = Summary()
    summaries[place] = summary

    def interpret() -> None:
        scope = program.scope(key[0])
        if scope is None:
            return
        inner = Frame(scope, kind=way.kind)
        inner.via = (Hop(spot, f"{way.note} {key[1]}"),)
        if many:
            path, start, end = spot
            inner.path = path
            with inner.loop(start, end, "call"):
                item = iterate(inner, given, ir.Other(start, end), (start, end))
                way.read(inner, key, item)
        else:
            way.read(inner, key, given)
        program.records[-1].events += inner.finish()
        summary.reads = tuple(inner.parameter_reads)

    summary.record = recorded(program, interpret)
    return summary


@contextmanager
def one_field(frame: Frame, owner: Key, span: Span, what: str) -> Iterator[None]:
    """Everything inside is done for one field, which stands at *span* in the file of *owner*."""
    outside = frame.path, frame.via
    frame.path = owner[0]
    frame.via = (*frame.via, Hop((owner[0], *span), what))
    try:
        yield
    finally:
        frame.path, frame.via = outside


def steps_of(written: str, at: ir.Expr) -> Iterator[tuple[str, ir.Expr]]:
    """
    Each name of ``"author.country.name"`` or ``"author__country"``, with where it is read.

    Each stands at a place of its own, where the text is written in one piece.
    """
    separator = "." if "." in written else "__"
    whole = isinstance(at, ir.Const) and at.end - at.start == len(written) + len('""')
    end = at.start + len('"')
    for name in written.split(separator):
        end += len(name)
        yield name, ir.Other(at.start + 1, end) if whole else at
        end += len(separator)


def asks_given(frame: Frame, path: str, node: ir.Def, item: Value) -> bool:
    """
    Whether the function, or one that it calls, asks for what the query sets on its rows.

    ``getattr(book, "newest", None)`` has a way for rows that were prefetched so, which is gone.
    """
    row = item.row if isinstance(item, Instance) else None
    given = annotated_names(row.queryset) if row is not None else frozenset()
    scope = frame.program.scope(path) if given else None
    if scope is None:
        return False
    bodies = [node.body]
    for part in nodes(node.body):
        if isinstance(part, ir.Call) and isinstance(part.function, ir.Name | ir.Attr):
            called = evaluate(Frame(scope), part.function)
            found = (
                frame.program.function(called.path, called.name)
                if isinstance(called, Function)
                else None
            )
            bodies += [found.body] if found is not None else []
    return any(
        isinstance(part, ir.Const) and part.value in given
        for body in bodies
        for part in nodes(body)
    )


def asks_loader(node: ir.Def) -> bool:
    """Whether the resolver hands what is asked for to a loader, which asks for many at once."""
    return any(
        "loader" in str(getattr(part, "id", getattr(part, "attr", ""))).lower()
        for part in nodes(node.body)
    )
