"""What a call gives: of a method, of a model, of what the project defines."""

from collections.abc import Callable
from typing import Any

from praxis.audit.flow.code import ir
from praxis.audit.flow.interpreter import rendering
from praxis.audit.flow.interpreter.attributes import attribute_of
from praxis.audit.flow.interpreter.calling import call as call_function
from praxis.audit.flow.interpreter.calls import call_named
from praxis.audit.flow.interpreter.containers import walk_lambda
from praxis.audit.flow.interpreter.evaluation import evaluate
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.guards import asks_cache
from praxis.audit.flow.interpreter.inherited import call_inherited
from praxis.audit.flow.interpreter.methods import (
    METHODS,
    evaluate_arguments,
    is_new,
    is_of_this_round,
)
from praxis.audit.flow.interpreter.objects import construct
from praxis.audit.flow.interpreter.texts import format_call
from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    Cached,
    Function,
    Inherited,
    Instance,
    Macro,
    ModelClass,
    Named,
    ProjectClass,
    QuerySet,
    Super,
    Value,
)
from praxis.audit.flow.notes.loading import note_unknown_method
from praxis.audit.flow.notes.taking import TAKERS, note_taken


def _call(frame: Frame, expr: ir.Call) -> Value:
    function = expr.function
    named = function.attr if type(function) is ir.Attr else ""
    if type(function) is ir.Attr:
        receiver = evaluate(frame, function.value)
        method = METHODS.get(receiver.__class__)
        made = method(frame, receiver, function, expr) if method is not None else None
        if made is not None:
            return made
        if named == "iterator":
            note_unknown_method(frame, expr)
        callee = attribute_of(frame, receiver, function)
        if callee is UNKNOWN and named == "format":
            return format_call(frame, expr)
    else:
        callee = evaluate(frame, function)
    if type(callee) is Named:
        if callee.dotted == "super":
            return _super(frame, expr)
        found = call_named(frame, callee.dotted, expr, evaluate, walk_lambda)
        if found is not None:
            return found
    args = [evaluate(frame, arg) for arg in expr.args]
    keywords = {name: evaluate(frame, value) for name, value in expr.keywords}
    if named in TAKERS:
        for node, value in zip(expr.args, args, strict=False):
            note_taken(frame, value, (node.start, node.end), (expr.start, expr.end))
    if type(callee) is ModelClass:
        made = _new_instance(frame, callee, expr)
        unsaved = [arg for arg in (*args, *keywords.values()) if is_new(arg)]
        for value in unsaved:
            frame.escape(value)
        if any(is_of_this_round(frame, value) for value in unsaved):
            frame.escape(made)  # they hang together: the one cannot be saved without the other
        return made
    if named in {"extend", "update"} and len(args) == 1:
        _walk_argument(frame, args[0], expr.args[0])
    result = UNKNOWN
    if callee.__class__ in _CALLED:
        result = _call_of_project(frame, callee, expr, args, keywords)
    if named != "append":
        for arg in (*args, *keywords.values()):
            if type(arg) is Instance:
                frame.escape(arg)
    return Cached() if result is UNKNOWN and asks_cache(expr) else result


#: What the project defines, or inherits, and can be called.
_CALLED: frozenset[type] = frozenset({Function, Inherited, ProjectClass, Macro})


def _call_of_project(
    frame: Frame, callee: Value, expr: ir.Call, args: list[Value], keywords: dict[str, Value]
) -> Value:
    """The value of calling something that the project defines, or inherits."""
    complete = not any(isinstance(arg, ir.Star) for arg in expr.args)
    if not complete:
        first = next(i for i, arg in enumerate(expr.args) if isinstance(arg, ir.Star))
        args = args[:first]
    spot = frame.spot((expr.start, expr.end))
    if isinstance(callee, Function):
        return call_function(frame, callee, args, keywords, spot, complete=complete)
    if isinstance(callee, Inherited):
        return call_inherited(frame, callee, args, keywords, expr)
    if isinstance(callee, ProjectClass):
        return construct(frame, callee, args, keywords, spot, complete=complete)
    if isinstance(callee, Macro):
        rendering.call_macro(frame, callee, args, keywords)
    return UNKNOWN


def _walk_argument(frame: Frame, value: Value, expr: ir.Expr) -> None:
    """``items.extend(rows)``."""
    if isinstance(value, QuerySet):
        frame.evaluated(value, (expr.start, expr.end))


def _super(frame: Frame, expr: ir.Call) -> Value:
    """``super()``; also with its two arguments."""
    evaluate_arguments(frame, expr)
    if frame.owner is None or frame.receiver is None:
        return UNKNOWN
    return Super(frame.owner, frame.receiver)


def _new_instance(frame: Frame, callee: ModelClass, expr: ir.Call) -> Value:
    made = frame.instance(callee.model, state="new")
    frame.ask("write", QuerySet(callee.model), expr)
    relations = frame.model(callee.model).relations
    for word, value in expr.keywords:
        if word in relations:
            # what it was built with is there without a query
            frame.loaded[made.token, word] = (
                frame.look_up(value.id) if isinstance(value, ir.Name) else UNKNOWN
            )
    return made


EXPRESSIONS: dict[type, Callable[[Frame, Any], Value]] = {
    ir.Call: _call,
}
