"""What methods of values do: those of querysets, rows, dictionaries, pages, templates."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from praxis.audit.flow.code import ir
from praxis.audit.flow.interpreter.calling import call as call_function
from praxis.audit.flow.interpreter.calls import render_named
from praxis.audit.flow.interpreter.conditions import narrowed
from praxis.audit.flow.interpreter.evaluation import evaluate
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.objects import of_row, of_rows
from praxis.audit.flow.interpreter.querysets import call_method, continued, queryset_of
from praxis.audit.flow.interpreter.values import (
    HERE,
    UNKNOWN,
    Const,
    Dict,
    Function,
    Instance,
    Manager,
    Origin,
    Pages,
    QuerySet,
    RowMap,
    Rows,
    Stream,
    Template,
    Value,
)
from praxis.audit.flow.notes.saving import note_created, saved
from praxis.audit.flow.notes.written import note_deleted, note_manager_write


def _method_of_pages(frame: Frame, receiver: Pages, function: ir.Attr, expr: ir.Call) -> Value:
    evaluate_arguments(frame, expr)
    return receiver.rows if function.attr in {"page", "get_page"} else UNKNOWN


def _method_of_template(
    frame: Frame, receiver: Template, function: ir.Attr, expr: ir.Call
) -> Value | None:
    if function.attr != "render":
        return None
    given = evaluate_arguments(frame, expr)
    if given:
        render_named(frame, receiver, given[0], (expr.start, expr.end))
    return UNKNOWN


def _method_of_map(
    frame: Frame, receiver: RowMap, function: ir.Attr, expr: ir.Call
) -> Value | None:
    if function.attr not in {"values", "items", "get"}:
        return None
    evaluate_arguments(frame, expr)
    if function.attr == "items":
        return Stream((UNKNOWN, Rows(receiver.queryset)))
    return Rows(receiver.queryset) if function.attr == "values" else UNKNOWN


def method_of_rows(
    frame: Frame, receiver: Manager | QuerySet, function: ir.Attr, expr: ir.Call
) -> Value:
    """``rows.method(…)``: the project's own method, else Django's."""
    receiver = _placed(frame, receiver, function.value)
    args = [evaluate(frame, arg) for arg in expr.args]
    keywords = {name: evaluate(frame, value) for name, value in expr.keywords}
    note_manager_write(frame, receiver, function, expr)
    made: Value = UNKNOWN
    own = of_rows(frame, receiver, function.attr)
    if own is not None:
        spot = frame.spot((expr.start, expr.end))
        made = call_function(frame, own, args, keywords, spot)
        if isinstance(made, QuerySet):
            made = replace(made, where=replace(made.where, vague=True))  # it may narrow the rows
            made = continued(frame, receiver, made, expr)
            if function.attr == "filter":
                begun = queryset_of(frame, receiver) if isinstance(receiver, Manager) else receiver
                asked = narrowed(begun, "filter", expr.args, expr.keywords)
                made = replace(made, conditions=asked.conditions)
    if made is UNKNOWN:
        made = call_method(frame, receiver, function.attr, expr, args, keywords)
    unsaved = [value for value in (*args, *keywords.values()) if is_new(value)]
    for value in unsaved:
        frame.escape(value)
    hangs = any(is_of_this_round(frame, value) for value in unsaved)
    if isinstance(made, Instance) and made.state == "created" and not hangs:
        note_created(frame, expr, function, made, receiver.parent)
    return made


def _placed(frame: Frame, receiver: Manager | QuerySet, written: ir.Expr) -> Manager | QuerySet:
    """The receiver; where it is the ``self`` of its own method, the chain begins here."""
    if isinstance(receiver, Manager):
        if receiver.path:
            return receiver
        return replace(receiver, path=frame.path, start=written.start, end=written.end)
    if receiver.origins != (HERE,):
        return receiver
    return replace(receiver, origins=(Origin(frame.path, written.start, written.end),))


def _method_of_dict(frame: Frame, receiver: Dict, function: ir.Attr, expr: ir.Call) -> Value:
    args = [evaluate(frame, arg) for arg in expr.args]
    keywords = {name: evaluate(frame, value) for name, value in expr.keywords}
    for arg in (*args, *keywords.values()):
        frame.escape(arg)
    name = function.attr
    first = args[0] if args else UNKNOWN
    if name in {"get", "pop"} and isinstance(first, Const):
        return receiver.get(str(first.value))
    if name == "copy":
        return receiver
    if name == "update" and isinstance(function.value, ir.Name):
        merged = receiver
        given = dict(first.items) if isinstance(first, Dict) else {}
        for key, value in {**given, **keywords}.items():
            merged = merged.with_item(key, value)
        frame.bind(function.value.id, merged)
    return UNKNOWN


def is_new(value: Value) -> bool:
    return isinstance(value, Instance) and value.state in {"new", "created"}


def is_of_this_round(frame: Frame, value: Value) -> bool:
    """Whether the new row is made in the same loop that goes round here."""
    return (
        isinstance(value, Instance) and bool(frame.loops) and value.made_in == frame.loops[-1].start
    )


def evaluate_arguments(frame: Frame, expr: ir.Call) -> list[Value]:
    args = [evaluate(frame, arg) for arg in expr.args]
    return args + [evaluate(frame, value) for _, value in expr.keywords]


#: Methods of a row that set none of its fields, and keep it from nobody.
_HARMLESS_METHODS = frozenset({
    "refresh_from_db", "get_absolute_url", "__str__", "full_clean_fields", "delete", "adelete",
})  # fmt: skip


def _method_of_instance(
    frame: Frame, receiver: Instance, function: ir.Attr, expr: ir.Call
) -> Value:
    args = evaluate_arguments(frame, expr)
    name = function.attr
    model = frame.model(receiver.model)
    if name in {"save", "asave"}:
        saved(frame, receiver, expr)
        frame.forget_read(receiver)
        return UNKNOWN
    if name in {"delete", "adelete"}:
        note_deleted(frame, receiver, expr)
    if name in {"refresh_from_db", "arefresh_from_db"}:
        frame.refresh(receiver)
        return UNKNOWN
    relation = model.relations.get(name)
    if relation is not None:  # calling a manager: ``author.books(manager="published")``
        return UNKNOWN
    spot = frame.spot((expr.start, expr.end))
    found = of_row(frame, receiver, name, spot)
    result: Value = UNKNOWN
    if isinstance(found, Function):
        keywords = dict(
            zip((word for word, _ in expr.keywords), args[len(expr.args) :], strict=True)
        )
        complete = not any(isinstance(arg, ir.Star) for arg in expr.args)
        result = call_function(
            frame, found, args[: len(expr.args)], keywords, spot, complete=complete
        )
    if not (name in _HARMLESS_METHODS or (name.startswith("get_") and name.endswith("_display"))):
        frame.escape(receiver)
    for arg in args:
        frame.escape(arg)
    return result


#: What their methods do; None leaves it to what an attribute of this name does.
METHODS: dict[type, Callable[[Frame, Any, ir.Attr, ir.Call], Value | None]] = {
    Manager: method_of_rows,
    QuerySet: method_of_rows,
    Instance: _method_of_instance,
    Dict: _method_of_dict,
    Pages: _method_of_pages,
    Template: _method_of_template,
    RowMap: _method_of_map,
}
