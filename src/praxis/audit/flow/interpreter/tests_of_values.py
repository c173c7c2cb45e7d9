"""Conditions: what they ask of the database, what they decide, and what their ways give."""

from collections.abc import Callable
from typing import Any

from praxis.audit.flow.code import ir
from praxis.audit.flow.events import ExistenceTested
from praxis.audit.flow.interpreter.evaluation import evaluate
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.guards import is_narrow, modes_of
from praxis.audit.flow.interpreter.querysets import queryset_of
from praxis.audit.flow.interpreter.states import RARELY
from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    Const,
    Instance,
    Manager,
    QuerySet,
    Value,
    join,
)


def test(frame: Frame, expr: ir.Expr) -> Value:
    """Evaluate *expr* where only its truth is asked for."""
    return _test(frame, expr, expr, negated=False)


def _test(frame: Frame, expr: ir.Expr, whole: ir.Expr, *, negated: bool) -> Value:
    if type(expr) is ir.Not:
        inner = expr.value
        if isinstance(inner, ir.Not | ir.BoolOp):
            return test(frame, inner)
        return _test(frame, inner, expr, negated=True)
    if type(expr) is ir.BoolOp:
        for place, part in enumerate(expr.values):
            narrow = expr.operator == "and" and is_narrow(expr.values[: place + 1])
            with frame.block(RARELY if narrow else ""):
                value = test(frame, part)
            if type(value) is Const and bool(value.value) == (expr.operator == "or"):
                break  # what follows is not asked for
        return UNKNOWN
    if type(expr) is ir.Compare:
        return _compare(frame, expr, whole if negated else expr, negated=negated)
    value = evaluate(frame, expr)
    if type(value) is QuerySet:
        _note_test(frame, value, expr, expr, whole, "truth", negated=negated)
        frame.evaluated(value, (expr.start, expr.end))
    elif (counted := _counted(frame, expr)) is not None:
        queryset, asked, how = counted
        _note_test(frame, queryset, asked, expr, whole, how, negated=negated)
    return value


def _counted(frame: Frame, expr: ir.Expr) -> tuple[QuerySet, ir.Expr, str] | None:
    """The queryset whose rows *expr* counts, by ``len()`` or ``count()``."""
    call = expr.value if type(expr) is ir.Await else expr
    if type(call) is not ir.Call or call.keywords:
        return None
    function = call.function
    if isinstance(function, ir.Name) and function.id == "len" and len(call.args) == 1:
        queryset = _peek(frame, call.args[0])
        return None if queryset is None else (queryset, call.args[0], "len")
    if (
        isinstance(function, ir.Attr)
        and function.attr == ("acount" if isinstance(expr, ir.Await) else "count")
        and not call.args
    ):
        queryset = _peek(frame, function.value)
        return None if queryset is None else (queryset, function.value, "count")
    return None


def _peek(frame: Frame, expr: ir.Expr) -> QuerySet | None:
    """The queryset of an expression that was evaluated before, without doing so again."""
    frame.quiet += 1
    try:
        value = evaluate(frame, expr)
    finally:
        frame.quiet -= 1
    if isinstance(value, Manager):
        return queryset_of(frame, value)
    return value if isinstance(value, QuerySet) else None


#: Comparisons with a number that ask whether there is a row: True if they hold where there is.
_EXISTENCE = {
    (">", 0): True, ("!=", 0): True, (">=", 1): True,
    ("==", 0): False, ("<", 1): False, ("<=", 0): False,
}  # fmt: skip


_MIRRORED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}


