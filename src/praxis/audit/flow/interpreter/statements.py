"""What statements do: names are bound, branches part and meet, loops go round."""

from collections.abc import Callable, Iterable
from typing import Any

from praxis.audit.flow.code import ir
from praxis.audit.flow.interpreter import template_code
from praxis.audit.flow.interpreter.attributes import is_request
from praxis.audit.flow.interpreter.calls import forget_loading
from praxis.audit.flow.interpreter.expressions import evaluate
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.guards import modes_of
from praxis.audit.flow.interpreter.iteration import bind_target, iterate, rounds_of
from praxis.audit.flow.interpreter.states import RARELY, Mode, State, UnlessGiven
from praxis.audit.flow.interpreter.tests_of_values import test
from praxis.audit.flow.interpreter.truth import truth_of
from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    Const,
    Dict,
    Each,
    Instance,
    Listing,
    Object,
    QuerySet,
    Rows,
    Value,
    join,
)
from praxis.audit.flow.notes.changes import note_changed
from praxis.audit.flow.notes.loading import note_discarded
from praxis.audit.flow.notes.saving import note_stored


def execute(frame: Frame, block: Iterable[ir.Stmt]) -> bool:
    """Interpret the statements; whether the end of the block is reached."""
    for statement in block:  # noqa: SIM110 - all() with a generator costs more than most of them
        if not _HANDLERS[statement.__class__](frame, statement):
            return False
    return True


def execute_branch(
    frame: Frame, block: tuple[ir.Stmt, ...], mode: Mode = "", *, chained: bool = False
) -> bool:
    """
    Interpret a block that may be passed over; *mode* is when it runs.

    Where it ends by leaving a loop, it happens once at most and not once a round.
    """
    if not block:
        return True
    left = _left_by(frame, block)
    before = frame.modes()
    frame.left |= left
    frame.quiet += block[-1].__class__ is ir.Raise  # what an error is told with
    if mode:
        frame.keep(mode)
    around = frame.branched
    if not chained:
        if around == len(frame.loops):
            frame.keep(RARELY)  # outside of loops: for few of the rows that callers hand in
        frame.branched = len(frame.loops)
    # what is loaded for few rows is still to be loaded for the others
    loaded = frame.loaded.copy() if frame.passed_over > before[2] else None
    try:
        return execute(frame, block)
    finally:
        if loaded is not None:
            frame.loaded = loaded
        frame.left -= left
        frame.branched = around
        frame.restore(before)


def _left_by(frame: Frame, block: tuple[ir.Stmt, ...]) -> set[int]:
    """The loops, by their starts, that end once the block was run."""
    if not block or not frame.loops:
        return set()
    last = block[-1]
    kind = last.__class__
    if kind is ir.Return or kind is ir.Raise:
        found = {loop.start for loop in frame.loops}
    elif isinstance(last, ir.If):
        return _left_by(frame, last.body) & _left_by(frame, last.orelse)
    elif isinstance(last, ir.With):
        return _left_by(frame, last.body)
    elif isinstance(last, ir.Jump) and last.kind == "break":
        found = {next((loop.start for loop in reversed(frame.loops) if loop.kind != "call"), -1)}
    else:
        return set()
    return found - frame.left


# Names.


def _assign(frame: Frame, statement: ir.Assign) -> bool:
    if statement.value is None:
        return True
    value = evaluate(frame, statement.value)
    for target in statement.targets:
        if type(target) is ir.Name:
            frame.bind(target.id, value)
        elif isinstance(target, ir.Attr):
            owner = evaluate(frame, target.value)
            if isinstance(owner, Instance):
                note_changed(frame, owner, statement, target)
                note_stored(frame, owner, target.attr, value)
                continue
            if isinstance(owner, Object):
                frame.attributes[owner.key, target.attr] = value
            elif is_request(target.value):
                frame.on_request.setdefault(target.attr, []).append(value)
            frame.escape(value)
        elif isinstance(target, ir.Item):
            _store_item(frame, target, value)
            frame.escape(value)
        elif isinstance(target, ir.Seq):
            _store_parts(frame, target)
            bind_target(frame, target, value)
        else:
            bind_target(frame, target, value)
    return True


