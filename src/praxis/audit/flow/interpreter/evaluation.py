"""The value of any expression, by its kind; `expressions` knows what does the work for each."""

from collections.abc import Callable
from typing import Any

from praxis.audit.flow.code import ir
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.values import QuerySet, Value

#: By the kind of expression: what works its value out. `expressions` fills it in.
HANDLERS: dict[type, Callable[[Frame, Any], Value]] = {}


def evaluate(frame: Frame, expr: ir.Expr) -> Value:
    """The value of *expr*."""
    value = HANDLERS[expr.__class__](frame, expr)
    if value.__class__ is QuerySet:
        frame.giving[expr.start, expr.end] = expr
    return value
