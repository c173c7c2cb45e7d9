"""
What does the work for each kind of expression.

Others import `evaluate` from here: then everything is in its place.
"""

from praxis.audit.flow.code import ir
from praxis.audit.flow.interpreter import (
    attributes,
    call_expressions,
    containers,
    template_code,
    tests_of_values,
    texts,
)
from praxis.audit.flow.interpreter.evaluation import HANDLERS, evaluate
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.values import UNKNOWN, Const, QuerySet, Rows, Value

__all__ = ["evaluate"]


def _name(frame: Frame, expr: ir.Name) -> Value:
    return frame.look_up(expr.id)


def _const(_: Frame, expr: ir.Const) -> Value:
    return Const(expr.value)


def _await(frame: Frame, expr: ir.Await) -> Value:
    return evaluate(frame, expr.value)


def _star(frame: Frame, expr: ir.Star) -> Value:
    value = evaluate(frame, expr.value)
    if isinstance(value, QuerySet):
        frame.evaluated(value, (expr.value.start, expr.value.end))
    return UNKNOWN


def _named(frame: Frame, expr: ir.Named) -> Value:
    value = evaluate(frame, expr.value)
    frame.bind(expr.target, value)
    return value


def _yield(frame: Frame, expr: ir.Yield) -> Value:
    value = UNKNOWN if expr.value is None else evaluate(frame, expr.value)
    frame.escape(value)
    if expr.delegates and not isinstance(value, QuerySet | Rows):
        value = UNKNOWN
    frame.yielded.append(value)
    return UNKNOWN


def _other(frame: Frame, expr: ir.Other) -> Value:
    for part in expr.parts:
        evaluate(frame, part)
    return UNKNOWN


HANDLERS.update({
    ir.Name: _name,
    ir.Const: _const,
    ir.Await: _await,
    ir.Star: _star,
    ir.Named: _named,
    ir.Yield: _yield,
    ir.Other: _other,
    **attributes.EXPRESSIONS,
    **call_expressions.EXPRESSIONS,
    **containers.EXPRESSIONS,
    **tests_of_values.EXPRESSIONS,
    **texts.EXPRESSIONS,
    **template_code.EXPRESSIONS,
})  # fmt: skip
