"""Which models a file registers in the admin, and what their pages show of related rows."""

import ast
from collections.abc import Iterator

from msgspec import Struct

from praxis.audit.facts.models.class_bodies import dotted_name
from praxis.audit.facts.sources import Role
from praxis.audit.file import File
from praxis.audit.summary import Fact

Span = tuple[int, int]


class AdminClass(Struct, frozen=True, array_like=True, omit_defaults=True):
    """
    A class of the admin: a ``ModelAdmin``, or an inline with its *model*.

    Attributes:
        name: Of the class.
        bases: As imported.
        model: Of an inline, as imported.
        inlines: Its inline classes, as imported.
        shown: ``list_display``, where it is written out; None where it is not set.
        unboxed: Relations without a select box (``raw_id_fields``, ``autocomplete_fields``,
            ``readonly_fields``, ``exclude``).
        fields: The form's fields, where ``fields`` or ``fieldsets`` name them all; None for all.
        loads: Whether it says what its list loads, or makes its own queryset.
        own_boxes: Whether it makes form fields of its own.
        own_deletion: Whether it has a say in what is deleted.
        joins_all: Its ``list_select_related = True``; (0, 0) where there is none.
    """

    name: str
    bases: tuple[str, ...]
    model: str = ""
    inlines: tuple[str, ...] = ()
    shown: tuple[str, ...] | None = None
    unboxed: tuple[str, ...] = ()
    fields: tuple[str, ...] | None = None
    loads: bool = False
    own_boxes: bool = False
    own_deletion: bool = False
    joins_all: Span = (0, 0)


class AdminFact(Struct, frozen=True, array_like=True):
    """
    The admin of a file.

    *registered* are ``(model, admin class, span)``, the class empty for Django's own.
    """

    classes: tuple[AdminClass, ...]
    registered: tuple[tuple[str, str, Span], ...]


def extract(file: File) -> AdminFact | None:
    """Sum up the file; None where it has to do with no admin."""
    if "admin" not in file.text and "Inline" not in file.text:
        return None
    classes: list[AdminClass] = []
    registered: list[tuple[str, str, Span]] = []
    for node in file.tree.body:
        if isinstance(node, ast.ClassDef):
            found = _admin_class(file, node)
            if found is not None:
                classes.append(found)
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and _registers(file, decorator.func):
                    span = file.span(decorator)
                    registered += [
                        (dotted_name(file, model), node.name, span) for model in decorator.args
                    ]
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            registered += _registrations(file, node.value)
    if not classes and not registered:
        return None
    return AdminFact(tuple(classes), tuple(registered))


def _registers(file: File, function: ast.expr) -> bool:
    name = dotted_name(file, function)
    return name == "django.contrib.admin.register" or name.endswith(
        ("site.register", "admin.register")
    )


def _registrations(file: File, call: ast.Call) -> Iterator[tuple[str, str, Span]]:
    if not _registers(file, call.func) or not call.args:
        return
    models = call.args[0]
    admin = dotted_name(file, call.args[1]) if len(call.args) > 1 else ""
    for model in models.elts if isinstance(models, ast.List | ast.Tuple) else [models]:
        name = dotted_name(file, model)
        if name:
            yield name, admin, file.span(call)


#: Methods of an admin class with pages of its own making.
_OWN_LISTS = frozenset({
    "changelist_view", "get_changelist", "get_changelist_instance", "get_list_display",
    "get_list_select_related", "get_queryset", "get_urls", "has_module_permission",
})  # fmt: skip
_OWN_FORMS = (
    "formfield_for", "get_autocomplete", "get_exclude", "get_fields", "get_form", "get_readonly",
    "get_urls", "has_add", "has_change",
)  # fmt: skip
_OWN_DELETIONS = frozenset({
    "delete_view", "get_deleted_objects", "get_urls", "has_delete_permission",
    "has_module_permission",
})  # fmt: skip
_LISTS = frozenset({"autocomplete_fields", "exclude", "raw_id_fields", "readonly_fields"})


def _admin_class(file: File, node: ast.ClassDef) -> AdminClass | None:
    bases = tuple(dotted_name(file, base) or "?" for base in node.bases)
    if not any("Admin" in base or "Inline" in base for base in (*bases, node.name)):
        return None
    shown: tuple[str, ...] | None = None
    fields: tuple[str, ...] | None = None
    unboxed: list[str] = []
    inlines: list[str] = []
    model, loads, own_boxes, own_deletion = "", False, False, False
    joins_all: Span = (0, 0)
    for item in node.body:
        if isinstance(item, ast.FunctionDef):
            loads = loads or item.name in _OWN_LISTS
            own_boxes = own_boxes or item.name.startswith(_OWN_FORMS)
            own_deletion = own_deletion or item.name in _OWN_DELETIONS
            continue
        if not isinstance(item, ast.Assign) or not isinstance(item.targets[0], ast.Name):
            continue
        name = item.targets[0].id
        if name == "list_display":
            shown = tuple(_strings(item.value))
        elif name in _LISTS:
            unboxed += _strings(item.value)
        elif name in {"fields", "fieldsets"}:
            fields = tuple(_strings(item.value))
        elif name == "list_select_related":
            loads = True
            if isinstance(item.value, ast.Constant) and item.value.value is True:
                joins_all = file.span(item)
        elif name == "model":
            model = dotted_name(file, item.value)
        elif name == "form":
            own_boxes = True
        elif name == "inlines" and isinstance(item.value, ast.List | ast.Tuple):
            inlines += [dotted_name(file, inline) for inline in item.value.elts]
    return AdminClass(
        node.name,
        bases,
        model,
        tuple(inlines),
        shown,
        tuple(unboxed),
        fields,
        loads,
        own_boxes,
        own_deletion,
        joins_all,
    )


def _strings(node: ast.expr) -> Iterator[str]:
    """Every string in a display of lists, tuples and dictionaries."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


ADMIN = Fact("admin_registrations", AdminFact, extract, skips=(Role.TEST, Role.MIGRATION))
