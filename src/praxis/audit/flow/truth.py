"""Conditions whose truth the code tells: an argument's default, the action of a view."""

from praxis.audit.flow import ir
from praxis.audit.flow.expressions import evaluate
from praxis.audit.flow.frame import Frame
from praxis.audit.flow.values import Const, Listing, Value


def truth_of(frame: Frame, expr: ir.Expr) -> bool | None:
    """Whether the condition holds; None where that is not known."""
    match expr:
        case ir.Not(value=inner):
            known = truth_of(frame, inner)
            return None if known is None else not known
        case ir.BoolOp(operator=operator, values=values):
            return _truth_of_several(operator, [truth_of(frame, value) for value in values])
        case ir.Compare(left=left, operators=(operator,), comparators=(right,)):
            return _compared(_constant(frame, left), operator, _constant(frame, right))
        case ir.Name() | ir.Attr() | ir.Const():
            value = _constant(frame, expr)
            return bool(value.value) if isinstance(value, Const) else None
    return None


def _truth_of_several(operator: str, known: list[bool | None]) -> bool | None:
    decides = operator == "or"  # the value that decides by itself
    if decides in known:
        return decides
    return None if None in known else not decides


def _constant(frame: Frame, expr: ir.Expr) -> Value | None:
    """A constant, or several in a display: all that can be compared without running anything."""
    node = expr
    while isinstance(node, ir.Attr):
        node = node.value
    if not isinstance(node, ir.Name | ir.Const | ir.Seq):
        return None
    frame.quiet += 1
    value = evaluate(frame, expr)
    frame.quiet -= 1
    if isinstance(value, Const):
        return value
    if isinstance(value, Listing) and all(isinstance(item, Const) for item in value.items):
        return value
    return None


def _compared(left: Value | None, operator: str, right: Value | None) -> bool | None:
    if not isinstance(left, Const):
        return None
    if isinstance(right, Listing) and operator in {"in", "not in"}:
        found = any(isinstance(item, Const) and item.value == left.value for item in right.items)
        return found == (operator == "in")
    if isinstance(right, Const) and operator in {"==", "!=", "is", "is not"}:
        return (left.value == right.value) == (operator in {"==", "is"})
    return None
