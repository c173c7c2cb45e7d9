"""One Python file as a rule sees it: its text, its tree, and the edits that it allows."""

import ast
import io
import tokenize
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import accumulate, count
from operator import add

from praxis.audit.facts.imports.statements import Import, list_imports
from praxis.audit.facts.sources import Role
from praxis.audit.findings import Edit, Place

#: The chain of a node's ancestors, innermost first: ``(parent, (grandparent, (…, None)))``.
Ancestors = tuple[ast.AST, "Ancestors"] | None


class Lines:
    """Where the lines of a text begin, by Python's line ends; see `line_starts`."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def starts(self) -> list[int]:
        """The offset at which each line begins; line 1 first."""
        return line_starts(self._text)

    @cached_property
    def wide(self) -> frozenset[int]:
        """The lines, from 1, in which a character may take several bytes."""
        if self._text.isascii():
            return frozenset()
        ends = [*self.starts[1:], len(self._text)]
        return frozenset(
            line
            for line, (start, end) in enumerate(zip(self.starts, ends, strict=True), 1)
            if not self._text[start:end].isascii()
        )


class File:
    """
    A parsed file.

    While a check runs, `ancestors` are those of the node it was called with. Offsets count
    characters of *text*, as `Place` and `Edit` do.

    Of a part of a file (`Project.around`) the tree holds that alone; its positions and *text* are
    those of the whole, *lines* as well, and *names* are what the whole imports.
    """

    def __init__(
        self,
        path: str,
        role: Role,
        text: str,
        tree: ast.Module,
        lines: Lines | None = None,
        names: Mapping[str, str] | None = None,
    ) -> None:
        self.path, self.role, self.text, self.tree = path, role, text, tree
        self.lines = lines or Lines(text)
        self._names = names or {}
        self.chain: Ancestors = None

    # Where things stand.

    def offset(self, line: int, column_bytes: int) -> int:
        """The offset of a position as `ast` gives it: columns count UTF-8 bytes from 0."""
        starts = self.lines.starts
        start = starts[line - 1]
        if line not in self.lines.wide:
            return start + column_bytes
        end = starts[line] if line < len(starts) else len(self.text)
        text = self.text[start:end]
        return start + len(text.encode("utf-8", "surrogatepass")[:column_bytes].decode("utf-8"))

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Start and end offset of an expression or statement."""
        located: ast.expr = node  # type: ignore[assignment]  # what has no position is never asked
        end_line, end_column = located.end_lineno, located.end_col_offset
        if end_line is None or end_column is None:  # never so for a tree that was parsed
            raise ValueError(f"{self.path}: a node without an end")
        wide = self.lines.wide
        if located.lineno not in wide and end_line not in wide:  # asked for most often of all
            starts = self.lines.starts
            return starts[located.lineno - 1] + located.col_offset, starts[
                end_line - 1
            ] + end_column
        return (
            self.offset(located.lineno, located.col_offset),
            self.offset(end_line, end_column),
        )

    def place(self, node: ast.AST) -> Place:
        """Where *node* stands."""
        return self.place_at(*self.span(node))

    def place_at(self, start: int, end: int) -> Place:
        """The place between two offsets."""
        return place_between(self.path, self.lines.starts, start, end)

    def source(self, node: ast.AST) -> str:
        """The text of *node*, as it was written."""
        start, end = self.span(node)
        return self.text[start:end]

    # What surrounds the node that is being visited.

    def ancestors(self) -> Iterator[ast.AST]:
        """The nodes around the visited one, innermost first."""
        chain = self.chain
        while chain is not None:
            node, chain = chain
            yield node

    @property
    def parent(self) -> ast.AST | None:
        """The node just around the visited one."""
        return self.chain[0] if self.chain is not None else None

    def function(self) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """The innermost function around the visited node."""
        for node in self.ancestors():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                return node
        return None

    # What names mean.

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """Every import statement's names, wherever in the file."""
        return list_imports(self.tree)

    @cached_property
    def _imported(self) -> dict[str, str | None]:
        names: dict[str, str | None] = {**self._names}
        for imported in self.imports:
            if imported.bound and imported.bound != "*":
                target = imported.target
                known = names.setdefault(imported.bound, target)
                if known != target:
                    names[imported.bound] = None  # two meanings: not known which holds here
        return names

    def qualified(self, node: ast.AST) -> str | None:
        """
        The dotted name that an expression stands for by the file's imports.

        ``r.get`` is ``"requests.get"`` after ``import requests as r``; None for anything that
        does not begin with an imported name. Relative imports keep their leading dots.
        """
        attributes: list[str] = []
        while isinstance(node, ast.Attribute):
            attributes.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        target = self._imported.get(node.id)
        return None if target is None else ".".join([target, *reversed(attributes)])

    def imports_from(self, package: str) -> bool:
        """Whether the file imports *package* or anything of it."""
        return package in self._packages

    @cached_property
    def _packages(self) -> frozenset[str]:
        found: set[str] = set()
        for module in {imported.module for imported in self.imports}:
            while module and module not in found:
                found.add(module)
                module = module.rpartition(".")[0]
        return frozenset(found)

    # Edits.

    def replace(self, node: ast.AST, text: str) -> Edit | None:
        """Put *text* in the place of *node*; None where that would delete a comment."""
        start, end = self.span(node)
        if has_comment(self.text[start:end]):
            return None
        return Edit(self.path, start, end, text)

    def insert(self, offset: int, text: str) -> Edit:
        """Put *text* at *offset*."""
        return Edit(self.path, offset, offset, text)


def has_comment(source: str) -> bool:
    """Whether the piece of code holds a comment (a ``#`` inside a string is none)."""
    if "#" not in source:
        return False
    try:
        tokens = tokenize.generate_tokens(io.StringIO(f"({source}\n)").readline)
        return any(token.type == tokenize.COMMENT for token in tokens)
    except (tokenize.TokenError, SyntaxError):
        return True  # not known: treat it as one that must be kept


def line_starts(text: str) -> list[int]:
    r"""
    The offset of each line, by Python's line ends (``\n``, ``\r\n``, ``\r``) alone.

    `str.splitlines` also breaks at form feeds and other separators, which `ast` does not.
    """
    if "\r" not in text:
        lengths = map(len, text.split("\n"))
        return [0, *map(add, accumulate(lengths), count(1))][:-1]
    starts = [0]
    for index, character in enumerate(text):
        if character == "\n" or (character == "\r" and text[index + 1 : index + 2] != "\n"):
            starts.append(index + 1)
    return starts


def place_between(path: str, starts: list[int], start: int, end: int) -> Place:
    """The place of the characters *start* to *end*, given the offsets of the lines."""
    line, end_line = bisect_right(starts, start), bisect_right(starts, end)
    return Place(
        path=path,
        start=start,
        end=end,
        line=line,
        column=start - starts[line - 1] + 1,
        end_line=end_line,
        end_column=end - starts[end_line - 1] + 1,
    )
