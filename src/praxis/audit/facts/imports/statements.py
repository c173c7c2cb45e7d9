"""The import statements of a file, and the graph that they make of a project."""

import ast
from typing import Any

from msgspec import Struct


class Import(Struct, frozen=True, array_like=True):
    """
    One name bound by an import statement.

    Attributes:
        module: As written, without dots: ``"shop.models"``; empty for ``from . import x``.
        name: The imported name; empty for ``import module``.
        bound: The name it is known by in the file; ``"*"`` for a star import.
        level: The leading dots.
        line: Of the statement.
        local: Inside a function, so it runs when that is called.
        typing: Under ``if TYPE_CHECKING:``, so it never runs.
        guarded: Inside ``try`` or ``if``.
    """

    module: str
    name: str
    bound: str
    level: int
    line: int
    local: bool = False
    typing: bool = False
    guarded: bool = False

    @property
    def target(self) -> str:
        """The dotted name that *bound* stands for, with the leading dots of the statement."""
        if not self.name:
            return self.module if self.bound != self.module.partition(".")[0] else self.bound
        dots = "." * self.level
        return f"{dots}{self.module}.{self.name}" if self.module else f"{dots}{self.name}"


def list_imports(tree: ast.Module) -> tuple[Import, ...]:
    """Every import of the file, in source order; walks only statements that hold others."""
    found: list[Import] = []
    stack: list[tuple[Any, bool, bool, bool]] = [
        (statement, False, False, False)
        for statement in reversed(tree.body)
        if statement.__class__ in _LOOKED_INTO
    ]
    while stack:
        node, local, typing, guarded = stack.pop()
        kind = node.__class__
        if kind in _IMPORTS:
            found.extend(_names(node, local, typing, guarded))
            continue
        local = local or kind in _FUNCTIONS
        types = _is_type_checking(node)
        guarded = guarded or kind in _GUARDS
        for part in reversed(_PARTS[kind]):
            is_typing = typing or (types and part == "body")
            stack += [
                (inner, local, is_typing, guarded)
                for inner in reversed(getattr(node, part))
                if inner.__class__ in _LOOKED_INTO
            ]
    return tuple(found)


#: The fields of a node that hold statements, or what holds statements, in source order.
_PARTS: dict[type, tuple[str, ...]] = {
    kind: tuple(
        name
        for name in kind._fields
        if name in {"body", "handlers", "cases", "orelse", "finalbody"}
    )
    for kind in vars(ast).values()
    if isinstance(kind, type)
    and issubclass(kind, ast.stmt | ast.ExceptHandler | ast.match_case)
    and "body" in kind._fields + ("body",) * (kind is ast.Match)
}
_IMPORTS = frozenset({ast.Import, ast.ImportFrom})
_FUNCTIONS = frozenset({ast.FunctionDef, ast.AsyncFunctionDef})
_GUARDS = frozenset({ast.If, ast.Try})
_LOOKED_INTO = frozenset(_PARTS) | _IMPORTS


def _names(
    node: ast.Import | ast.ImportFrom, local: bool, typing: bool, guarded: bool
) -> list[Import]:
    if isinstance(node, ast.Import):
        return [
            Import(
                alias.name,
                "",
                alias.asname or alias.name.partition(".")[0],
                0,
                node.lineno,
                local,
                typing,
                guarded,
            )
            for alias in node.names
        ]
    return [
        Import(
            node.module or "",
            alias.name,
            alias.asname or alias.name,
            node.level,
            node.lineno,
            local,
            typing,
            guarded,
        )
        for alias in node.names
    ]


def _is_type_checking(node: ast.AST) -> bool:
    if not isinstance(node, ast.If):
        return False
    test = node.test
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return name == "TYPE_CHECKING"
