"""New rows saved in loops, and fetched rows saved after a few fields were set."""

from praxis.audit.flow.code import ir
from praxis.audit.flow.events import RowSaved, RowsCreated, Span
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.states import Loop, PendingCreation
from praxis.audit.flow.interpreter.values import Instance, Value
from praxis.audit.flow.notes.changes import note_saved
from praxis.audit.flow.notes.written import FEW_ROUNDS, note_row_written
from praxis.audit.flow.reading.rounds import is_used_after, writes_of, writes_of_comprehension


def note_created(
    frame: Frame, call: ir.Call, function: ir.Attr, made: Instance, parent: Instance | None
) -> None:
    """``manager.create(…)``: told where it happens once a round of a loop."""
    loop = _loop_of(frame, made, parent)
    writes = _writes_of(frame, loop, call)
    if loop is None or writes is None:
        return
    alone, target, iterated = False, (0, 0), (0, 0)
    statement = loop.source
    if (
        isinstance(statement, ir.For)
        and not statement.is_async
        and not statement.orelse
        and len(statement.body) == 1
        and isinstance(statement.body[0], ir.Evaluate)
        and statement.body[0].value is call
        and not call.args
    ):
        alone = True
        target = (statement.target.start, statement.target.end)
        iterated = (statement.iterable.start, statement.iterable.end)
    event = RowsCreated(
        frame.path,
        (call.start, call.end),
        (loop.start, loop.end),
        made.model,
        "create",
        loop.rounds,
        alone,
        target,
        iterated,
        (function.end, call.end),
        (function.value.start, function.value.end),
    )
    frame.pending.append(PendingCreation(made.token, event, loop, writes))


def _loop_of(frame: Frame, made: Instance, parent: Instance | None = None) -> Loop | None:
    """The loop that saves one row a round, if rows could as well be saved together."""
    if not frame.loops or frame.quiet:
        return None
    loop = frame.loops[-1]
    few = loop.rounds is not None and loop.rounds < FEW_ROUNDS
    if (
        loop.kind not in {"for", "comprehension"}
        or few
        or loop.start in frame.left
        or loop.tries
        or made.model in loop.queried
        or (
            parent is not None
            and parent.state in {"new", "created"}
            and parent.made_in == loop.start
        )
        or made.made_in != loop.start
    ):
        return None
    return loop


def _writes_of(frame: Frame, loop: Loop | None, call: ir.Call) -> frozenset[Span] | None:
    """The calls of a round that save rows; None if it does more than that, or uses the row on."""
    if loop is None or loop.source is None:
        return None
    if isinstance(loop.source, ir.Comp):
        return writes_of_comprehension(frame, loop.source, call)
    if is_used_after(loop.source.body, call):
        return None
    return writes_of(frame, loop.source.body)


def saved(frame: Frame, instance: Instance, call: ir.Call) -> None:
    """``instance.save()``."""
    note_saved(frame, instance, call)
    fields = frame.state.changed.pop(instance.token, ())
    note_row_written(frame, instance, call, fields)
    if call.args or call.keywords or frame.quiet:
        return
    if instance.state == "new":
        loop = _loop_of(frame, instance)
        writes = _writes_of(frame, loop, call)
        if loop is not None and writes is not None:
            event = RowsCreated(
                frame.path,
                (call.start, call.end),
                (loop.start, loop.end),
                instance.model,
                "save",
                loop.rounds,
                alone=False,
            )
            frame.pending.append(PendingCreation(instance.token, event, loop, writes))
        return
    row = instance.row
    if (
        instance.state != "fetched"
        or instance.token in frame.escaped
        or not fields
        or row is None
        or not row.single
        or row.queryset.restricted
        or row.queryset.locked
        or instance.token in frame.perhaps_new
    ):
        return
    frame.events.append(
        RowSaved(frame.path, (call.start, call.end), instance.model, fields, fields_place(call))
    )


def fields_place(call: ir.Call) -> Span:
    """The offsets between the parentheses of a call without arguments."""
    return call.function.end, call.end


def note_stored(frame: Frame, owner: Instance, name: str, value: Value) -> None:
    """``owner.name = value``."""
    model = frame.model(owner.model)
    if name in {"pk", "id", model.primary_key}:
        frame.escape(owner)  # it is another row from here on
        return
    relation = model.relations.get(name)
    by_key = name.removesuffix("_id")
    if relation is not None:
        frame.store(owner, name, value)
        if not relation.has_column:
            return
        field = name
    elif name in model.columns:
        field = name
    elif by_key != name and by_key in model.relations and model.relations[by_key].has_column:
        field = by_key
    else:
        frame.loaded[owner.token, name] = value
        frame.escape(owner)  # a property may set any field, and other code may add fields
        return
    known = frame.state.changed.get(owner.token, ())
    if field not in known:
        frame.state.changed[owner.token] = (*known, field)