def _store_item(frame: Frame, target: ir.Item, value: Value) -> None:
    """``mapping[key] = value``."""
    holder, index = evaluate(frame, target.value), evaluate(frame, target.index)
    if isinstance(holder, Dict) and isinstance(index, Const) and isinstance(target.value, ir.Name):
        frame.bind(target.value.id, holder.with_item(str(index.value), value))


def _store_parts(frame: Frame, target: ir.Seq) -> None:
    """``a.x, a.y = …``."""
    for item in target.items:
        if isinstance(item, ir.Attr):
            owner = evaluate(frame, item.value)
            if isinstance(owner, Instance):
                note_stored(frame, owner, item.attr, UNKNOWN)
            elif isinstance(owner, Object):
                frame.attributes[owner.key, item.attr] = UNKNOWN


def _aug_assign(frame: Frame, statement: ir.AugAssign) -> bool:
    evaluate(frame, statement.value)
    target = statement.target
    if isinstance(target, ir.Name):
        frame.bind(target.id, UNKNOWN)
    elif isinstance(target, ir.Attr):
        owner = evaluate(frame, target.value)
        if isinstance(owner, Instance):
            note_changed(frame, owner, statement, target)
            note_stored(frame, owner, target.attr, UNKNOWN)
    else:
        evaluate(frame, target)
    return True


def _import(frame: Frame, statement: ir.Import) -> bool:
    for bound, target in statement.names:
        frame.bind(bound, frame.scope.imported(target))
    return True


def _delete(frame: Frame, statement: ir.Delete) -> bool:
    for target in statement.targets:
        if isinstance(target, ir.Name):
            frame.bind(target.id, UNKNOWN)
    return True


def _outer(frame: Frame, statement: ir.Outer) -> bool:
    for name in statement.names:
        frame.bind(name, UNKNOWN)
    return True


def _definition(frame: Frame, statement: ir.Def | ir.Class) -> bool:
    if frame.kind and isinstance(statement, ir.Def):
        return template_code.define(frame, statement)
    frame.bind(statement.name, UNKNOWN)
    return True


# Branches.


def _if(frame: Frame, statement: ir.If) -> bool:
    # if row.relation: return …: the first related row is the last one that is fetched
    left = _left_by(frame, statement.body) if _asks_for_one(statement.test) else set()
    frame.left |= left
    value = test(frame, statement.test)
    frame.left -= left
    known = truth_of(frame, statement.test, value)
    if known is not None:
        return execute(frame, statement.body if known else statement.orelse)
    before = frame.state
    frame.state = before.copy()
    when, otherwise = modes_of(frame, statement.test)
    if (frame.loops and _happens_at_changes(statement)) or _fills_what_stays(frame, statement):
        when = RARELY
    goes_on = execute_branch(frame, statement.body, when)
    after_body = frame.state
    frame.state = before
    chained = len(statement.orelse) == 1 and type(statement.orelse[0]) is ir.If
    goes_on_else = execute_branch(frame, statement.orelse, otherwise, chained=chained)
    if goes_on != goes_on_else:
        frame.keep(when if goes_on else otherwise)
    elif type(otherwise) is UnlessGiven and _may_return(statement.body):
        frame.keep(otherwise)
    if goes_on and goes_on_else:
        frame.state = after_body.joined(frame.state)
    elif goes_on:
        frame.state = after_body
    return goes_on or goes_on_else


def _may_return(body: tuple[ir.Stmt, ...]) -> bool:
    return any(type(node) is ir.Return for node in ir.nodes(body))


def _asks_for_one(expr: ir.Expr) -> bool:
    """Whether it is ``row.relation``, or ``row.relation is not None``."""
    if type(expr) is ir.Attr:
        return type(expr.value) is ir.Name
    if type(expr) is ir.Compare and expr.operators == ("is not",):
        (other,) = expr.comparators
        return isinstance(other, ir.Const) and other.value is None and _asks_for_one(expr.left)
    return type(expr) is ir.Named and _asks_for_one(expr.value)


