"""Which names of a function hold something that was made from a given kind of expression."""

import ast
from collections.abc import Callable, Iterator

IsSource = Callable[[ast.AST], bool]
_FILLS = frozenset({"append", "extend", "add", "update", "insert", "setdefault"})


class Derivation:
    """
    The names that hold what was made from the expressions that *is_source* knows.

    The order of statements does not count: a name that is so at one place is so everywhere.
    Conditions do not make what is done under them derived.
    """

    def __init__(
        self, function: ast.AST, is_source: IsSource, names: frozenset[str] = frozenset()
    ) -> None:
        self._is_source = is_source
        self.names = set(names)
        self._steps = [step for node in ast.walk(function) for step in _steps(node)]
        growing = True
        while growing:
            before = len(self.names)
            for target, value in self._steps:
                if self.holds(value):
                    self.names.update(_stored_in(target))
            growing = len(self.names) > before

    def holds(self, node: ast.AST) -> bool:
        """Whether the expression is made from a source."""
        return any(
            self._is_source(inner) or (isinstance(inner, ast.Name) and inner.id in self.names)
            for inner in ast.walk(node)
        )

    def is_bound(self, name: str) -> bool:
        """Whether the function itself gives *name* a value."""
        return any(name in _stored_in(target) for target, _ in self._steps)

    def made_of(self, node: ast.AST) -> list[ast.AST]:
        """The expression, and every one that went into it by way of names."""
        parts: list[ast.AST] = [node]
        seen: set[str] = set()
        position = 0
        while position < len(parts):
            names = {inner.id for inner in ast.walk(parts[position]) if isinstance(inner, ast.Name)}
            position += 1
            for name in sorted(names - seen):
                parts += [value for target, value in self._steps if name in _stored_in(target)]
            seen |= names
        return parts


def _steps(node: ast.AST) -> Iterator[tuple[ast.expr, ast.AST]]:
    """What goes where: pairs of a target and the expression that is put there."""
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield target, value
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            yield target, value
        case ast.AugAssign(target=target, value=value) | ast.NamedExpr(target=target, value=value):
            yield target, value
        case ast.For(target=target, iter=value) | ast.AsyncFor(target=target, iter=value):
            yield target, value
        case ast.comprehension(target=target, iter=value):
            yield target, value
        case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
            yield target, value
        case ast.Call(func=ast.Attribute(value=target, attr=method)) if method in _FILLS:
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                yield target, argument


def _stored_in(target: ast.expr) -> Iterator[str]:
    match target:
        case ast.Name(name):
            yield name
        case ast.Subscript(value=value) | ast.Starred(value=value):
            yield from _stored_in(value)
        case ast.Tuple(elts=items) | ast.List(elts=items):
            for item in items:
                yield from _stored_in(item)


_MANAGERS = frozenset({"objects", "_default_manager", "_base_manager"})


def is_query(node: ast.AST) -> bool:
    """Whether the node is a model's manager: what hangs on it asks the database."""
    return isinstance(node, ast.Attribute) and node.attr in _MANAGERS
