"""What a cached view shows of the visitor, or whom it is kept for: what its cache gives to all."""

import ast
import re
from dataclasses import dataclass

from praxis.audit.facts.caching.cached_pages import METHOD_DECORATOR, CachedPage
from praxis.audit.facts.caching.objects import Function
from praxis.audit.facts.caching.personal_templates import PERSONAL_TEMPLATES
from praxis.audit.facts.caching.personal_values import is_of_visitor
from praxis.audit.file import File
from praxis.audit.findings import Place
from praxis.audit.project import Project

_GUARDS = frozenset({
    "django.contrib.auth.decorators.login_required",
    "django.contrib.auth.decorators.permission_required",
    "django.contrib.auth.decorators.user_passes_test",
    "django.contrib.admin.views.decorators.staff_member_required",
})  # fmt: skip
_GUARD_MIXINS = frozenset(
    {
        "django.contrib.auth.mixins.LoginRequiredMixin",
        "django.contrib.auth.mixins.PermissionRequiredMixin",
        "django.contrib.auth.mixins.UserPassesTestMixin",
    }
)
#: Permissions that also keep readers out, by what they are called.
_CLOSED_TO_SOME = re.compile(
    r"(?:Is(?:Authenticated|AdminUser|Staff\w*|Superuser\w*)|Can(?:Manage|View|Read|Access)\w*)$"
)
#: Handlers of what is never cached.
_WRITING = frozenset({
    "post", "put", "patch", "delete", "create", "update", "destroy", "partial_update",
})  # fmt: skip
_TOLD_APART = ("vary_on", "never_cache", "csrf_protect", "vary", "private")
_MAX_TEMPLATES = 12


@dataclass(frozen=True, slots=True)
class Leak:
    """
    What makes a cached answer one visitor's own.

    *guard* is what keeps others out of the view; else *read* is what it shows of the visitor.
    """

    place: Place
    guard: str = ""
    read: str = ""


def find_leak(project: Project, path: str, page: CachedPage) -> Leak | None:
    """What the page that is cached in the file at *path* gives to everybody."""
    if any(word in name for name in page.inner for word in _TOLD_APART):
        return None
    found = _locate(project, path, page.view)
    if found is None:
        return None
    file, node = found
    if isinstance(node, ast.ClassDef):
        return _leak_of_class(project, file, node, page)
    return _leak_of_function(project, file, node, page)


def _locate(project: Project, path: str, view: str) -> tuple[File, ast.ClassDef | Function] | None:
    where, name = path, view
    if "." in view:
        resolved = project.modules.resolve(view, path)
        if resolved is None:
            return None
        where, name = resolved
    file = project.file(where)
    for node in file.tree.body if file is not None else ():
        if isinstance(node, ast.ClassDef | Function) and node.name == name and file is not None:
            return file, node
    return None


# Functions.


def _leak_of_function(
    project: Project, file: File, function: Function, page: CachedPage
) -> Leak | None:
    decorators = function.decorator_list
    own = [_name_of(file, one) for one in decorators]
    if _is_told_apart(file, function):
        return None
    wraps_all = not any("cache_page" in name for name in own)
    for name, decorator in zip(own, decorators, strict=True):
        if name in _GUARDS and (wraps_all or name in _names(page.inner)):
            return Leak(file.place(decorator), guard=name.rpartition(".")[2])
        if wraps_all and any(word in name for word in _TOLD_APART):
            return None
    guard = next((name for name in _names(page.inner) if name in _GUARDS), "")
    if guard:
        return Leak(file.place(function), guard=guard.rpartition(".")[2])
    return _leak_of_body(project, file, [function])


def _names(told: tuple[str, ...]) -> list[str]:
    return [name.partition("(")[0] for name in told]


def _name_of(file: File, decorator: ast.expr) -> str:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return file.qualified(called) or file.source(called)


def _is_told_apart(file: File, node: ast.AST) -> bool:
    """Whether the view itself sets headers that keep visitors apart, or may do so."""
    source = file.source(node)
    return (
        any(
            word in source
            for word in ("patch_vary_headers", '"Vary"', "'Vary'", "never_cache", "vary_on")
        )
        or "patch_cache_control" in source
    )


