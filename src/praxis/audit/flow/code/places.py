"""Where the parts of a function stand: what is around them, and what surely runs before what."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from praxis.audit.flow.code import ir

#: A block of statements, by its owner and the attribute that holds it, and a position in it.
Position = tuple[int, str, int]

#: Nobody knows when what is in these runs.
_CLOSED: frozenset[type] = frozenset({ir.Def, ir.Class})


class Places:
    """
    The nodes of one function, by identity.

    Those of nested functions are left out: nobody knows when these run.
    """

    def __init__(self, body: tuple[ir.Stmt, ...]) -> None:
        self.body = body
        self._parents: dict[int, Struct] = {}
        self._positions: dict[int, Position] = {}
        self._block(body, 0, "body", None)

    def _block(
        self, block: tuple[ir.Stmt, ...], owner: int, attribute: str, parent: Struct | None
    ) -> None:
        stack: list[tuple[Any, int, str, Struct | None]] = [(block, owner, attribute, parent)]
        while stack:
            value, held_by, name, around = stack.pop()
            parts = ir.PARTS.get(value.__class__)
            if parts is not None:
                if around is not None:
                    self._parents[id(value)] = around
                if value.__class__ not in _CLOSED:
                    stack += [
                        (held, id(value), part, value)
                        for part in parts
                        if (held := getattr(value, part))  # not None, nor an empty block
                    ]
            elif isinstance(value, tuple):
                for index, item in enumerate(value):
                    if item.__class__ in _STATEMENT_KINDS:
                        self._positions[id(item)] = held_by, name, index
                    stack.append((item, held_by, name, around))

    def holds(self, node: Struct) -> bool:
        """Whether *node* is a part of the function."""
        return id(node) in self._parents

    def parent(self, node: Struct) -> Struct | None:
        """What is directly around *node*; None for a statement of the outermost block."""
        return self._parents.get(id(node))

    def around(self, node: Struct) -> Iterator[tuple[Struct, Struct]]:
        """Each node that holds *node*, innermost first, with the part of it that does."""
        inner, outer = node, self.parent(node)
        while outer is not None:
            yield outer, inner
            inner, outer = outer, self.parent(outer)

    def statement(self, node: Struct) -> ir.Stmt | None:
        """The innermost statement that *node* is, or is a part of."""
        if isinstance(node, _STATEMENTS):
            return node
        for outer, _ in self.around(node):
            if isinstance(outer, _STATEMENTS):
                return outer
        return None

    def path(self, node: Struct) -> list[Position]:
        """The positions of the statements around *node*, innermost first."""
        found = [self._positions[id(node)]] if id(node) in self._positions else []
        return found + [
            self._positions[id(outer)]
            for outer, _ in self.around(node)
            if id(outer) in self._positions
        ]

    def is_certain(self, node: Struct) -> bool:
        """Whether *node* is evaluated whenever its statement is begun, and once."""
        for outer, inner in self.around(node):
            if isinstance(outer, _STATEMENTS):
                return not isinstance(outer, ir.While | ir.Assert | ir.Match)
            if isinstance(outer, ir.Lambda):
                return False
            if isinstance(outer, ir.BoolOp) and inner is not outer.values[0]:
                return False
            if isinstance(outer, ir.IfExp) and inner is not outer.test:
                return False
            if isinstance(outer, ir.Clause) and inner is not outer.iterable:
                return False
            if isinstance(outer, ir.Comp) and inner is not outer.clauses[0]:
                return False
        return False

    def precedes(self, one: ir.Expr, other: ir.Expr) -> bool:
        """Whether *one* was surely evaluated by the time that *other* is."""
        if one.end > other.start or not self.is_certain(one):
            return False
        path = self.path(one)
        if not path:
            return False
        owner, attribute, index = path[0]
        return any(
            found_owner == owner and found_attribute == attribute and found >= index
            for found_owner, found_attribute, found in self.path(other)
        )

    def follows(self, other: ir.Expr, one: ir.Expr) -> bool:
        """Whether *other* is surely evaluated after *one*, in the same block of statements."""
        if not self.precedes(one, other) or not self.is_certain(other):
            return False
        path, later = self.path(one), self.path(other)
        return later[0][:2] == path[0][:2] and not self._leaves(one, other)

    def opens(self, other: ir.Expr, block: tuple[ir.Stmt, ...]) -> bool:
        """Whether *other* is surely evaluated once *block* is begun."""
        if not block or not self.is_certain(other):
            return False
        path = self.path(other)
        if not path or path[0][:2] != self._positions[id(block[0])][:2]:
            return False
        return not any(leaves(statement) for statement in block[: path[0][2]])

    def comes_next(self, other: ir.Expr, statement: ir.Stmt) -> bool:
        """Whether *other* is surely evaluated once *statement* has come to its end."""
        if not self.is_certain(other):
            return False
        owner, attribute, index = self._positions[id(statement)]
        path = self.path(other)
        if not path or path[0][:2] != (owner, attribute) or path[0][2] <= index:
            return False
        between = self.block_of(statement)[index + 1 : path[0][2]]
        return not any(leaves(passed) for passed in between)

    def _leaves(self, one: ir.Expr, other: ir.Expr) -> bool:
        (_, _, first), (_, _, last) = self.path(one)[0], self.path(other)[0]
        return any(leaves(statement) for statement in self.block_of(one)[first:last])

    def block_of(self, node: Struct) -> tuple[ir.Stmt, ...]:
        """The block that the statement of *node* stands in."""
        statement = self.statement(node)
        parent = None if statement is None else self.parent(statement)
        if parent is None or statement is None:
            return self.body
        block: tuple[ir.Stmt, ...] = getattr(parent, self._positions[id(statement)][1])
        return block

    def between(self, start: int, end: int) -> Iterator[Struct]:
        """The nodes that begin from *start* to before *end*."""
        for node in nodes(self.body):
            begins = getattr(node, "start", None)
            if isinstance(begins, int) and start <= begins < end:
                yield node


def nodes(root: object) -> Iterator[Struct]:
    """Every node of *root*, itself included, nested functions left out."""
    return ir.walk(root, _CLOSED)


def leaves(statement: ir.Stmt) -> bool:
    """Whether the statement may end the block that it stands in, other than by an exception."""
    return any(node.__class__ in _LEAVING for node in nodes(statement))


def root_of(node: ir.Expr) -> ir.Expr:
    """What a chain of attributes, calls and indices begins with."""
    while isinstance(node, ir.Attr | ir.Call | ir.Item | ir.Slice | ir.Await):
        node = node.function if isinstance(node, ir.Call) else node.value
    return node


def names_in(root: object) -> set[str]:
    """Every name that *root* reads or binds."""
    return {node.id for node in nodes(root) if node.__class__ is ir.Name}


_LEAVING = frozenset({ir.Return, ir.Jump, ir.Raise})
_STATEMENTS = (
    ir.Import, ir.Assign, ir.AugAssign, ir.For, ir.While, ir.If, ir.With, ir.Try, ir.Return,
    ir.Evaluate, ir.Raise, ir.Delete, ir.Jump, ir.Assert, ir.Outer, ir.Match, ir.Def, ir.Class,
)  # fmt: skip
_STATEMENT_KINDS: frozenset[type] = frozenset(_STATEMENTS)
