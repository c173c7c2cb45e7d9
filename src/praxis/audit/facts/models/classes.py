"""
What a file says of models: its classes with their fields, managers, methods and `Meta`.

Names are as the file's imports have them (``"django.db.models.ForeignKey"``, ``".base.Owned"``);
what they mean is worked out over the whole project in `praxis.audit.facts.models.model_index`.
"""

import ast
import re
from collections.abc import Iterator

from msgspec import Struct

from praxis.audit.facts.models.class_bodies import dotted_name, statements
from praxis.audit.facts.nodes import children
from praxis.audit.facts.sources import Role
from praxis.audit.file import File
from praxis.audit.summary import Fact

Option = str | bool | int | None

#: Stands for an option that is there, but whose value is not a constant.
UNKNOWN_OPTION = "?"

_OPTIONS = frozenset({
    "auto_now", "auto_now_add", "null", "parent_link", "primary_key", "related_name",
    "related_query_name", "through", "to", "to_field", "unique",
})  # fmt: skip
#: Decorators of classes that add no attribute by which rows are reached.
_PLAIN_DECORATORS = frozenset({
    "deconstructible", "final", "python_2_unicode_compatible", "register", "total_ordering",
})  # fmt: skip
_QUERIES = re.compile(r"(?:Manager|QuerySet|Queryset|Query)(?:Base|Mixin)?$|^(?:Manager|QuerySet)")


class Declared(Struct, frozen=True, array_like=True, omit_defaults=True):
    """
    ``name = callee(target, option=…)`` in a class: a field, or a manager.

    *target* is a string as written (``"shop.Order"``) or, where *named*, a name as imported.
    For ``Manager.from_queryset(X)()`` the callee is the manager's class and *queryset* ``X``.
    """

    name: str
    callee: str
    target: str = ""
    named: bool = False
    options: dict[str, Option] = {}
    queryset: str = ""


class Method(Struct, frozen=True, array_like=True, omit_defaults=True):
    """
    A method of a manager or queryset.

    Attributes:
        name: Its name.
        steps: The methods called on the way from ``self`` to what it returns; None where it
            returns something else than a queryset made from ``self``, or may do so.
        loads: Whether it names ``select_related`` or ``prefetch_related``.
    """

    name: str
    steps: tuple[str, ...] | None
    loads: bool = False


class ClassFact(Struct, frozen=True, array_like=True, omit_defaults=True):
    """
    A class at a module's top level.

    *members* are all names that its body binds; *inner* is true for a class with a body that
    binds some of them by means that are not followed (loops, conditions). *shaped* says that a
    decorator or a metaclass may give it more.
    """

    name: str
    bases: tuple[str, ...]
    declared: tuple[Declared, ...] = ()
    members: tuple[str, ...] = ()
    methods: tuple[Method, ...] = ()
    meta: dict[str, Option] = {}
    queryset: str = ""  #: of a base ``X.from_queryset(Y)``
    shaped: bool = False


class ModelsFact(Struct, frozen=True, array_like=True, omit_defaults=True):
    """
    The classes of a file, and what is needed to follow names through it.

    Attributes:
        classes: In source order.
        names: Imported at the top level: bound name to dotted name.
        stars: Modules of star imports.
        user_model: ``AUTH_USER_MODEL``, where the file sets it to a plain string.
        app_configs: ``(name, label)`` of each `AppConfig`.
        eager: Every lookup that is loaded eagerly anywhere in the file.
        receivers: ``(signal, sender)`` of each signal receiver, and of each model whose history a
            package keeps by one (``history``); the sender is empty for any.
    """

    classes: tuple[ClassFact, ...] = ()
    names: dict[str, str] = {}
    stars: tuple[str, ...] = ()
    user_model: str = ""
    app_configs: tuple[tuple[str, str], ...] = ()
    eager: tuple[str, ...] = ()
    receivers: tuple[tuple[str, str], ...] = ()


def extract(file: File) -> ModelsFact | None:
    """Sum up the file; None where it has neither classes nor names."""
    names: dict[str, str] = {}
    stars: list[str] = []
    for imported in file.imports:
        if imported.local or imported.typing:
            continue
        if imported.bound == "*":
            stars.append("." * imported.level + imported.module)
        else:
            names[imported.bound] = imported.target
    classes: list[ClassFact] = []
    app_configs: list[tuple[str, str]] = []
    user_model = ""
    for node in statements(file.tree.body):
        if isinstance(node, ast.ClassDef):
            classes.append(_class(file, node))
            if any(base.endswith("AppConfig") for base in classes[-1].bases):
                app_configs.append(_app_config(node))
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            target = node.targets[0]
            if isinstance(target, ast.Name) and target.id == "AUTH_USER_MODEL":
                user_model = str(node.value.value)
    return ModelsFact(
        tuple(classes),
        names,
        tuple(stars),
        user_model,
        tuple(app_configs),
        tuple(sorted(_eager(file.text))),
        tuple(_receivers(file)),
    )


