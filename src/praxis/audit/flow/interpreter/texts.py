"""Texts that are put together, and rows that are printed in them."""

from collections.abc import Callable
from string import Formatter
from typing import Any

from msgspec.structs import replace

from praxis.audit.flow.code import ir
from praxis.audit.flow.events import Span
from praxis.audit.flow.interpreter.calling import call as call_function
from praxis.audit.flow.interpreter.evaluation import evaluate
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.objects import of_row
from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    Dict,
    Function,
    Instance,
    Listing,
    QuerySet,
    Value,
)


def _binary(frame: Frame, expr: ir.Binary) -> Value:
    left, right = evaluate(frame, expr.left), evaluate(frame, expr.right)
    if expr.operator == "|" and isinstance(left, Dict) and isinstance(right, Dict):
        for key, value in right.items:
            left = left.with_item(key, value)
        return left
    if expr.operator == "%":
        for value in right.items if isinstance(right, Listing) else (right,):
            printed(frame, value, (expr.right.start, expr.right.end))
    if expr.operator in {"|", "&"} and isinstance(left, QuerySet) and isinstance(right, QuerySet):
        return replace(
            left, opaque=left.opaque or right.opaque, plain=False, sliced=True, limit=None
        )
    return UNKNOWN


def _format(frame: Frame, expr: ir.Format) -> Value:
    for value in expr.values:
        printed(frame, evaluate(frame, value), (value.start, value.end))
    return UNKNOWN


def format_call(frame: Frame, expr: ir.Call) -> Value:
    """``"…".format(row)``."""
    shown = _shown_by(expr.function.value) if type(expr.function) is ir.Attr else None
    named = [*((str(place), arg) for place, arg in enumerate(expr.args)), *expr.keywords]
    for name, value in named:
        made = evaluate(frame, value)
        if shown is None or name in shown:
            printed(frame, made, (value.start, value.end))
    return UNKNOWN


def _shown_by(text: ir.Expr) -> set[str] | None:
    """
    The arguments that the text shows as they are, not an attribute of them: ``{0.name}``.

    None where the text is not known.
    """
    if type(text) is ir.Call and len(text.args) == 1:
        text = text.args[0]  # a translation
    if type(text) is not ir.Const or type(text.value) is not str:
        return None
    try:
        fields = [field for _, field, _, _ in _FORMATTER.parse(text.value) if field is not None]
    except ValueError:
        return None
    return {str(place) if field == "" else field for place, field in enumerate(fields)}


_FORMATTER = Formatter()


def printed(frame: Frame, value: Value, span: Span) -> None:
    """Text is made of *value*: of a row by its ``__str__``."""
    if isinstance(value, Instance):
        found = of_row(frame, value, "__str__", frame.spot(span))
        if isinstance(found, Function):
            call_function(frame, found, (), {}, frame.spot(span))
    elif isinstance(value, QuerySet):
        frame.evaluated(value, span)


EXPRESSIONS: dict[type, Callable[[Frame, Any], Value]] = {
    ir.Binary: _binary,
    ir.Format: _format,
}