def _compare(frame: Frame, expr: ir.Compare, whole: ir.Expr, *, negated: bool) -> Value:
    left = evaluate(frame, expr.left)
    values = [evaluate(frame, comparator) for comparator in expr.comparators]
    if len(values) != 1:
        return UNKNOWN
    right, operator = values[0], expr.operators[0]
    counting: ir.Expr = expr.left
    if operator in {"in", "not in"}:
        if isinstance(right, QuerySet):
            frame.evaluated(right, (expr.comparators[0].start, expr.comparators[0].end))
        return UNKNOWN
    number = right
    if isinstance(left, Const) and operator in _MIRRORED:
        number, operator, counting = left, _MIRRORED[operator], expr.comparators[0]
    if isinstance(number, Const) and type(number.value) is int:
        holds = _EXISTENCE.get((operator, number.value))
        counted = _counted(frame, counting) if holds is not None else None
        if counted is not None:
            queryset, asked, how = counted
            _note_test(frame, queryset, asked, counting, whole, how, negated=(not holds) != negated)
    return UNKNOWN


def _compared(frame: Frame, expr: ir.Compare) -> Value:
    return _compare(frame, expr, expr, negated=False)


def _note_test(
    frame: Frame,
    queryset: QuerySet,
    asked: ir.Expr,
    counting: ir.Expr,
    whole: ir.Expr,
    how: str,
    *,
    negated: bool,
) -> None:
    if frame.quiet or queryset.optional or (queryset.sliced and queryset.limit == 1):
        return
    parent = queryset.parent
    if parent is not None and queryset.plain and how != "count":
        return  # a prefetch may have fetched the rows already
    if parent is not None and queryset.plain and frame.is_loaded(parent, queryset.relation):
        return
    call = counting.value if isinstance(counting, ir.Await) else counting
    span = (asked.start, asked.end)
    if how == "count" and isinstance(call, ir.Call) and isinstance(call.function, ir.Attr):
        function = call.function  # up to its dot, parentheses and comments included
        span = (function.start, function.end - len(function.attr))
    event = ExistenceTested(
        frame.path,
        (whole.start, whole.end),
        span,
        how,
        negated,
        isinstance(counting, ir.Await),
        queryset.model,
        bool(frame.loops),
    )
    if isinstance(asked, ir.Name):
        if how == "count" or not any(queryset is given for given in frame.given):
            frame.tests.append((asked.id, (asked.start, asked.end), event))
    elif isinstance(asked, ir.Call | ir.Slice) or (isinstance(asked, ir.Attr) and how == "count"):
        frame.events.append(event)  # what an attribute holds may be walked elsewhere


def _conditional(frame: Frame, expr: ir.IfExp) -> Value:
    known = test(frame, expr.test)
    asked = expr.test.value if type(expr.test) is ir.Not else expr.test
    if type(known) is Const and asked.__class__ in _NAMES:  # an argument's default, mostly
        holds = bool(known.value) != (asked is not expr.test)
        return evaluate(frame, expr.body if holds else expr.orelse)
    values: list[Value] = []
    for mode, part in zip(modes_of(frame, expr.test), (expr.body, expr.orelse), strict=True):
        with frame.block(mode):
            values.append(evaluate(frame, part))
    return join(values[0], values[1])


_NAMES: frozenset[type] = frozenset({ir.Name, ir.Attr})


def _bool_op(frame: Frame, expr: ir.BoolOp) -> Value:
    """Outside of a condition: each value but the last may also be the result."""
    values: list[Value] = []
    with frame.block():
        for place, part in enumerate(expr.values):
            values.append(evaluate(frame, part))
            if expr.operator == "or" and (
                place  # few rows have neither of two
                or (type(part) is ir.Name and values[-1] is UNKNOWN)
            ):
                frame.keep(RARELY)  # it was given, and what follows is for those who did not
    for value in values:
        frame.escape(value)
    result = values[0]
    for value in values[1:]:
        result = join(result, value)
    return result if not isinstance(result, Instance) else UNKNOWN


def _not(frame: Frame, expr: ir.Not) -> Value:
    test(frame, expr)
    return UNKNOWN


EXPRESSIONS: dict[type, Callable[[Frame, Any], Value]] = {
    ir.IfExp: _conditional,
    ir.BoolOp: _bool_op,
    ir.Compare: _compared,
    ir.Not: _not,
}
