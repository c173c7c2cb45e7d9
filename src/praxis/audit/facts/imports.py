"""The import statements of a file, and the graph that they make of a project."""

import ast

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
    """Every import of the file, in source order; walks statements only."""
    found: list[Import] = []
    stack: list[tuple[ast.stmt, bool, bool, bool]] = [
        (statement, False, False, False) for statement in reversed(tree.body)
    ]
    while stack:
        node, local, typing, guarded = stack.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.extend(_names(node, local, typing, guarded))
            continue
        inner: list[tuple[ast.stmt, bool, bool, bool]] = []
        for part, body in _bodies(node):
            is_local = local or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            is_typing = typing or (part == "body" and _is_type_checking(node))
            is_guarded = guarded or isinstance(node, ast.If | ast.Try)
            inner.extend((statement, is_local, is_typing, is_guarded) for statement in body)
        stack.extend(reversed(inner))
    return tuple(found)


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


def _bodies(node: ast.stmt) -> list[tuple[str, list[ast.stmt]]]:
    bodies = [
        (part, getattr(node, part))
        for part in ("body", "orelse", "finalbody")
        if isinstance(getattr(node, part, None), list)
    ]
    bodies += [("handlers", handler.body) for handler in getattr(node, "handlers", ())]
    bodies += [("cases", case.body) for case in getattr(node, "cases", ())]
    return bodies


def _is_type_checking(node: ast.stmt) -> bool:
    if not isinstance(node, ast.If):
        return False
    test = node.test
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return name == "TYPE_CHECKING"
