"""Fields of forms whose options are rows: each is shown by its text."""

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.flow.code import ir
from praxis.audit.flow.code.ir import nodes
from praxis.audit.flow.interpreter.calling import call
from praxis.audit.flow.interpreter.expressions import evaluate
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.iteration import iterate
from praxis.audit.flow.interpreter.objects import function_of
from praxis.audit.flow.interpreter.program import Program
from praxis.audit.flow.interpreter.querysets import queryset_of
from praxis.audit.flow.interpreter.texts import printed
from praxis.audit.flow.interpreter.values import (
    Function,
    Manager,
    Named,
    Object,
    ProjectClass,
    QuerySet,
    Value,
)

_FORMS = ("Form", "ModelForm", "BaseForm", "BaseModelForm", "FilterSet")
_FIELDS = ("ModelChoiceField", "ModelMultipleChoiceField", "ModelChoiceFilter",
           "ModelMultipleChoiceFilter")  # fmt: skip
#: Arguments that may have the field show something else, or its options only when asked for.
_OTHERWISE = frozenset({"widget", "to_field_name", "iterator", "choices"})
#: And what does so once there is a field.
_SHOWN_BY = frozenset({"choices", "iterator", "label_from_instance", "queryset", "widget"})


def walk(program: Program, key: Key) -> None:
    """What the options of the form's declared fields read of each row."""
    scope = program.scope(key[0])
    unit = program.unit(key[0])
    if scope is None or unit is None or not program.is_a(key, *_FORMS):
        return
    if any("rest_framework" in base for base in program.line(key) if isinstance(base, str)):
        return  # filters of an API: nobody is shown their options
    frame = Frame(scope)
    for name, node in unit.members(key[1]).items():
        if isinstance(node, ir.Call) and node.keywords:
            words = dict(node.keywords)
            if "queryset" not in words or _OTHERWISE & words.keys():
                continue
            if name not in _changed_fields(program, key):
                _show(frame, evaluate(frame, node.function), words["queryset"])
    program.records[-1].events += frame.finish()


def _changed_fields(program: Program, key: Key) -> set[str]:
    """
    The fields to which the form gives other options, or another way to show them, when it is made.

    ``self.fields["author"].queryset = …``: all fields that are named so in a class that does it.
    """
    changed: set[str] = set()
    for base in program.line(key):
        unit = program.unit(base[0]) if isinstance(base, tuple) else None
        found = [*nodes(unit.classes[base[1]])] if unit and base[1] in unit.classes else ()
        if any(isinstance(node, ir.Assign) and _changes(node.targets) for node in found):
            changed.update(filter(None, map(_field_of, found)))
    return changed


def _changes(targets: tuple[ir.Expr, ...]) -> bool:
    return any(
        (isinstance(target, ir.Attr) and target.attr in _SHOWN_BY) or bool(_field_of(target))
        for target in targets
    )


def _field_of(node: object) -> str:
    """``author`` of ``self.fields["author"]``."""
    match node:
        case ir.Item(value=ir.Attr(attr="fields" | "base_fields"), index=ir.Const(value=str(name))):
            return name
    return ""


def _show(frame: Frame, field: Value, queryset: ir.Expr) -> None:
    if isinstance(field, Named):
        shown = field.dotted.rpartition(".")[2] in _FIELDS
    else:
        shown = isinstance(field, ProjectClass) and _changes_labels(frame.program, field.key)
    if shown:
        show_options(frame, evaluate(frame, queryset), queryset, field)


def _changes_labels(program: Program, key: Key) -> bool:
    """Whether the project's own class shows all options, and at most others of their labels."""
    for base in program.line(key):
        if isinstance(base, tuple):
            if set(program.index.names.classes[base].members) - {"label_from_instance"}:
                return False
        elif not base.endswith(("Field", "Filter", "object")):
            return False
    return program.is_a(key, *_FIELDS)


def show_options(frame: Frame, rows: Value, at: ir.Expr, field: Value | None = None) -> None:
    """Each of *rows* as an option, by the field's own label or by its text."""
    if isinstance(rows, Manager):
        rows = queryset_of(frame, rows)
    if not isinstance(rows, QuerySet):
        return
    span = at.start, at.end
    with frame.loop(*span, "call"):
        item = iterate(frame, rows, at, span)
        member = (
            frame.program.member(field.key, "label_from_instance")
            if isinstance(field, ProjectClass)
            else None
        )
        if member is not None and isinstance(field, ProjectClass):
            found = function_of(member)
            label = Function(found.path, found.name, Object(field.key), found.owner)
            printed(frame, call(frame, label, (item,), {}, frame.spot(span)), span)
        else:
            printed(frame, item, span)
