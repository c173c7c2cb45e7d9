"""Branches that part and meet: conditions, cases, what is tried, and blocks with a context."""

from collections.abc import Callable
from typing import Any

from praxis.audit.flow.code import ir
from praxis.audit.flow.code.bindings import assigned_names, filled_names
from praxis.audit.flow.interpreter.execution import execute, execute_branch, left_by
from praxis.audit.flow.interpreter.expressions import evaluate
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.guards import modes_of
from praxis.audit.flow.interpreter.iteration import bind_target
from praxis.audit.flow.interpreter.states import RARELY, State, UnlessGiven
from praxis.audit.flow.interpreter.tests_of_values import test
from praxis.audit.flow.interpreter.truth import truth_of
from praxis.audit.flow.interpreter.values import UNKNOWN, Instance


def _if(frame: Frame, statement: ir.If) -> bool:
    # if row.relation: return …: the first related row is the last one that is fetched
    left = left_by(frame, statement.body) if _asks_for_one(statement.test) else set()
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
        searched and searched & filled_names(statement.body)
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
    left = left_by(frame, statement.body) | left_by(frame, statement.orelse)
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


STATEMENTS: dict[type, Callable[[Frame, Any], bool]] = {
    ir.If: _if,
    ir.Match: _match,
    ir.Try: _try,
    ir.With: _with,
}
