"""Where a framework enters the code of a project: views by their classes."""

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.flow.code import ir
from praxis.audit.flow.frameworks import (
    admin,
    feeds,
    forms,
    generic_views,
    graphene,
    ninja,
    strawberry,
    tables2,
)
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.inherited import ask
from praxis.audit.flow.interpreter.program import Program, Unit
from praxis.audit.flow.interpreter.summaries import recorded
from praxis.audit.flow.interpreter.values import Const, Object


def enter(program: Program, path: str, unit: Unit) -> None:
    """Do what frameworks do with the classes of the file."""
    for name, node in unit.classes.items():
        if (path, name) in program.index.names.classes:
            recorded(program, lambda: _enter_class(program, (path, name), node))  # noqa: B023 - called at once
    for shown, model in admin.registered(program, path, unit):
        recorded(program, lambda: admin.show_list(program, shown, model))  # noqa: B023 - called at once
    for operation in ninja.operations(program, path, unit):
        recorded(program, lambda: ninja.serve(program, operation))  # noqa: B023 - called at once


def _enter_class(program: Program, key: Key, node: ir.Class) -> None:
    scope = program.scope(key[0])
    if scope is None:
        return
    frame = Frame(scope)
    end = node.start + len(f"class {node.name}")
    place = ir.Call(node.start, end, ir.Attr(node.start, end, ir.Name(node.start, ""), "get"))
    if _answers_get(node) and generic_views.is_template_view(frame, key):
        generic_views.show(generic_views.Asked(frame, Object(key), (), {}, place, ask))
    elif generic_views.is_api_view(frame, key):
        action = (("action", Const("list")),)
        generic_views.serve(generic_views.Asked(frame, Object(key, action), (), {}, place, ask))
    else:
        admin.show_inlines(program, key)
        feeds.walk(program, key, place)
        forms.walk(program, key)
        graphene.walk(program, key)
        strawberry.walk(program, key, node)
    if program.is_a(key, *tables2.VIEWS):
        tables2.show_table(generic_views.Asked(frame, Object(key), (), {}, place, ask))
    program.records[-1].events += frame.finish()


def _answers_get(node: ir.Class) -> bool:
    """Whether the view answers GET: one behind ``method_decorator(require_POST)`` does not."""
    return not any(
        isinstance(decorator, ir.Call)
        and any(isinstance(arg, ir.Name) and arg.id == "require_POST" for arg in decorator.args)
        for decorator in node.decorators
    )
