"""How modules and classes spell out what they declare: their statements, and dotted names."""

import ast
from collections.abc import Iterator

from praxis.audit.file import File


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module or class, with those under ``if`` and ``try``."""
    for node in body:
        if isinstance(node, ast.If | ast.Try):
            yield from statements(node.body)
            yield from statements(node.orelse)
        else:
            yield node


def chain_of(node: ast.expr) -> tuple[tuple[str, ...], ast.expr]:
    """The attributes that are read one after the other, and of what."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return tuple(reversed(parts)), node


def dotted_name(file: File, node: ast.expr) -> str:
    """The imported or local dotted name of an expression; empty where it is something else."""
    qualified = file.qualified(node)
    if qualified is not None:
        return qualified
    path, root = chain_of(node)
    return ".".join((root.id, *path)) if isinstance(root, ast.Name) else ""