def _class(file: File, node: ast.ClassDef) -> ClassFact:
    bases: list[str] = []
    queryset = ""
    for base in node.bases:
        if isinstance(base, ast.Subscript):  # Manager["Order"]
            base = base.value
        if (
            isinstance(base, ast.Call)
            and isinstance(base.func, ast.Attribute)
            and base.func.attr == "from_queryset"
            and base.args
        ):
            queryset = dotted_name(file, base.args[0])
            base = base.func.value
        bases.append(dotted_name(file, base) or "?")
    declared: list[Declared] = []
    members: list[str] = []
    methods: list[Method] = []
    meta: dict[str, Option] = {}
    queries = bool(_QUERIES.search(node.name)) or any(
        _QUERIES.search(base.rpartition(".")[2]) for base in bases
    )
    for item in statements(node.body):
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
            members.append(item.name)
            if queries:
                methods.append(_method(file, item))
        elif isinstance(item, ast.ClassDef):
            members.append(item.name)
            if item.name == "Meta":
                meta = _meta(file, item)
        elif isinstance(item, ast.Assign | ast.AnnAssign):
            targets = item.targets if isinstance(item, ast.Assign) else [item.target]
            bound = [target.id for target in targets if isinstance(target, ast.Name)]
            if item.value is not None:
                members += bound
            if isinstance(item.value, ast.Call) and len(bound) == 1:
                found = _declared(file, bound[0], item.value)
                if found is not None:
                    declared.append(found)
    return ClassFact(
        node.name,
        tuple(bases),
        tuple(declared),
        tuple(members),
        tuple(methods),
        meta,
        queryset,
        _is_shaped(node),
    )


def _is_shaped(node: ast.ClassDef) -> bool:
    """Whether a decorator or a metaclass may add attributes to the class."""
    decorators = [
        decorator.func if isinstance(decorator, ast.Call) else decorator
        for decorator in node.decorator_list
    ]
    names = {getattr(one, "attr", None) or getattr(one, "id", "") for one in decorators}
    return bool(names - _PLAIN_DECORATORS) or any(word.arg == "metaclass" for word in node.keywords)


def _declared(file: File, name: str, call: ast.Call) -> Declared | None:
    function, queryset = call.func, ""
    if isinstance(function, ast.Subscript):
        function = function.value
    if isinstance(function, ast.Call):  # Manager.from_queryset(Orders)()
        inner = function.func
        if not (
            isinstance(inner, ast.Attribute) and inner.attr == "from_queryset" and function.args
        ):
            return None
        queryset = dotted_name(file, function.args[0])
        function = inner.value
    callee = dotted_name(file, function)
    if callee.endswith(".as_manager"):
        return Declared(name, "django.db.models.Manager", queryset=callee[: -len(".as_manager")])
    if not callee.rpartition(".")[2][:1].isupper():
        return None  # fields and managers are made by their classes
    if callee.startswith(("django.forms.", "rest_framework.", "graphene.", "wtforms.")):
        return None
    options: dict[str, Option] = {}
    target, named = "", False
    for word in call.keywords:
        if word.arg == "to":
            target, named = _target(file, word.value)
        elif word.arg in _OPTIONS:
            options[word.arg] = _option(file, word.value)
        elif word.arg is None:
            options["related_name"] = UNKNOWN_OPTION  # **options may hold anything
    if not target and call.args:
        target, named = _target(file, call.args[0])
    return Declared(name, callee, target, named, options, queryset)


def _target(file: File, node: ast.expr) -> tuple[str, bool]:
    if isinstance(node, ast.Constant):
        return (node.value, False) if isinstance(node.value, str) else ("", False)
    if isinstance(node, ast.Call):
        callee = dotted_name(file, node.func)
        return (f"{callee}()", True) if callee.endswith("get_user_model") else ("", False)
    return dotted_name(file, node), True


def _option(file: File, node: ast.expr) -> Option:
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bool | int | None):
        return node.value
    return (dotted_name(file, node) and "@" + dotted_name(file, node)) or UNKNOWN_OPTION


def _meta(file: File, node: ast.ClassDef) -> dict[str, Option]:
    meta: dict[str, Option] = {}
    for item in node.body:
        if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
            name = item.targets[0].id
            if name in {
                "abstract", "proxy", "swappable", "app_label", "default_manager_name",
                "base_manager_name", "default_related_name", "managed",
            }:  # fmt: skip
                meta[name] = _option(file, item.value)
            elif name in {"ordering", "unique_together", "constraints"}:
                meta[name] = True
    for base in node.bases:
        written = dotted_name(file, base)
        if written.endswith(".Meta"):
            meta["inherits"] = written[: -len(".Meta")]
    return meta


def _app_config(node: ast.ClassDef) -> tuple[str, str]:
    values = {
        item.targets[0].id: item.value.value
        for item in node.body
        if isinstance(item, ast.Assign)
        and isinstance(item.targets[0], ast.Name)
        and isinstance(item.value, ast.Constant)
        and isinstance(item.value.value, str)
    }
    name = values.get("name", "")
    return name, values.get("label", name.rpartition(".")[2])


