"""
Whether a place of the code runs inside of a transaction, and of which.

`atomic_around` names the block that a node is *surely* in: a ``with``, a decorator, or Django
itself (the admin's own methods, receivers of signals that are only sent inside of one).
`signal_around` names the signal. `may_be_atomic` is for rules that speak where there is none:
anything that looks like a transaction or a lock counts.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from praxis.audit.file import File

Function = ast.FunctionDef | ast.AsyncFunctionDef
With = ast.With | ast.AsyncWith

ATOMIC = frozenset({
    "django.db.transaction.atomic", "django.db.transaction.commit_on_success",
    "django.db.transaction.Atomic",
})  # fmt: skip
#: Methods that the admin calls inside of its own transaction.
ADMIN_METHODS = frozenset({
    "save_model", "save_related", "save_formset", "delete_model", "log_addition", "log_change",
    "response_add", "response_change", "response_delete",
})  # fmt: skip
#: Signals that are sent inside of a transaction only: of a deletion with receivers, of ``add()``.
ATOMIC_SIGNALS = frozenset({"pre_delete", "post_delete", "m2m_changed"})
#: Of these, those that tell of what is done.
_TOLD_AFTERWARDS = frozenset({"post_delete", "m2m_changed"})
_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "dispatch"})
#: Names of contexts and decorators that may hold a transaction, or keep others away.
_LOOKS_ATOMIC = re.compile(
    r"atomic|transact|xact|savepoint|commit|lock|mutex|semaphore|synchroni[sz]ed|exclusive"
    r"|single_?ton|once",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, eq=False)
class Atomic:
    """
    What opens a transaction.

    Attributes:
        how: ``with``, ``decorator``, ``admin`` or ``signal``.
        scope: The statement, function or class that is inside.
        opening: The expression that opens it; where Django does, the function.
        using: The database's alias; empty for the default one, None where it is not known.
        savepoint: False where an error inside breaks the transaction around.
    """

    how: str
    scope: ast.AST
    opening: ast.AST
    using: str | None = ""
    savepoint: bool = True


def atomic_around(file: File, node: ast.AST) -> Atomic | None:
    """The innermost block that the visited *node* surely runs in."""
    for inner, outer, rest in _around(file, node):
        found: Atomic | None = None
        if isinstance(outer, ast.Lambda):
            return None  # nobody knows when it is called
        if isinstance(outer, ast.With | ast.AsyncWith):
            found = atomic_of_with(file, outer) if inner in outer.body else None
        elif isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef):
            if inner not in outer.body:
                return None  # a decorator or default, worked out when the function is defined
            return atomic_of_function(file, outer, rest)
        if found is not None:
            return found
    return None


def signal_around(file: File) -> tuple[str, ast.AST] | None:
    """
    The signal that calls the function around the visited node before Django commits.

    Other than for `atomic_around`, the function may be called by further signals, after a commit.
    """
    for outer in file.ancestors():
        if isinstance(outer, ast.Lambda):
            return None
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in outer.decorator_list:
                for name in _received(file, decorator):
                    if name in _TOLD_AFTERWARDS:
                        return name, decorator
            return None
    return None


def _around(file: File, node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST, ast.AST | None]]:
    """What is around the visited node: the part that holds it, the whole, and what holds that."""
    inner = node
    ancestors = list(file.ancestors())
    for position, outer in enumerate(ancestors):
        yield inner, outer, ancestors[position + 1] if position + 1 < len(ancestors) else None
        inner = outer


def atomic_of_with(file: File, node: With) -> Atomic | None:
    """The transaction that the statement opens; of several the last one."""
    for item in reversed(node.items):
        found = _opened(file, item.context_expr)
        if found is not None:
            return Atomic("with", node, item.context_expr, *found)
    return None


def atomic_of_function(file: File, node: Function, owner: ast.AST | None) -> Atomic | None:
    """
    The transaction that all of the function is in, by its decorators, its class's, or by Django.

    *owner* is what holds it.
    """
    for decorator in node.decorator_list:
        found = _decorated(file, decorator)
        if found is not None:
            return Atomic("decorator", node, decorator, *found)
        if _is_atomic_receiver(file, decorator):
            return Atomic("signal", node, node)
    if not isinstance(owner, ast.ClassDef):
        return None
    for decorator in owner.decorator_list:
        names = _decorated_methods(decorator)
        found = _decorated(file, decorator)
        if found is not None and (
            node.name in names or ("dispatch" in names and node.name in _VERBS)
        ):
            return Atomic("decorator", owner, decorator, *found)
    if node.name in ADMIN_METHODS and _is_admin(owner):
        return Atomic("admin", node, node)
    return None


def _opened(file: File, node: ast.expr) -> tuple[str | None, bool] | None:
    """The database and whether there is a savepoint, where the expression is ``atomic(…)``."""
    if not isinstance(node, ast.Call):
        return None
    name = file.qualified(node.func)
    if name not in ATOMIC:
        own = isinstance(node.func, ast.Name) and node.func.id in wrappers(file)
        return ("", True) if own else None
    using: str | None = ""
    savepoint = True
    if node.args:
        using = _text_of(node.args[0])
    for word in node.keywords:
        if word.arg == "using":
            using = _text_of(word.value)
        elif word.arg == "savepoint":
            savepoint = not (isinstance(word.value, ast.Constant) and word.value.value is False)
    return using, savepoint


def _text_of(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return None


def _decorated(file: File, node: ast.expr) -> tuple[str | None, bool] | None:
    """The same for a decorator: ``@atomic``, ``@atomic(…)``, ``@method_decorator(atomic)``."""
    if file.qualified(node) in ATOMIC:
        return "", True
    if isinstance(node, ast.Call):
        if file.qualified(node.func) == "django.utils.decorators.method_decorator" and node.args:
            first = node.args[0]
            several = first.elts if isinstance(first, ast.List | ast.Tuple) else [first]
            found = [_decorated(file, one) for one in several]
            return next((one for one in found if one is not None), None)
        return _opened(file, node)
    return None


def _decorated_methods(node: ast.expr) -> frozenset[str]:
    """The methods that ``@method_decorator(…, name="post")`` on a class is for."""
    if isinstance(node, ast.Call):
        values = [word.value for word in node.keywords if word.arg == "name"]
        for value in (*values, *node.args[1:2]):
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                return frozenset({value.value})
    return frozenset()


def _is_atomic_receiver(file: File, node: ast.expr) -> bool:
    """``@receiver(post_delete, …)`` of signals that are sent inside of a transaction only."""
    names = _received(file, node)
    return bool(names) and ATOMIC_SIGNALS.issuperset(names)


def _received(file: File, node: ast.expr) -> list[str]:
    """The signals of models that ``@receiver(…)`` names, with empty ones for all others."""
    if not (
        isinstance(node, ast.Call)
        and node.args
        and (file.qualified(node.func) or "").endswith("dispatch.receiver")
    ):
        return []
    first = node.args[0]
    signals = first.elts if isinstance(first, ast.List | ast.Tuple) else [first]
    found = [(file.qualified(signal) or "").rpartition(".") for signal in signals]
    return [name if module == "django.db.models.signals" else "" for module, _, name in found]


def _is_admin(owner: ast.ClassDef) -> bool:
    names = [base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
             for base in owner.bases]  # fmt: skip
    return any(name.endswith(("ModelAdmin", "Admin")) for name in names)


@lru_cache(maxsize=4)  # asked for every block of a file
def wrappers(file: File) -> frozenset[str]:
    """Functions of the file that do nothing but to open a transaction around what uses them."""
    if "contextmanager" not in file.text or "atomic" not in file.text:
        return frozenset()
    found: set[str] = set()
    for node in file.tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        decorators = {file.qualified(decorator) for decorator in node.decorator_list}
        if decorators & {"contextlib.contextmanager"} and _yields_inside(file, node):
            found.add(node.name)
    return frozenset(found)


def _yields_inside(file: File, function: ast.FunctionDef) -> bool:
    for statement in function.body:
        if isinstance(statement, ast.With) and any(
            isinstance(item.context_expr, ast.Call)
            and file.qualified(item.context_expr.func) in ATOMIC
            for item in statement.items
        ):
            return any(
                isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Yield)
                for inner in ast.walk(statement)
            )
    return False


# Where there may be one.


def may_be_atomic(file: File) -> bool:
    """
    Whether anything around the visited node may open a transaction or keep others away.

    A function that is defined inside of such a block counts, and so does a method of a class
    that is decorated, or has another method that is.
    """
    for outer in file.ancestors():
        if isinstance(outer, ast.With | ast.AsyncWith):
            if any(_LOOKS_ATOMIC.search(file.source(item.context_expr)) for item in outer.items):
                return True
        elif isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef):
            if _is_marked(file, outer):
                return True
        elif isinstance(outer, ast.ClassDef):
            methods = [one for one in outer.body if isinstance(one, ast.FunctionDef)]
            if _is_marked(file, outer) or any(
                one.name == "dispatch" and _is_marked(file, one) for one in methods
            ):
                return True
    return False


def _is_marked(file: File, node: Function | ast.ClassDef) -> bool:
    return any(_LOOKS_ATOMIC.search(file.source(one)) for one in node.decorator_list)
