"""
Which tags stand inside which, also where the nesting is broken.

What is opened and never closed ends where the tag around it ends; an end without a beginning
is passed over.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from praxis.audit.flow.code import ir

#: Tags, with their branches, are read within each other as deep as this: what is deeper counts
#: as if it stood in the last of these.
MAX_DEPTH = 60


@dataclass(slots=True)
class Branch:
    """A part of a tag's body: what begins at *start* and holds under *test*, where it has one."""

    start: int
    name: str
    test: ir.Expr | None = None
    body: list[ir.Stmt] = field(default_factory=list)

    @property
    def statements(self) -> tuple[ir.Stmt, ...]:
        return tuple(self.body)


#: Makes statements of a tag's branches, given where it ends.
Build = Callable[[list[Branch], int], tuple[ir.Stmt, ...]]


@dataclass(slots=True)
class _Open:
    """A tag whose end has not come yet."""

    name: str
    build: Build
    parts: frozenset[str]
    branches: list[Branch]


class Nest:
    """The statements of a template, as they come."""

    def __init__(self) -> None:
        self._body: list[ir.Stmt] = []
        self._open: list[_Open] = []
        self._current = self._body
        self._depth = 0
        #: Tags that stand too deep, whose ends are still to come.
        self._passed_over: list[str] = []

    def add(self, statement: ir.Stmt) -> None:
        """Put *statement* into the innermost open tag."""
        self._current.append(statement)

    def open(
        self,
        name: str,
        start: int,
        build: Build,
        *,
        test: ir.Expr | None = None,
        parts: frozenset[str] = frozenset(),
    ) -> None:
        """Open a tag; *parts* are the names of the tags that begin other branches of it."""
        if self._depth >= MAX_DEPTH:
            self._passed_over.append(name)
            return
        first = Branch(start, name, test)
        self._open.append(_Open(name, build, parts, [first]))
        self._current = first.body
        self._depth += 1

    def branch(self, name: str, start: int, test: Callable[[], ir.Expr] | None = None) -> None:
        """Begin another branch of the innermost tag that knows the part *name*, if any does."""
        if self._depth >= MAX_DEPTH:
            return
        depth = self._find(lambda opened: name in opened.parts)
        if depth is None:
            return
        self._close_above(depth, start)
        branch = Branch(start, name, None if test is None else test())
        self._open[depth].branches.append(branch)
        self._current = branch.body
        self._depth += 1

    def close(self, name: str, start: int, end: int) -> bool:
        """Close the innermost *name*, whose end tag stands from *start* to *end*, if it is open."""
        if self._passed_over and self._passed_over[-1] == name:
            self._passed_over.pop()
            return True
        depth = self._find(lambda opened: opened.name == name)
        if depth is None:
            return False
        self._close_above(depth, start)
        self._close_last(end)
        return True

    def finish(self, end: int) -> tuple[ir.Stmt, ...]:
        """All statements; what is still open ends at *end*."""
        self._close_above(-1, end)
        return tuple(self._body)

    def _find(self, fits: Callable[[_Open], bool]) -> int | None:
        for depth in range(len(self._open) - 1, -1, -1):
            if fits(self._open[depth]):
                return depth
        return None

    def _close_above(self, depth: int, end: int) -> None:
        while len(self._open) > depth + 1:
            self._close_last(end)

    def _close_last(self, end: int) -> None:
        closed = self._open.pop()
        self._depth -= len(closed.branches)
        self._current = self._open[-1].branches[-1].body if self._open else self._body
        self._current += closed.build(closed.branches, end)
        self._passed_over.clear()


def merged(branches: Iterable[Branch]) -> tuple[ir.Stmt, ...]:
    """The bodies of all branches, one after the other."""
    return tuple([statement for branch in branches for statement in branch.body])


def alternatives(branches: list[Branch], end: int) -> tuple[ir.Stmt, ...]:
    """``if`` and its ``elif`` and ``else``, as a chain."""
    rest: tuple[ir.Stmt, ...] = ()
    for branch in reversed(branches[1:]):
        if branch.test is None:
            rest = (*branch.body, *rest)
        else:
            rest = (ir.If(branch.start, end, branch.test, branch.statements, rest),)
    first = branches[0]
    test = first.test or ir.Other(first.start, first.start)
    return (ir.If(first.start, end, test, first.statements, rest),)


def find_pairs(names: list[str]) -> frozenset[int]:
    """The places, in a template's tag names, of those whose own end follows."""
    waiting: dict[str, list[int]] = {}
    paired: list[int] = []
    for index, name in enumerate(names):
        ended = ended_by(name)
        if ended is None:
            waiting.setdefault(name, []).append(index)
        elif waiting.get(ended):
            paired.append(waiting[ended].pop())
    return frozenset(paired)


@lru_cache(maxsize=1024)
def ended_by(name: str) -> str | None:
    """The name of the tag that an end tag of this name ends; None for a tag that is no end."""
    return name[3:].lstrip("_-") if name.startswith("end") and len(name) > 3 else None
