"""Who gets the rows of a query, where all of them are known: a function, templates, serializers."""

from collections.abc import Iterator
from dataclasses import dataclass

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.models.model_index import Model, ModelIndex
from praxis.audit.flow.code import ir
from praxis.audit.flow.code.ir import nodes
from praxis.audit.flow.code.places import Places
from praxis.audit.flow.events import EagerLoading, Span
from praxis.audit.flow.frameworks.generic_views import TEMPLATE_VIEWS
from praxis.audit.flow.interpreter.interpretation import functions_of
from praxis.audit.flow.interpreter.program import Program, Unit, members_of
from praxis.audit.flow.interpreter.values import ProjectClass
from praxis.audit.flow.telling.mentioned import Mentioned, program_of
from praxis.audit.flow.telling.reach import Reach, reach_of
from praxis.audit.project import Project

#: What Django gives every row, that reads no relation.
_OF_EVERY_ROW = frozenset({
    "DoesNotExist", "_meta", "_state", "asave", "adelete", "arefresh_from_db", "delete", "id", "pk",
    "refresh_from_db", "save", "MultipleObjectsReturned",
})  # fmt: skip
_OF_USERS = frozenset({
    "check_password", "get_full_name", "get_short_name", "get_username", "has_usable_password",
    "is_anonymous", "is_authenticated", "set_password",
})  # fmt: skip
#: Classes of Django and Django REST framework whose own code reads no relation by itself.
_KNOWN_BASES = frozenset({
    "AccessMixin", "APIView", "ContextMixin", "DetailView", "GenericAPIView", "GenericViewSet",
    "ListAPIView", "ListModelMixin", "ListView", "LoginRequiredMixin", "PermissionRequiredMixin",
    "ReadOnlyModelViewSet", "RetrieveAPIView", "RetrieveModelMixin", "UserPassesTestMixin", "View",
    "ViewSetMixin", "object", "TemplateView",
})  # fmt: skip
_KNOWN_SERIALIZERS = frozenset({
    "BaseSerializer", "HyperlinkedModelSerializer", "ModelSerializer", "Serializer", "object",
})  # fmt: skip
#: Methods of views that are not handed rows.
_WITHOUT_ROWS = frozenset({
    "get_permissions", "get_queryset", "get_serializer_class", "get_template_names", "get_ordering",
    "get_paginate_by", "dispatch", "test_func", "setup", "get_serializer_context", "initial",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Readers:
    """The code that gets the rows: all that it mentions, what it is called, and where it is."""

    mentioned: Mentioned
    name: str
    place: Span


def find_readers(project: Project, event: EagerLoading) -> Readers | None:
    """The code that the rows get into; None where it is not all known."""
    program = project.derive(program_of)
    unit = program.unit(event.path)
    if unit is None:
        return None
    found = _function_around(unit, event.span)
    if found is None:
        return _of_view(project, event, _class_of_queryset(unit, event.span))
    function, owner = found
    reach = _reach(function, event)
    if reach is None or reach.escaped:
        return None
    if reach.returned:
        if reach.shown or function.name != "get_queryset" or not owner:
            return None
        return _of_view(project, event, owner)
    model = project.derive(ModelIndex).model(event.model)
    if not reach.shown or model is None or not _are_known(model, function, reach.attributes):
        return None
    mentioned = Mentioned(project)
    mentioned.add_code((function.body, function.decorators))
    for name in sorted(reach.templates):
        mentioned.add_template(name, event.path)
    names = ", ".join(sorted(reach.templates)) or f"{function.name}()"
    return Readers(mentioned, names, _name_of(function))


def _name_of(node: ir.Def | ir.Class) -> Span:
    return node.start, node.start + len(node.name) + 4


def _function_around(unit: Unit, span: Span) -> tuple[ir.Def, str] | None:
    """The innermost function around, and the class whose method it is."""
    around = [
        (function, owner)
        for function, owner, _ in functions_of(unit.code.body)
        if function.start <= span[0] and span[1] <= function.end
    ]
    return min(around, key=lambda one: one[0].end - one[0].start) if around else None


def _class_of_queryset(unit: Unit, span: Span) -> str:
    """The class whose ``queryset = …`` holds the call; empty where there is none."""
    for name, node in unit.classes.items():
        for bound, member in members_of(node):
            if (
                bound == "queryset"
                and not isinstance(member, ir.Def | ir.Class)
                and member.start <= span[0]
                and span[1] <= member.end
            ):
                return name
    return ""


def _reach(function: ir.Def, event: EagerLoading) -> Reach | None:
    for node in nodes(function.body):
        if isinstance(node, ir.Call) and (node.start, node.end) == event.span:
            return reach_of(function, node, Places(function.body))
    return None


def _are_known(model: Model, function: ir.Def, attributes: set[str]) -> bool:
    """Whether all that the function asks the rows for is in their model, or in the query."""
    given = {
        name
        for node in nodes(function.body)
        if isinstance(node, ir.Call)
        for name, _ in node.keywords
    }
    stored = {
        target.attr
        for node in nodes(function.body)
        if isinstance(node, ir.Assign)
        for target in node.targets
        if isinstance(target, ir.Attr)
    }
    return all(
        name in model.columns
        or name.removesuffix("_id") in model.relations
        or name in model.members | given | stored | _OF_EVERY_ROW | _OF_USERS
        or (name.startswith("get_") and name.endswith("_display"))
        for name in attributes
    )


# Views by their classes.


def _of_view(project: Project, event: EagerLoading, name: str) -> Readers | None:
    program, index = project.derive(program_of), project.derive(ModelIndex)
    key = event.path, name
    if not name or key not in index.names.classes:
        return None
    mentioned = Mentioned(project)
    shown: set[str] = set()
    for other in index.names.classes:
        if key in program.line(other):
            found = _add_view(program, mentioned, other)
            if found is None:
                return None
            shown.add(found)
    unit = program.unit(event.path)
    node = unit.classes.get(name) if unit is not None else None
    if node is None or not shown:
        return None
    return Readers(mentioned, ", ".join(sorted(shown)), (node.start, node.start + len(name) + 6))


def _add_view(program: Program, mentioned: Mentioned, key: Key) -> str | None:
    """Add what the view shows its rows with, and return its name; None if that is not known."""
    if not _is_plain_view(program, key):
        return None
    for body, _ in _bodies(program, key):
        mentioned.add_code(body)
    if program.is_a(key, *TEMPLATE_VIEWS):
        member = program.member(key, "template_name")
        node = member.node if member is not None else None
        if program.member(key, "get_template_names") is not None:
            return None
        if not isinstance(node, ir.Const) or not isinstance(node.value, str):
            return None
        mentioned.add_template(node.value, key[0])
        return node.value
    return _add_serializers(program, mentioned, key)


def _is_plain_view(program: Program, key: Key) -> bool:
    """Whether neither what it extends nor its own methods may look at the rows."""
    line = program.line(key)
    if any(isinstance(base, str) and base.rpartition(".")[2] not in _KNOWN_BASES for base in line):
        return False
    return all(
        method.name in _WITHOUT_ROWS
        for body, _ in _bodies(program, key)
        for method in body
        if isinstance(method, ir.Def)
    )


def _bodies(program: Program, key: Key) -> Iterator[tuple[tuple[ir.Stmt, ...], str]]:
    """The bodies of the class and of those that it extends in the project, with their files."""
    for base in program.line(key):
        unit = program.unit(base[0]) if isinstance(base, tuple) else None
        node = unit.classes.get(base[1]) if unit is not None else None
        if node is not None and isinstance(base, tuple):
            yield node.body, base[0]


def _add_serializers(program: Program, mentioned: Mentioned, key: Key) -> str | None:
    """Add the serializers that the view names, and those that these name."""
    shown: set[str] = set()
    waiting, seen = [key], {key}
    while waiting:
        current = waiting.pop()
        for body, path in _bodies(program, current):
            for other in _classes_in(program, body, path):
                if other in seen:
                    continue
                seen.add(other)
                if not _is_serializer(program, other):
                    continue
                if not _is_plain_serializer(program, other):
                    return None
                shown.add(other[1])
                waiting.append(other)
                for inner, _ in _bodies(program, other):
                    mentioned.add_code(inner)
    return ", ".join(sorted(shown)) or None


def _classes_in(program: Program, body: tuple[ir.Stmt, ...], path: str) -> Iterator[Key]:
    """The classes of the project that the code names."""
    scope = program.scope(path)
    for node in nodes(body):
        if isinstance(node, ir.Name) and scope is not None:
            value = scope.look_up(node.id)
            if isinstance(value, ProjectClass):
                yield value.key


def _is_serializer(program: Program, key: Key) -> bool:
    return any(isinstance(base, str) and base.endswith("Serializer") for base in program.line(key))


def _is_plain_serializer(program: Program, key: Key) -> bool:
    """Whether all that it reads of a row is named in it."""
    for base in program.line(key):
        if isinstance(base, str) and base.rpartition(".")[2] not in _KNOWN_SERIALIZERS:
            return False
    for body, _ in _bodies(program, key):
        if any(_hands_on(method) for method in body if isinstance(method, ir.Def)):
            return False
        for node in nodes(body):
            match node:
                case ir.Const(value="__all__"):
                    return False
                case ir.Name(id="exclude" | "depth"):
                    return False
                case _:
                    continue
    return True


def _hands_on(method: ir.Def) -> bool:
    """Whether the method hands one of its parameters to other code."""
    given = {parameter.name for parameter in method.parameters[1:]}
    for node in nodes(method.body):
        if isinstance(node, ir.Call):
            values = (*node.args, *(value for _, value in node.keywords))
            if any(isinstance(value, ir.Name) and value.id in given for value in values):
                called = node.function
                if not (isinstance(called, ir.Attr) and called.attr == "to_representation"):
                    return True
    return False
