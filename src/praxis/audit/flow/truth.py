"""Conditions whose truth the code tells: an argument's default, the action of a view."""

from praxis.audit.flow import ir
from praxis.audit.flow.expressions import evaluate
from praxis.audit.flow.frame import Frame
from praxis.audit.flow.values import Const, Listing, Value


def truth_of(frame: Frame, expr: ir.Expr) -> bool | None:
    """Whether the condition holds; None where that is not known."""
    if type(expr) is ir.Not:
        known = truth_of(frame, expr.value)
        return None if known is None else not known
    if type(expr) is ir.BoolOp:
        return _truth_of_several(expr.operator, [truth_of(frame, value) for value in expr.values])
    if type(expr) is ir.Compare and len(expr.operators) == 1:
        left = _constant(frame, expr.left)
        if not isinstance(left, Const):
            return None
        return _compared(left, expr.operators[0], _constant(frame, expr.comparators[0]))
    if expr.__class__ in _PLAIN:
        value = _constant(frame, expr)
        return bool(value.value) if isinstance(value, Const) else None
    return None


_PLAIN: frozenset[type] = frozenset({ir.Name, ir.Attr, ir.Const})


def _truth_of_several(operator: str, known: list[bool | None]) -> bool | None:
    decides = operator == "or"  # the value that decides by itself
    if decides in known:
        return decides
    return None if None in known else not decides


def _constant(frame: Frame, expr: ir.Expr) -> Value | None:
    """A constant, or several in a display: all that can be compared without running anything."""
    node = expr
    while type(node) is ir.Attr:
        node = node.value
    if node.__class__ not in _COMPARABLE:
        return None
    frame.quiet += 1
    value = evaluate(frame, expr)
    frame.quiet -= 1
    if isinstance(value, Const):
        return value
    if isinstance(value, Listing) and all(isinstance(item, Const) for item in value.items):
        return value
    return None


_COMPARABLE: frozenset[type] = frozenset({ir.Name, ir.Const, ir.Seq})


def _compared(left: Const, operator: str, right: Value | None) -> bool | None:
    if isinstance(right, Listing) and operator in {"in", "not in"}:
        found = any(isinstance(item, Const) and item.value == left.value for item in right.items)
        return found == (operator == "in")
    if isinstance(right, Const) and operator in {"==", "!=", "is", "is not"}:
        return (left.value == right.value) == (operator in {"==", "is"})
    return None
