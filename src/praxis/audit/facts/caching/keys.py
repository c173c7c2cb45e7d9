"""
What a cache key looks like, as far as the code tells: text with holes.

``f"rate:{code}"`` is ``("rate:", None)``. Names are followed to what they are assigned in the
function, the class or the module, and functions of the same file to what they return.
"""

import ast
import re
from collections.abc import Iterator

from praxis.audit.facts.caching.objects import Function, bindings
from praxis.audit.facts.parameters import parameters_of
from praxis.audit.file import File

#: Text, and None for a piece that is not known.
Shape = tuple[str | None, ...]
ANY: Shape = (None,)

_MAX_DEPTH = 5
_PERCENT = re.compile(r"%(?:\(\w+\))?[-#0 +]*\d*(?:\.\d+)?[sdrifxX]")
_BRACES = re.compile(r"\{[^{}]*\}")


class Keys:
    """Works out shapes for one place: *function* and *owner* are those around it."""

    def __init__(
        self, file: File, function: Function | None, owner: ast.ClassDef | None = None
    ) -> None:
        self._file, self._function, self._owner = file, function, owner

    def shapes(self, node: ast.expr) -> tuple[Shape, ...]:
        """The shapes of what *node* may be; several where a loop runs over known keys."""
        if isinstance(node, ast.Name) and self._function is not None:
            looped = _looped_over(self._function, node.id)
            if looped is not None:
                return tuple(self.shape(item) for item in looped)
        return (self.shape(node),)

    def shape(self, node: ast.expr, depth: int = 0) -> Shape:
        """The shape of one key."""
        return _merged(self.pieces(node, depth))

    def pieces(self, node: ast.expr, depth: int) -> Iterator[str | None]:
        """The text of the key bit by bit, None for what is not known."""
        if depth > _MAX_DEPTH:
            yield None
            return
        match node:
            case ast.Constant(value=str() | int() as value):
                yield str(value)
            case ast.JoinedStr(values=values):
                for value in values:
                    yield from self.pieces(value, depth + 1)
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                yield from self.pieces(value, depth + 1)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                yield from self.pieces(left, depth + 1)
                yield from self.pieces(right, depth + 1)
            case ast.BinOp(left=left, op=ast.Mod()):
                yield from self._template(left, _PERCENT, depth)
            case ast.Call(func=ast.Attribute(value=template, attr="format")):
                yield from self._template(template, _BRACES, depth)
            case ast.Name() | ast.Attribute() | ast.Call():
                yield from self._followed(node, depth)
            case _:
                yield None

    def _template(self, node: ast.expr, holes: re.Pattern[str], depth: int) -> Iterator[str | None]:
        for piece in self.shape(node, depth + 1):
            if piece is None:
                yield None
                continue
            position = 0
            for hole in holes.finditer(piece):
                yield piece[position : hole.start()]
                yield None
                position = hole.end()
            yield piece[position:]

    def _followed(self, node: ast.expr, depth: int) -> Iterator[str | None]:
        match node:
            case ast.Name(name):
                value = self._named(name)
                yield from (None,) if value is None else self.pieces(value, depth + 1)
            case (
                ast.Attribute(value=ast.Name("self" | "cls"), attr=name)
                | ast.Call(func=ast.Attribute(value=ast.Name("self" | "cls"), attr=name))
            ):
                yield from self._defined(self._owner.body if self._owner else [], name, depth)
            case ast.Call(func=ast.Name(name)):
                yield from self._defined(self._file.tree.body, name, depth)
            case _:
                yield None

    def _defined(self, body: list[ast.stmt], name: str, depth: int) -> Iterator[str | None]:
        """What the function or the constant *name* of *body* gives."""
        for statement in body:
            if isinstance(statement, Function) and statement.name == name:
                returned = [node for node in ast.walk(statement) if isinstance(node, ast.Return)]
                if len(returned) == 1 and returned[0].value is not None:
                    inner = Keys(self._file, statement, self._owner)
                    yield from inner.pieces(returned[0].value, depth + 1)
                    return
            if isinstance(statement, ast.Assign) and any(
                isinstance(target, ast.Name) and target.id == name for target in statement.targets
            ):
                yield from Keys(self._file, None, self._owner).pieces(statement.value, depth + 1)
                return
        yield None

    def _named(self, name: str) -> ast.expr | None:
        if self._function is not None:
            if any(parameter.arg == name for parameter in parameters_of(self._function.args)):
                return None
            found = list(bindings(self._function, name))
            if found:
                return found[0] if len(found) == 1 else None
        held = [
            statement.value
            for statement in self._file.tree.body
            if isinstance(statement, ast.Assign)
            and any(isinstance(one, ast.Name) and one.id == name for one in statement.targets)
        ]
        return held[0] if len(held) == 1 else None


def may_meet(one: Shape, other: Shape) -> bool:
    """Whether both can be the same key: what is known at either end must agree."""
    if None not in one and None not in other:
        return one == other
    head, tail = _ends(one)
    other_head, other_tail = _ends(other)
    return (head.startswith(other_head) or other_head.startswith(head)) and (
        tail.endswith(other_tail) or other_tail.endswith(tail)
    )


def is_constant(shape: Shape) -> bool:
    """Whether it is always the same key."""
    return None not in shape


def _ends(shape: Shape) -> tuple[str, str]:
    return shape[0] or "" if shape else "", shape[-1] or "" if shape else ""


def _merged(pieces: Iterator[str | None]) -> Shape:
    merged: list[str | None] = []
    for piece in pieces:
        if piece == "":
            continue
        last = merged[-1] if merged else ""
        if piece is None and last is None:
            continue
        if isinstance(piece, str) and merged and isinstance(last, str):
            merged[-1] = last + piece
        else:
            merged.append(piece)
    return tuple(merged)


def _looped_over(function: Function, name: str) -> list[ast.expr] | None:
    """The items of the literal that a loop's *name* runs over."""
    for node in ast.walk(function):
        match node:
            case ast.For(
                target=ast.Name(target), iter=ast.Tuple(elts=items) | ast.List(elts=items)
            ):
                if target == name:
                    return items
    return None
