"""Rows that the database holds, written one by one in loops: saved, deleted, related, upserted."""

from collections.abc import Iterator

from praxis.audit.facts.models import model_index
from praxis.audit.flow.code import ir
from praxis.audit.flow.code.ir import nodes
from praxis.audit.flow.code.mentions import (
    assigned_in,
    is_statement,
    names_of,
    stored_attributes,
)
from praxis.audit.flow.events import (
    RelationFilled,
    RowsDeleted,
    RowsSaved,
    RowsUpserted,
    Span,
    Write,
)
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.states import Loop
from praxis.audit.flow.interpreter.values import Instance, Manager, QuerySet, Rows
from praxis.audit.flow.notes.loading import LAZY
from praxis.audit.flow.notes.set_values import update_fields, values_set
from praxis.audit.flow.reading.rounds import writes_of
from praxis.audit.flow.reading.rounds_work import does_work

#: Fewer rounds than this are not worth another way of writing.
FEW_ROUNDS = 10

_NOWHERE: Span = (0, 0)
_UPSERTS = frozenset({
    "get_or_create", "update_or_create", "aget_or_create", "aupdate_or_create",
})  # fmt: skip
_FILLS = frozenset({"add", "remove", "aadd", "aremove"})


def note_row_written(frame: Frame, row: Instance, call: ir.Call, fields: tuple[str, ...]) -> None:
    """``row.save()`` of a fetched row, after *fields* were set."""
    loop = _loop_of(frame)
    if loop is None or not isinstance(loop.source, ir.For) or row.state != "fetched":
        return
    if row.prefix or row.row is None or row.token in frame.perhaps_new or call.args:
        return
    single = row.row.single
    if (row.made_in if single else row.row.start) != loop.start:
        return
    if single and not _is_got_by_key(loop.source, row.row.at):
        return
    keys = {"adding", "id", "pk", frame.model(row.model).primary_key}
    if stored_attributes(loop.source.body) & keys:
        return  # it is another row from there on
    named = update_fields(call)
    if named is None or not (named or fields):
        return
    writes = writes_of(frame, loop.source.body)
    if writes is None:
        return
    value, updates = values_set(frame, loop.source, call)
    whole = not single and _is_query(frame, loop.source)
    whole = whole and 0 < len(updates) == len(loop.source.body) - 1
    event = RowsSaved(
        frame.path,
        (call.start, call.end),
        (loop.start, loop.end),
        row.model,
        named or fields,
        bool(named),
        loop.rounds,
        value,
        updates,
        _span(loop.source.iterable) if whole and not row.row.queryset.sliced else _NOWHERE,
        single,
        row.row.queryset.sliced or _is_list(frame, loop.source),
    )
    frame.written.append((loop, event, writes))


def _is_got_by_key(loop: ir.For, at: Span) -> bool:
    """Whether the row at *at* is what ``get()`` finds by something that the rounds differ in."""
    varying = names_of(loop.target) | assigned_in(loop.body)
    return any(
        isinstance(node, ir.Call)
        and (node.start, node.end) == at
        and _last_name(node.function) in {"get", "aget", "get_object_or_404"}
        and bool(names_of(tuple(value for _, value in node.keywords)) & varying)
        for node in nodes(loop.body)
    )


def _last_name(function: ir.Expr) -> str:
    if isinstance(function, ir.Attr):
        return function.attr
    return function.id if isinstance(function, ir.Name) else ""


def note_deleted(frame: Frame, row: Instance, call: ir.Call) -> None:
    """``row.delete()``."""
    loop = _loop_of(frame)
    if loop is None or not isinstance(loop.source, ir.For) or row.prefix or row.row is None:
        return
    if row.row.single or row.row.start != loop.start or call.args or call.keywords:
        return
    body = loop.source.body
    rest = without(body, call)
    if writes_of(frame, rest) != frozenset():
        return
    queryset = row.row.queryset
    whole = _is_alone(loop.source, call) and _is_query(frame, loop.source) and not queryset.sliced
    event = RowsDeleted(
        frame.path,
        (call.start, call.end),
        (loop.start, loop.end),
        row.model,
        loop.rounds,
        queryset.sliced,
        not any(is_statement(statement, call) for statement in body)
        or _is_list(frame, loop.source),
        _span(loop.source.iterable) if whole else _NOWHERE,
    )
    frame.written.append((loop, event, frozenset()))


def note_manager_write(
    frame: Frame, receiver: Manager | QuerySet, function: ir.Attr, call: ir.Call
) -> None:
    """``row.relation.add(other)``, ``Book.objects.get_or_create(…)``."""
    if function.attr in _UPSERTS:
        _note_upsert(frame, receiver, function.attr, call)
    elif function.attr in _FILLS and isinstance(receiver, Manager) and receiver.parent is not None:
        _note_filled(frame, receiver, receiver.parent, function, call)


