"""Whether a place surely runs inside a database transaction that commits later."""

import ast

from praxis.audit.facts.cache_objects import Function
from praxis.audit.file import File

_ATOMIC = frozenset({"django.db.transaction.atomic"})
#: Signals that Django sends before it commits what they tell of.
_SENT_INSIDE = frozenset({"post_delete", "m2m_changed"})
_SIGNALS = "django.db.models.signals"


def transaction_around(file: File) -> ast.AST | None:
    """
    What opens the transaction that the visited node surely runs in; None where there is none.

    A ``with`` block, or the decorator of the function. Code of an inner function runs when that
    is called, so what is around the inner function does not count.
    """
    for node in file.ancestors():
        if isinstance(node, ast.With):
            for item in node.items:
                if _is_atomic(file, item.context_expr):
                    return item.context_expr
        elif isinstance(node, Function):
            return next((one for one in node.decorator_list if _is_atomic(file, one)), None)
        elif isinstance(node, ast.Lambda):
            return None
    return None


def signal_around(file: File) -> tuple[str, ast.AST] | None:
    """
    The signal that calls the function around the visited node before Django commits.

    ``delete()`` opens a transaction and sends ``post_delete`` inside it, as do the methods of
    many-to-many managers with ``m2m_changed``.
    """
    function = next(
        (node for node in file.ancestors() if isinstance(node, Function | ast.Lambda)), None
    )
    if not isinstance(function, Function):
        return None
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and file.qualified(decorator.func) in _RECEIVER:
            for name in _signals(file, decorator.args[:1]):
                return name, decorator
    return None


_RECEIVER = frozenset({"django.dispatch.receiver", "django.dispatch.dispatcher.receiver"})


def _signals(file: File, arguments: list[ast.expr]) -> list[str]:
    found: list[str] = []
    for argument in arguments:
        items = argument.elts if isinstance(argument, ast.List | ast.Tuple) else [argument]
        for item in items:
            dotted = file.qualified(item) or ""
            module, _, name = dotted.rpartition(".")
            if module.endswith(_SIGNALS) and name in _SENT_INSIDE:
                found.append(name)
    return found


def _is_atomic(file: File, node: ast.expr) -> bool:
    called = node.func if isinstance(node, ast.Call) else node
    return file.qualified(called) in _ATOMIC
