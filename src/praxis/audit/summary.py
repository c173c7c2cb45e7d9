"""What is kept of a file once its tree is dropped: compact, and the same from cache or fresh."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from praxis.audit.facts.sources import Kind, Role
from praxis.audit.findings import Finding, Problem
from praxis.audit.suppression import Suppression

T = TypeVar("T", bound=Struct)


@dataclass(frozen=True, slots=True, eq=False)
class Fact(Generic[T]):
    """
    A kind of knowledge that is extracted a file at a time.

    *extract* gets the `File` (or the `Template`, where *kind* says so) and returns None where
    the file has nothing of the sort.
    """

    name: str
    type: type[T]
    extract: Callable[..., T | None]
    kind: Kind = Kind.PYTHON
    skips: tuple[Role, ...] = ()


class Symbol(Struct, frozen=True, array_like=True):
    """A class or function and the lines that it spans, its decorators among them."""

    name: str
    line: int
    end_line: int


class Summary(Struct, array_like=True):
    """
    A file, summed up.

    *facts* holds each kind by its name, encoded; `praxis.audit.project.Project.facts` decodes.
    """

    path: str
    kind: Kind
    role: Role
    digest: str
    line_count: int
    problem: Problem | None = None
    failures: tuple[Problem, ...] = ()
    symbols: tuple[Symbol, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    findings: tuple[Finding, ...] = ()
    facts: dict[str, msgspec.Raw] = {}

    def symbol_at(self, line: int) -> str:
        """The qualified name of the innermost class or function around *line*."""
        symbol = self.symbol_around(line, line)
        return symbol.name if symbol is not None else ""

    def symbol_around(self, line: int, end_line: int) -> Symbol | None:
        """The innermost class or function around these lines."""
        for symbol in reversed(self.symbols):  # in source order: the last that fits
            if symbol.line <= line and end_line <= symbol.end_line:
                return symbol
        return None