def _happens_at_changes(statement: ir.If) -> bool:
    """
    Whether the body is for the rounds that bring something new.

    So it is where it assigns what the condition compares (``if last != row.author_id: last =
    row.author_id``) or puts something into what the condition looks into (``if key not in seen``).
    """
    parts = statement.test.values if type(statement.test) is ir.BoolOp else (statement.test,)
    compared: set[str] = set()
    searched: set[str] = set()
    for part in parts:
        if isinstance(part, ir.Compare) and len(part.operators) == 1:
            if part.operators[0] in {"!=", "is not"}:
                compared.update(
                    side.id
                    for side in (part.left, part.comparators[0])
                    if isinstance(side, ir.Name)
                )
            elif part.operators[0] == "not in" and isinstance(part.comparators[0], ir.Name):
                searched.add(part.comparators[0].id)
        elif isinstance(part, ir.Not) and isinstance(part.value, ir.Name):
            compared.add(part.value.id)  # if not found: found = …
    return bool(compared and compared & assigned_names(statement.body)) or bool(
        searched and searched & _filled_names(statement.body)
    )


def _fills_what_stays(frame: Frame, statement: ir.If) -> bool:
    """
    Whether the body is for what is not known yet to an object, or to the module, that goes on.

    ``if key not in self.known: … self.known[key] = …``, unless *self* is a row: each has its own.
    """
    test = statement.test
    if type(test) is not ir.Compare or test.operators != ("not in",):
        return False
    where = test.comparators[0]
    root = where
    while type(root) is ir.Attr:
        root = root.value
    if type(root) is not ir.Name or (root is where and root.id in frame.state.names):
        return False
    if isinstance(frame.look_up(root.id), Instance):
        return False
    path = _path(where)
    return any(
        type(target) is ir.Item and _path(target.value) == path
        for inner in statement.body
        if type(inner) is ir.Assign
        for target in inner.targets
    )


def _path(node: ir.Expr) -> tuple[str, ...]:
    """The names of ``self.known``; of anything else none."""
    names: list[str] = []
    while type(node) is ir.Attr:
        names.append(node.attr)
        node = node.value
    return (node.id, *names) if type(node) is ir.Name else ()


def _filled_names(body: tuple[ir.Stmt, ...]) -> set[str]:
    """The names whose values get something put into them."""
    found: set[str] = set()
    for inner in body:
        if isinstance(inner, ir.Assign):
            for target in inner.targets:
                if isinstance(target, ir.Item) and isinstance(target.value, ir.Name):
                    found.add(target.value.id)
        elif isinstance(inner, ir.Evaluate) and isinstance(inner.value, ir.Call):
            function = inner.value.function
            if isinstance(function, ir.Attr) and isinstance(function.value, ir.Name):
                found.add(function.value.id)
    return found


def _match(frame: Frame, statement: ir.Match) -> bool:
    evaluate(frame, statement.subject)
    before = frame.state
    ends: list[State] = [before.copy()]
    for case in statement.cases:
        frame.state = before.copy()
        for name in case.bound:
            frame.bind(name, UNKNOWN)
        if case.guard is not None:
            test(frame, case.guard)
        if execute_branch(frame, case.body):
            ends.append(frame.state)
    _meet(frame, ends)
    return True


def _meet(frame: Frame, ends: list[State]) -> None:
    frame.state = ends[0]
    for end in ends[1:]:
        frame.state = frame.state.joined(end)


def _try(frame: Frame, statement: ir.Try) -> bool:
    before = frame.state.copy()
    if frame.loops:
        frame.loops[-1].tries += 1
    # the first round that succeeds is the last one
    left = _left_by(frame, statement.body) | _left_by(frame, statement.orelse)
    frame.left |= left
    try:
        goes_on = execute(frame, statement.body)
    finally:
        frame.left -= left
        if frame.loops:
            frame.loops[-1].tries -= 1
    thrown = before.joined(frame.state)
    if goes_on:
        goes_on = execute(frame, statement.orelse)
    ends = [frame.state] if goes_on else []
    for handler in statement.handlers:
        frame.state = thrown.copy()
        if handler.name:
            frame.bind(handler.name, UNKNOWN)
        frame.quiet += 1
        if execute(frame, handler.body):
            ends.append(frame.state)
        frame.quiet -= 1
    if ends:
        _meet(frame, ends)
    else:
        frame.state = thrown
    return execute(frame, statement.final) and bool(ends)


