"""The nodes below a node: several times as fast as `ast.walk`, which asks for contexts too."""

import ast
from collections.abc import Iterator
from typing import Any

#: Fields that hold no node, or only nodes that no rule asks for (contexts, operators).
_BARREN = frozenset({
    "arg", "asname", "attr", "conversion", "ctx", "id", "is_async", "kind", "level", "lineno",
    "module", "n", "op", "ops", "rest", "simple", "tag", "type_comment", "type_ignores",
})  # fmt: skip


def _fertile_fields() -> dict[type, tuple[str, ...]]:
    table: dict[type, tuple[str, ...]] = {}
    for kind in vars(ast).values():
        if isinstance(kind, type) and issubclass(kind, ast.AST):
            table[kind] = tuple(name for name in kind._fields if name not in _BARREN)
    for leaf in (ast.Name, ast.Constant, ast.Pass, ast.Break, ast.Continue, ast.Global):
        table[leaf] = ()
    return table


#: For each type of node the fields with children.
FIELDS = _fertile_fields()


def walked(root: ast.AST) -> list[ast.AST]:
    """What `ast.walk` yields, in its order, without contexts and operators."""
    found = [root]
    for node in found:  # which grows meanwhile
        found += children(node)
    return found


def functions(root: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function in *root*, outer ones first; statements alone are looked at."""
    stack: list[Any] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, _FUNCTIONS):
            yield node
        for name in _BLOCKS:
            block = getattr(node, name, None)
            if block.__class__ is list:
                stack += block[::-1]


_FUNCTIONS = ast.FunctionDef, ast.AsyncFunctionDef
_BLOCKS = "cases", "finalbody", "orelse", "handlers", "body"  # the last one is looked at first


def children(node: ast.AST) -> list[ast.AST]:
    """What `ast.iter_child_nodes` yields, without contexts and operators."""
    fields = FIELDS
    found: list[Any] = []
    for name in fields[node.__class__]:
        child: Any = getattr(node, name, None)
        if child.__class__ is list:
            found += [item for item in child if item.__class__ in fields]
        elif child.__class__ in fields:
            found.append(child)
    return found