# Methods of managers and querysets.


def _method(file: File, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Method:
    source = file.source(node)
    loads = "_related" in source or "Prefetch" in source
    if any(not _is_plain(decorator) for decorator in node.decorator_list):
        return Method(node.name, None, loads)
    values: dict[str, list[ast.expr]] = {}
    returned: list[ast.expr | None] = []
    stack: list[ast.AST] = list(node.body)
    while stack:
        inner = stack.pop()
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(inner, ast.Yield | ast.YieldFrom):
            return Method(node.name, None, loads)
        if isinstance(inner, ast.Return):
            returned.append(inner.value)
        elif isinstance(inner, ast.Assign):
            for target in inner.targets:
                if isinstance(target, ast.Name):
                    values.setdefault(target.id, []).append(inner.value)
        stack += children(inner)
    steps: set[str] = set()
    if not returned or not all(_follow(value, values, steps, ()) for value in returned):
        return Method(node.name, None, loads)
    return Method(node.name, tuple(sorted(steps)), loads)


def _is_plain(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Name) and decorator.id == "override"


def _follow(
    node: ast.expr | None,
    values: dict[str, list[ast.expr]],
    steps: set[str],
    seen: tuple[str, ...],
) -> bool:
    """Whether the expression is made from ``self`` by method calls; they go to *steps*."""
    while isinstance(node, ast.Call):
        function = node.func
        if isinstance(function, ast.Name):
            return function.id == "super"
        if not isinstance(function, ast.Attribute):
            return False
        steps.add(function.attr)
        node = function.value
    if isinstance(node, ast.IfExp):
        return _follow(node.body, values, steps, seen) and _follow(node.orelse, values, steps, seen)
    if not isinstance(node, ast.Name):
        return False
    if node.id == "self":
        return True
    if node.id in seen:
        return True
    assigned = values.get(node.id, ())
    return bool(assigned) and all(
        _follow(value, values, steps, (*seen, node.id)) for value in assigned
    )


# What is loaded eagerly, and who listens to saves.

_EAGER = re.compile(r"(?:select_related\w*|prefetch_\w+|Prefetch)\s*(?:\(|=)")
_LOOKUP = re.compile(r"""["'](\w+)["']""")
_RECEIVER = re.compile(
    r"@receiver\(\s*[\[(]?[\w.,\s]*?(?:pre|post)_save[\w.,\s]*[\])]*[^)]*\)"
    r"|(?P<signal>(?:pre|post)_save)\.connect\([^)]*"
)
_SAVE_SIGNAL = re.compile(r"(?:pre|post)_save")
_SENDER = re.compile(r"sender\s*=\s*([\w.]+|[\"'][\w.]+[\"'])")
#: Packages that keep a row's versions or log its changes do so by receivers of their own.
_REGISTERED = re.compile(
    r"\b(?:auditlog|reversion|simple_history)\.register\(\s*(?P<model>[\w.]+)"
    r"|@(?:reversion\.)?register(?:\((?:[^()]|\([^()]*\))*\))?\s*\n(?:\s*@.*\n)*\s*class\s+(?P<decorated>\w+)"
)
_LOGS_ALL = re.compile(r"AUDITLOG_INCLUDE_ALL_MODELS\s*=\s*True|[\"']easyaudit\b")
_LOGGERS = ("auditlog", "reversion", "simple_history")


def _eager(text: str) -> set[str]:
    found: set[str] = set()
    if "_related" in text or "Prefetch" in text:
        for match in _EAGER.finditer(text):
            end = _end_of_arguments(text, match.end())
            found.update(_LOOKUP.findall(text, match.end(), end))
    return found


def _end_of_arguments(text: str, start: int) -> int:
    """Where the parenthesis that was opened before *start* closes; near enough, for names."""
    depth = 1
    limit = min(len(text), start + 2000)
    for position in range(start, limit):
        character = text[position]
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
            if not depth:
                return position
    return limit


def _receivers(file: File) -> Iterator[tuple[str, str]]:
    text = file.text
    if "_save" in text:
        for match in _RECEIVER.finditer(text):
            sender = _SENDER.search(match[0])
            for signal in dict.fromkeys(_SAVE_SIGNAL.findall(match["signal"] or match[0])):
                yield signal, _sender_name(sender[1] if sender else "")
    if any(name in text for name in _LOGGERS):
        for match in _REGISTERED.finditer(text):
            yield "history", _sender_name(match["decorated"] or match["model"])
    if ("AUDITLOG_" in text or "easyaudit" in text) and _LOGS_ALL.search(text):
        yield "history", ""


def _sender_name(written: str) -> str:
    """The model's name; empty, which stands for any, where a variable holds the model."""
    name = written.strip("\"'").rpartition(".")[2]
    if written[:1] in "\"'" or name[:1].isupper() or name == "get_user_model":
        return name
    return ""


MODELS = Fact("models", ModelsFact, extract, skips=(Role.TEST, Role.MIGRATION))