def _with(frame: Frame, statement: ir.With) -> bool:
    for context, target in statement.items:
        evaluate(frame, context)
        if target is not None:
            bind_target(frame, target, UNKNOWN)
    return execute(frame, statement.body)


# Loops.


def _for(frame: Frame, statement: ir.For) -> bool:
    source = evaluate(frame, statement.iterable)
    span = (statement.start, statement.end)
    before = frame.state
    frame.state = before.copy()
    _forget_assigned(frame, statement.body)
    rounds = rounds_of(source, statement.iterable)
    with frame.loop(*span, "for", rounds, statement) as entered:
        item = iterate(frame, source, statement.iterable, span)
        bind_target(frame, statement.target, item)
        entered.begun = True
        left = _left_by(frame, statement.body)  # a body that ends by leaving sees one row
        frame.left |= left
        execute(frame, statement.body)
        frame.left -= left
    frame.state = before.joined(frame.state)
    execute(frame, statement.orelse)
    return True


def _while(frame: Frame, statement: ir.While) -> bool:
    before = frame.state
    frame.state = before.copy()
    _forget_assigned(frame, statement.body)
    with frame.loop(statement.start, statement.end, "while"):
        test(frame, statement.test)
        execute(frame, statement.body)
    frame.state = before.joined(frame.state)
    execute(frame, statement.orelse)
    return True


def _forget_assigned(frame: Frame, body: tuple[ir.Stmt, ...]) -> None:
    """From the second round on, what the body assigns is no longer what it was before."""
    for name in assigned_names(body):
        held = frame.state.names.get(name)
        if not (isinstance(held, QuerySet) and _only_chained(body, name)):
            frame.bind(name, UNKNOWN)


def _only_chained(body: Iterable[ir.Stmt], name: str) -> bool:
    """Whether the body assigns *name* nothing but what is made from it: ``x = x.filter(…)``."""
    for statement in body:
        if isinstance(statement, ir.Assign) and name in assigned_names((statement,)):
            node = statement.value
            while isinstance(node, ir.Call) and isinstance(node.function, ir.Attr):
                node = node.function.value
            if not (isinstance(node, ir.Name) and node.id == name):
                return False
        elif isinstance(statement, ir.If):
            if not _only_chained(statement.body + statement.orelse, name):
                return False
        elif name in assigned_names((statement,)):
            return False
    return True


def assigned_names(body: Iterable[ir.Stmt]) -> set[str]:
    """The names that statements bind, nested blocks included, nested functions not."""
    found: set[str] = set()
    stack: list[ir.Stmt] = list(body)
    while stack:
        statement = stack.pop()
        if type(statement) is ir.Assign:
            for target in statement.targets:
                _names_in(target, found)
        elif type(statement) is ir.If or type(statement) is ir.While:
            stack += statement.body
            stack += statement.orelse
        elif type(statement) is ir.AugAssign:
            _names_in(statement.target, found)
        elif type(statement) is ir.For:
            _names_in(statement.target, found)
            stack += statement.body
            stack += statement.orelse
        elif type(statement) is ir.With:
            for _, bound in statement.items:
                if bound is not None:
                    _names_in(bound, found)
            stack += statement.body
        elif type(statement) is ir.Try:
            stack += statement.body + statement.orelse + statement.final
            for handler in statement.handlers:
                stack += handler.body
                if handler.name:
                    found.add(handler.name)
        elif type(statement) is ir.Match:
            for case in statement.cases:
                found.update(case.bound)
                stack += case.body
        elif type(statement) is ir.Import:
            found.update(bound for bound, _ in statement.names)
        elif type(statement) is ir.Def or type(statement) is ir.Class:
            found.add(statement.name)
    return found


def _names_in(target: ir.Expr, found: set[str]) -> None:
    if type(target) is ir.Name:
        found.add(target.id)
    elif isinstance(target, ir.Seq):
        for item in target.items:
            _names_in(item, found)
    elif isinstance(target, ir.Star):
        _names_in(target.value, found)


# The rest.