def _note_filled(
    frame: Frame, manager: Manager, parent: Instance, function: ir.Attr, call: ir.Call
) -> None:
    loop = _loop_of(frame)
    if loop is None or not isinstance(loop.source, ir.For):
        return
    relation = frame.model(parent.model).relations.get(manager.relation)
    if relation is None or relation.kind != model_index.MANY:
        return
    if parent.made_in == loop.start or (parent.row is not None and parent.row.start == loop.start):
        return
    if len(call.args) != 1 or call.keywords or isinstance(call.args[0], ir.Star):
        return
    source = loop.source
    mentions = [
        node
        for node in nodes(source.body)
        if isinstance(node, ir.Attr) and node.attr == manager.relation
    ]
    if len(mentions) != 1 or not any(is_statement(inner, call) for inner in nodes(source.body)):
        return
    if _is_handled(source.body, names_of(function.value), call) or does_work(source.body, call):
        return
    varying = names_of(source.target) | assigned_in(source.body)
    if not names_of(call.args[0]) & varying or names_of(function.value) & varying:
        return
    argument, target = call.args[0], source.target
    same = isinstance(argument, ir.Name) and isinstance(target, ir.Name)
    whole = same and _is_alone(source, call) and argument.id == target.id  # type: ignore[union-attr]  # both are names
    event = RelationFilled(
        frame.path,
        (call.start, call.end),
        (loop.start, loop.end),
        parent.model,
        manager.relation,
        function.attr,
        loop.rounds,
        _span(function.value),
        _span(source.iterable) if whole else _NOWHERE,
    )
    frame.written.append((loop, event, frozenset()))


def _is_handled(body: tuple[ir.Stmt, ...], names: set[str], call: ir.Call) -> bool:
    """Whether the round calls a method of one of *names*, or hands it to a function."""
    for node in nodes(body):
        if not isinstance(node, ir.Call) or node is call:
            continue
        receiver = node.function.value if isinstance(node.function, ir.Attr) else None
        given = (receiver, *node.args, *(value for _, value in node.keywords))
        if any(isinstance(one, ir.Name) and one.id in names for one in given):
            return True
    return False


def _note_upsert(frame: Frame, receiver: Manager | QuerySet, method: str, call: ir.Call) -> None:
    loop = _loop_of(frame)
    if loop is None or not isinstance(loop.source, ir.For) or call.args:
        return
    body = loop.source.body
    if not any(is_statement(inner, call) for inner in nodes(body)):
        return
    if writes_of(frame, without(body, call)) != frozenset():
        return
    words = tuple(word for word, _ in call.keywords if word not in {"defaults", "create_defaults"})
    if "" in words:
        return
    event = RowsUpserted(
        frame.path,
        (call.start, call.end),
        (loop.start, loop.end),
        receiver.model,
        method,
        words,
        loop.rounds,
    )
    frame.written.append((loop, event, frozenset()))


def confirmed_writes(frame: Frame) -> Iterator[Write]:
    """The writes of loops whose rounds do no other, and do not ask for what they write."""
    saved: set[tuple[int, object]] = set()
    for loop, event, writes in frame.written:
        together = {other.span for other_loop, other, _ in frame.written if other_loop is loop}
        if not writes <= together:
            continue
        if isinstance(event, RowsSaved):
            if (loop.start, event.model) in saved:
                continue  # one loop of one model: one finding
            saved.add((loop.start, event.model))
        asks = isinstance(event, RelationFilled | RowsUpserted) or (
            isinstance(event, RowsSaved) and event.single
        )
        if asks or event.model not in loop.queried_again:
            yield event


# The loop.


def _loop_of(frame: Frame) -> Loop | None:
    """The loop around the current place, if it is one that could write all rows at once."""
    if not frame.loops or frame.quiet:
        return None
    loop = frame.loops[-1]
    few = loop.rounds is not None and loop.rounds < FEW_ROUNDS
    if loop.kind != "for" or few or loop.start in frame.left or loop.tries:
        return None
    return loop


def _is_list(frame: Frame, loop: ir.For) -> bool:
    """Whether the loop runs over a list with a name, from which rows may have been taken."""
    return isinstance(loop.iterable, ir.Name) and isinstance(frame.look_up(loop.iterable.id), Rows)


def _is_query(frame: Frame, loop: ir.For) -> bool:
    """Whether the loop runs over a query as it stands, so that a method can be called on it."""
    if loop.orelse or loop.is_async:
        return False
    node = loop.iterable
    if isinstance(node, ir.Name):
        return isinstance(frame.look_up(node.id), QuerySet)
    return (
        isinstance(node, ir.Call)
        and isinstance(node.function, ir.Attr)
        and node.function.attr in LAZY
        and node.function.attr not in {"values", "values_list"}
    )


def _is_alone(loop: ir.For, call: ir.Call) -> bool:
    return (
        len(loop.body) == 1
        and not loop.orelse
        and not loop.is_async
        and isinstance(loop.body[0], ir.Evaluate)
        and loop.body[0].value is call
    )


def without(body: tuple[ir.Stmt, ...], call: ir.Call) -> tuple[ir.Stmt, ...]:
    """The block without the statement that is *call*, wherever in conditions it stands."""
    kept: list[ir.Stmt] = []
    for statement in body:
        if is_statement(statement, call):
            continue
        if isinstance(statement, ir.If):
            inner = without(statement.body, call), without(statement.orelse, call)
            kept.append(ir.If(statement.start, statement.end, statement.test, *inner))
        else:
            kept.append(statement)
    return tuple(kept)


def _span(node: ir.Expr) -> Span:
    return node.start, node.end