def _leak_of_body(project: Project, file: File, functions: list[Function]) -> Leak | None:
    for function in functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Attribute) and is_of_visitor(node):
                return Leak(file.place(node), read=file.source(node))
    for function in functions:
        for node in ast.walk(function):
            match node:
                case ast.Call(func=func, args=[_, ast.Constant(value=str() as name), *_]):
                    if _name_of(file, func).endswith(("render", "TemplateResponse")):
                        leak = _leak_of_template(project, name)
                        if leak is not None:
                            return leak
    return None


# Classes.


def _leak_of_class(
    project: Project, file: File, view: ast.ClassDef, page: CachedPage
) -> Leak | None:
    if _is_told_apart(file, view):
        return None
    wraps_all = page.method in {"dispatch", ""}
    if wraps_all:
        guard = _guard_of_class(file, view)
        if guard is not None:
            return guard
    methods = [node for node in view.body if isinstance(node, Function) and not _writes(file, node)]
    if not wraps_all:
        own = [node for node in methods if node.name == page.method]
        called = {
            node.attr for one in own for node in ast.walk(one) if isinstance(node, ast.Attribute)
        }
        methods = own + [node for node in methods if node.name in called and node not in own]
        for name in page.inner:
            if name.partition("(")[0] in _GUARDS:
                return Leak(file.place(own[0]), guard=name.rpartition(".")[2]) if own else None
    leak = _leak_of_body(project, file, methods)
    if leak is not None:
        return leak
    for node in view.body:
        match node:
            case ast.Assign(
                targets=[ast.Name("template_name")], value=ast.Constant(value=str() as name)
            ):
                return _leak_of_template(project, name)
    return None


def _guard_of_class(file: File, view: ast.ClassDef) -> Leak | None:
    for base in view.bases:
        name = file.qualified(base) or ""
        if name in _GUARD_MIXINS:
            return Leak(file.place(base), guard=name.rpartition(".")[2])
    cached = False
    wrapped = not any("cache_page" in file.source(one) for one in view.decorator_list)
    for decorator in view.decorator_list:
        if not (isinstance(decorator, ast.Call) and decorator.args):
            continue
        if file.qualified(decorator.func) != METHOD_DECORATOR:
            continue
        held = decorator.args[0]
        items = held.elts if isinstance(held, ast.List | ast.Tuple) else [held]
        for item in items:
            name = _name_of(file, item)
            cached = cached or "cache_page" in name
            # of method decorators the upper one is the outer one, too
            if name in _GUARDS and (cached or wrapped):
                return Leak(file.place(item), guard=name.rpartition(".")[2])
    for node in view.body:
        match node:
            case ast.Assign(
                targets=[ast.Name("permission_classes")],
                value=ast.List(elts=items) | ast.Tuple(elts=items),
            ) if items and any(_keeps_out(file.source(item)) for item in items):
                return Leak(file.place(node), guard="permission_classes")
    return None


def _writes(file: File, method: Function) -> bool:
    """Whether it is for requests that are never cached."""
    if method.name in _WRITING or method.name.startswith(("perform_", "form_", "post_")):
        return True
    for decorator in method.decorator_list:
        source = file.source(decorator).lower()
        if "methods" in source and "get" not in source.partition("methods")[2]:
            return True
    return False


def _keeps_out(permission: str) -> bool:
    name = permission.rpartition(".")[2]
    return _CLOSED_TO_SOME.match(name) is not None and "ReadOnly" not in name


# Templates.


def _leak_of_template(project: Project, name: str) -> Leak | None:
    """The first thing of the visitor in the template, what it extends and what it includes."""
    by_name = project.derive(_templates)
    waiting, seen = [name], set[str]()
    while waiting and len(seen) < _MAX_TEMPLATES:
        current = waiting.pop(0)
        if current in seen:
            continue
        seen.add(current)
        path = by_name.get(current)
        fact = project.facts(PERSONAL_TEMPLATES).get(path) if path else None
        if fact is None or path is None:
            continue
        for read, start, end in fact.reads:
            return Leak(project.place(path, start, end), read=read)
        waiting += fact.links
    return None


def _templates(project: Project) -> dict[str, str]:
    """The paths of templates by the name that loads them; without names that several have."""
    found: dict[str, str | None] = {}
    for path in project.summaries:
        _, sign, name = path.rpartition("/templates/")
        if not sign and path.startswith("templates/"):
            name = path.removeprefix("templates/")
        elif not sign:
            continue
        found[name] = None if name in found else path
    return {name: path for name, path in found.items() if path is not None}