def _evaluate(frame: Frame, statement: ir.Evaluate) -> bool:
    value = statement.value
    if frame.branched == len(frame.loops) and _is_logged(value):
        with frame.block(RARELY):  # what is found in a branch and logged is out of the ordinary
            evaluate(frame, value)
        return True
    note_discarded(frame, statement, evaluate(frame, value))
    call = value.value if isinstance(value, ir.Await) else value
    if isinstance(call, ir.Call) and _is_append(call):
        _append(frame, call)
    elif isinstance(call, ir.Call) and _is_foreign(call):
        # a function that is called for its effect may load relations of what it is given
        for arg in (*call.args, *(word for _, word in call.keywords)):
            if isinstance(arg, ir.Name) and isinstance(frame.look_up(arg.id), QuerySet | Rows):
                forget_loading(frame, arg.id)
    return True


def _is_logged(value: ir.Expr) -> bool:
    """Whether it is ``logger.warning(…)``, or ``messages.error(…)``, or a command's output."""
    function = value.function if type(value) is ir.Call else None
    if type(function) is not ir.Attr:
        return False
    receiver = function.value
    name = receiver.attr if type(receiver) is ir.Attr else ""
    name = (receiver.id if type(receiver) is ir.Name else name).lower()
    if function.attr == "write":
        return name in {"stderr", "stdout"}
    return function.attr in _LOGS and ("log" in name or name == "messages")


_LOGS = frozenset({"critical", "debug", "error", "exception", "info", "log", "warn", "warning"})


def _is_append(call: ir.Call) -> bool:
    function = call.function
    return (
        isinstance(function, ir.Attr)
        and function.attr == "append"
        and isinstance(function.value, ir.Name)
        and len(call.args) == 1
    )


def _append(frame: Frame, call: ir.Call) -> None:
    """``items.append(item)`` in a loop: *items* holds one for each round."""
    function = call.function
    if not (isinstance(function, ir.Attr) and isinstance(function.value, ir.Name)):
        return
    name = function.value.id
    held = frame.look_up(name)
    if not isinstance(held, Listing | Each):
        return
    frame.quiet += 1
    item = evaluate(frame, call.args[0])
    frame.quiet -= 1
    if isinstance(held, Listing) and held.items:
        frame.bind(name, UNKNOWN)
    elif isinstance(item, Instance):
        row = item.row
        whole = row is not None and not item.prefix and not row.single
        since = (frame.path, frame.loops[-1].start, frame.loops[-1].end) if frame.loops else None
        frame.bind(name, Rows(row.queryset, since) if row is not None and whole else UNKNOWN)
    elif isinstance(item, Dict | Listing) and isinstance(held, Listing):
        frame.bind(name, Each(item))
    else:
        frame.bind(name, join(held, Each(item)))


def _is_foreign(call: ir.Call) -> bool:
    return not (isinstance(call.function, ir.Name) and call.function.id in {"print", "len", "list"})


def _return(frame: Frame, statement: ir.Return) -> bool:
    value: Value = Const(None)
    if statement.value is not None:
        value = evaluate(frame, statement.value)
    frame.returned.append(value)
    return False


def _raise(frame: Frame, statement: ir.Raise) -> bool:
    if statement.value is not None:
        frame.quiet += 1
        evaluate(frame, statement.value)
        frame.quiet -= 1
    return False


def _assert(frame: Frame, statement: ir.Assert) -> bool:
    test(frame, statement.test)
    return True


def _jump(_: Frame, __: ir.Jump) -> bool:
    return False


_HANDLERS: dict[type, Callable[[Frame, Any], bool]] = {
    ir.Import: _import,
    ir.Assign: _assign,
    ir.AugAssign: _aug_assign,
    ir.For: _for,
    ir.While: _while,
    ir.If: _if,
    ir.With: _with,
    ir.Try: _try,
    ir.Return: _return,
    ir.Evaluate: _evaluate,
    ir.Raise: _raise,
    ir.Delete: _delete,
    ir.Jump: _jump,
    ir.Assert: _assert,
    ir.Outer: _outer,
    ir.Match: _match,
    ir.Def: _definition,
    ir.Class: _definition,
    **template_code.STATEMENTS,
}
