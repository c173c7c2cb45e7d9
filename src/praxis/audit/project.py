"""The whole project as a rule sees it: what its files were summed up to, and what follows."""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

import msgspec

from praxis.audit.cache import Cache
from praxis.audit.facts.imports.modules import Modules
from praxis.audit.facts.models.classes import MODELS
from praxis.audit.facts.parsing import decode, parse
from praxis.audit.facts.sources import Role, Root, digest_of, read_bytes
from praxis.audit.file import File, Lines, place_between
from praxis.audit.findings import Edit, Finding, Place, Problem
from praxis.audit.kept_edits import KeptEdits
from praxis.audit.registry import Rule, failure_of
from praxis.audit.summary import Fact, Summary, Symbol
from praxis.errors import ProjectError

T = TypeVar("T", bound=msgspec.Struct)
D = TypeVar("D")


#: So many trees stay parsed: some megabytes each. Events come file by file.
_KEPT_FILES = 100
#: And so many functions and classes by themselves.
_KEPT_PARTS = 400


class Project:
    """
    The merged summaries.

    Nothing here keeps a tree: `file` parses again, for the few files that a rule wants to look
    into. Whatever is derived from the whole is derived once, through `derive`.
    """

    def __init__(
        self,
        root: Root,
        summaries: Mapping[str, Summary],
        overlay: Mapping[str, bytes] | None = None,
        configurations: Sequence[str] = (),
        kept_edits: KeptEdits | None = None,
    ) -> None:
        self.root, self.summaries = root, summaries
        self._kept_edits = kept_edits or KeptEdits(Cache(None))
        #: Paths of web server and container configurations; see `Listing.configurations`.
        self.configurations = configurations
        self._overlay = overlay or {}
        self._facts: dict[str, dict[str, Any]] = {}
        self._derived: dict[Callable[[Project], Any], Any] = {}
        self._texts: dict[str, str] = {}
        self._lines: dict[str, Lines] = {}
        self._files: dict[str, File | None] = {}
        self._parts: dict[tuple[str, int], File | None] = {}
        #: Rules that failed, and files that changed: said in the report, the rest goes on.
        self.failures: list[Problem] = []

    def facts(self, fact: Fact[T]) -> Mapping[str, T]:
        """One kind of fact by path, for the files that have it."""
        if fact.name not in self._facts:
            decoder = msgspec.msgpack.Decoder(fact.type)
            self._facts[fact.name] = {
                path: decoder.decode(summary.facts[fact.name])
                for path, summary in self.summaries.items()
                if fact.name in summary.facts
            }
        return self._facts[fact.name]

    def derive(self, how: "Callable[[Project], D]") -> D:
        """``how(project)``, worked out the first time it is asked for."""
        if how not in self._derived:
            self._derived[how] = how(self)
        derived: D = self._derived[how]
        return derived

    @cached_property
    def modules(self) -> Modules:
        """The Python files by their dotted names."""
        return Modules(path for path in self.summaries if path.endswith(".py"))

    def role(self, path: str) -> Role:
        """What the file at *path* is for."""
        summary = self.summaries.get(path)
        return summary.role if summary is not None else Role.SCRIPT

    def guarded(
        self, rule: Rule, check: Callable[[], Iterator[Finding]], path: str = "."
    ) -> list[Finding]:
        """What *check* finds; a bug in a rule is told, of *path*, and spoils nothing else."""
        found: list[Finding] = []
        try:
            found.extend(check())  # what was found before it failed stays
        except ProjectError:  # a file changed meanwhile: `text` has told
            pass
        except Exception as error:  # noqa: BLE001 - whatever a rule raises is a bug of that rule
            self.failures.append(failure_of(rule, path, error))
        return found

    def text(self, path: str) -> str:
        """
        The decoded text of a file that was summed up.

        Raises:
            ProjectError: if it is no longer what was read.
        """
        if path not in self._texts:
            data: bytes | Problem | None = self._overlay.get(path)
            if data is None:
                data = read_bytes(self.root.folder, path)
            decoded = data if isinstance(data, Problem) else decode(path, data)
            summary = self.summaries[path]
            if (
                isinstance(data, Problem)
                or isinstance(decoded, Problem)
                or digest_of(data) != summary.digest
            ):
                problem = Problem.at_file(path, "changed while it was checked: check again")
                if problem not in self.failures:
                    self.failures.append(problem)
                raise ProjectError(str(problem))
            self._texts[path] = decoded.text
        return self._texts[path]

    def file(self, path: str) -> File | None:
        """The file, parsed anew; None where it could not be read."""
        if path not in self._files:
            summary = self.summaries.get(path)
            parsed: File | None = None
            if summary is not None and summary.problem is None and path.endswith(".py"):
                tree = parse(path, self.text(path))
                if isinstance(tree, ast.Module):
                    parsed = File(path, summary.role, self.text(path), tree, self._lines_of(path))
            self._files[path] = parsed
            if len(self._files) > _KEPT_FILES:
                del self._files[next(iter(self._files))]
        return self._files[path]

    def around(self, path: str, start: int, end: int) -> File | None:
        """
        The function or class around the characters *start* to *end*, parsed by itself.

        That takes a fraction of the time of parsing all of the file, which is what comes back
        where nothing is around them. None where the file could not be read.
        """
        summary = self.summaries.get(path)
        if summary is None or summary.problem is not None:
            return None
        place = self.place(path, start, end)
        return self._part(path, summary.symbol_around(place.line, place.end_line))

    def definition(self, path: str, name: str) -> File | None:
        """The function or class of this qualified name, parsed by itself; None if it is none."""
        summary = self.summaries.get(path)
        symbols = summary.symbols if summary is not None else ()
        found = [symbol for symbol in symbols if symbol.name == name]
        return self._part(path, found[-1]) if found else None

    def _part(self, path: str, symbol: Symbol | None) -> File | None:
        if path in self._files or symbol is None or not path.endswith(".py"):
            return self.file(path)
        key = path, symbol.line
        if key not in self._parts:
            self._parts[key] = self._parsed_part(path, symbol)
            if len(self._parts) > _KEPT_PARTS:
                del self._parts[next(iter(self._parts))]
        return self._parts[key] or self.file(path)

    def _parsed_part(self, path: str, symbol: Symbol) -> File | None:
        text, lines = self.text(path), self._lines_of(path)
        starts = lines.starts
        end = starts[symbol.end_line] if symbol.end_line < len(starts) else len(text)
        source = text[starts[symbol.line - 1] : end]
        # as many lines before it as there are, so that it stands where it stands
        before = "\n" * (symbol.line - 1)
        if source[:1] in {" ", "\t"} and before:
            before = f"{before[1:]}if 1:\n"
        tree = parse(path, before + source)
        if not isinstance(tree, ast.Module):
            return None  # it shares its lines with something else
        models = self.facts(MODELS).get(path)
        names = models.names if models is not None else None
        return File(path, self.role(path), text, tree, lines, names)

    def edits(
        self, path: str, asked: str, make: "Callable[[], Sequence[Edit] | None]"
    ) -> list[Edit] | None:
        """Edits of the file at *path*, found out once for a content; see `KeptEdits.of`."""
        return self._kept_edits.of(path, self.summaries[path].digest, asked, make)

    def place(self, path: str, start: int, end: int) -> Place:
        """The place of the characters *start* to *end* of the file at *path*."""
        return place_between(path, self._lines_of(path).starts, start, end)

    def _lines_of(self, path: str) -> Lines:
        if path not in self._lines:
            self._lines[path] = Lines(self.text(path))
        return self._lines[path]
