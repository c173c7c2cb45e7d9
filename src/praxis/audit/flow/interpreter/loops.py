"""Loops that go round."""

from collections.abc import Callable
from typing import Any

from praxis.audit.flow.code import ir
from praxis.audit.flow.code.bindings import assigned_names, only_chained
from praxis.audit.flow.interpreter.execution import execute, left_by
from praxis.audit.flow.interpreter.expressions import evaluate
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.iteration import bind_target, iterate, rounds_of
from praxis.audit.flow.interpreter.tests_of_values import test
from praxis.audit.flow.interpreter.values import UNKNOWN, QuerySet


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
        left = left_by(frame, statement.body)  # a body that ends by leaving sees one row
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
        if not (isinstance(held, QuerySet) and only_chained(body, name)):
            frame.bind(name, UNKNOWN)


STATEMENTS: dict[type, Callable[[Frame, Any], bool]] = {ir.For: _for, ir.While: _while}
