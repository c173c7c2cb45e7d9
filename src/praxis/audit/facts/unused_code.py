"""
Functions that nothing calls: what they do happens to nobody.

By names alone: a function whose name stands nowhere in the project but in itself is called by
nothing, and so is what stands in a file called ``models_old`` that nothing names. What a
decorator registers, what a framework calls by its name, and what the documents of a library tell
its users to call is in use. Where one function in ten is named nowhere, others call them, and
nothing is known.
"""

import ast
import os
import re
from array import array
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from zlib import crc32

from msgspec import Struct

from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.facts.sources import Kind, Role
from praxis.audit.file import File
from praxis.audit.project import Project
from praxis.audit.summary import Fact
from praxis.audit.template import Template

_WORD = re.compile(r"[A-Za-z_]\w{2,}")
_SHORTEST = 3
_COMMENTED_OUT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
#: Decorators after which a function is called no more than before.
_PASS_ON = frozenset({
    "atomic", "cache", "cached_property", "classmethod", "lru_cache", "property", "staticmethod",
    "sync_to_async", "wraps",
})  # fmt: skip
#: What frameworks call by its name, whatever the project says.
_CALLED = re.compile(
    r"__\w+__|main|setup\w*|ready|register\w*|handler\d*|application|objects|includeme|configure"
    r"|(?:test|pytest|default|plugin|process|get|has|allow|db_for|visit|on|at|pre|post|clean|save)_\w+"
    r"|delete|natural_key|authenticate|check|full_clean|refresh_from_db|from_db|validate\w*"
    r"|(?:a|as)?(?:create|save|delete|update|run|handle|render|emit|filter|format|bulk_\w+)"
)
_HOOK_FILES = re.compile(
    r"(?:^|/)(?:[\w/]*(?:middleware|processor|fabfile|hook|plugin|config|router|backend)\w*"
    r"|__init__|conf|signals|receivers|handlers)(?:/[\w/]*)?\.py$"
)
#: The names of files that were put aside.
_PUT_ASIDE = re.compile(r"(?:^|_)(?:old|orig|original|bak|backup|copy|unused|obsolete|tmp)\d*$")
#: Bases whose methods Django calls by names that `_CALLED` has.
_PLAIN_BASES = frozenset({"Model", "Manager", "QuerySet", "object"})
#: Where more of the functions are named nowhere, it is others that call them.
_MAX_SHARE = 0.1
#: Where a library names what it is for, besides its code.
_DOCUMENTS = (".cfg", ".ini", ".json", ".md", ".rst", ".toml", ".txt", ".yaml", ".yml")
_MAX_DOCUMENTS = 2000
_MAX_BYTES = 200_000
_BYTES_A_CHARACTER = 4
_PASSED_OVER = frozenset({"node_modules", "static", "locale", "fixtures", "dist", "build"})


class Doubtful(Struct, frozen=True, array_like=True):
    """
    A function whose name stands nowhere else in its file, or all of a file that was put aside.

    *owner* is the class, if it is a method; *plain* says that this names no bases.
    """

    name: str
    line: int
    end_line: int
    owner: str = ""
    plain: bool = False


class Mentions(Struct, frozen=True, array_like=True):
    """What a file names: checksums of all its words, and what it may be alone to name."""

    words: bytes
    doubtful: tuple[Doubtful, ...] = ()
    functions: int = 0


def extract(file: File) -> Mentions:
    """The words of a file of Python, without those of lines that are commented out."""
    text = _COMMENTED_OUT.sub("", file.text) if "#" in file.text else file.text
    words = _words(text)
    found: list[Doubtful] = []
    functions = 0
    if file.role not in _IN_USE and not _HOOK_FILES.search(file.path):
        lines = text.split("\n")
        for one in _functions(file.tree):
            functions += 1
            count = text.count(one.name)
            if count > 1:
                count -= "\n".join(lines[one.line - 1 : one.end_line]).count(one.name) - 1
            if count == 1:
                found.append(one)
        stem = file.path.rpartition("/")[2].removesuffix(".py")
        if _PUT_ASIDE.search(stem) and stem.encode() not in words:
            found.append(Doubtful(stem, 1, text.count("\n") + 1))
    words.difference_update([one.name.encode() for one in found])
    return Mentions(_packed(words), tuple(found), functions)


#: Files of which each is run as it is.
_IN_USE = frozenset({Role.MIGRATION, Role.SETTINGS, Role.TEST})


def _words(text: str) -> set[bytes]:
    """All words of the text; bytes are cut several times as fast as a pattern finds them."""
    if not text.isascii():
        return {word.encode() for word in set(_WORD.findall(text))}
    words = {word.lstrip(_DIGITS) for word in set(text.encode().translate(_SPACED).split())}
    return {word for word in words if len(word) >= _SHORTEST}


_DIGITS = b"0123456789"
#: Whatever stands in no name becomes a space.
_SPACED = bytes(
    code if chr(code).isascii() and (chr(code).isalnum() or chr(code) == "_") else 32
    for code in range(256)
)


def _packed(words: Iterable[bytes]) -> bytes:
    return array("I", sorted(map(crc32, words))).tobytes()


def _functions(tree: ast.Module) -> Iterator[Doubtful]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            plain = not node.bases and not node.keywords and not node.decorator_list
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and _is_idle(inner):
                    yield Doubtful(
                        inner.name, inner.lineno, inner.end_lineno or 0, node.name, plain
                    )
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_idle(node):
            yield Doubtful(node.name, node.lineno, node.end_lineno or 0)


def _is_idle(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether it does nothing unless the project's own code names it."""
    if len(node.name) < 3 or _CALLED.fullmatch(node.name):
        return False
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = called.attr if isinstance(called, ast.Attribute) else ""
        name = called.id if isinstance(called, ast.Name) else name
        if name not in _PASS_ON:
            return False
    return True


def extract_template(template: Template) -> Mentions:
    """All words of a template."""
    return Mentions(_packed(_words(template.text)))


MENTIONS = Fact("mentions", Mentions, extract)
TEMPLATE_MENTIONS = Fact("template_mentions", Mentions, extract_template, kind=Kind.TEMPLATE)


class UnusedCode:
    """The functions and files that nothing of the project names."""

    def __init__(self, project: Project) -> None:
        self._project = project
        facts = project.facts(MENTIONS)
        waiting: dict[int, set[str]] = {}
        names = {one.name for fact in facts.values() for one in fact.doubtful}
        for name in names:
            for part in _named_by(name):
                waiting.setdefault(crc32(part.encode()), set()).add(name)
        hashes = frozenset(waiting)
        for fact in (*facts.values(), *project.facts(TEMPLATE_MENTIONS).values()):
            for word in hashes.intersection(memoryview(fact.words).cast("I")):
                names -= waiting[word]
        self._by_path = {
            path: tuple(unused)
            for path, fact in facts.items()
            if (unused := [one for one in fact.doubtful if one.name in names])
        }
        functions = sum(fact.functions for fact in facts.values())
        if sum(map(len, self._by_path.values())) > functions * _MAX_SHARE:
            self._by_path = {}

    def has(self, path: str, start: int) -> bool:
        """Whether the character *start* of the file stands in what nothing uses."""
        if path not in self._by_path:
            return False
        line = self._project.place(path, start, start).line
        return any(
            one.line <= line <= one.end_line
            and (not one.owner or self._is_own(path, one))
            and one.name not in self._documented  # the last: it reads all documents
            for one in self._by_path[path]
        )

    def _is_own(self, path: str, method: Doubtful) -> bool:
        """Whether no framework knows the method: nothing that its class extends is of another."""
        names = self._project.derive(ModelIndex).names
        key = path, method.owner
        if method.owner in self._extended or method.owner.endswith("Mixin"):
            return False
        return method.plain or (key in names.classes and names.outside(key) <= _PLAIN_BASES)

    @cached_property
    def _extended(self) -> frozenset[str]:
        """Names of classes that others extend: those may be given what calls their methods."""
        classes = self._project.derive(ModelIndex).names.classes.values()
        return frozenset(base.rpartition(".")[2] for found in classes for base in found.bases)

    @cached_property
    def _documented(self) -> frozenset[str]:
        """The names that stand in what is no code: documents, configurations."""
        names = {one.name for unused in self._by_path.values() for one in unused}
        found: set[str] = set()
        count = 0
        for folder, folders, files in os.walk(self._project.root.folder):
            folders[:] = [
                name for name in folders if name not in _PASSED_OVER and not name.startswith(".")
            ]
            for name in files:
                if name.endswith(_DOCUMENTS) and count < _MAX_DOCUMENTS:
                    count += 1
                    found |= _named_in(f"{folder}/{name}", names - found)
        return frozenset(found)


def _named_by(name: str) -> Iterator[str]:
    """The words that may mean it: itself, and what ``getattr(self, f"show_{kind}")`` names."""
    yield name
    for position, character in enumerate(name):
        if character == "_":
            yield name[: position + 1]
            yield name[position:]


def _named_in(path: str, names: set[str]) -> set[str]:
    """Which of the names stand in the document: few, so that most need no exact look."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(_MAX_BYTES * _BYTES_A_CHARACTER)
    except OSError:
        return set()
    words = {word.lstrip(_DIGITS) for word in set(data.translate(_SPACED).split())}
    if words.isdisjoint([name.encode() for name in names]):
        return set()
    return names.intersection(_WORD.findall(_beginning(path)))


def _beginning(path: str) -> str:
    try:
        with Path(path).open(encoding="utf-8", errors="replace") as file:
            return file.read(_MAX_BYTES)
    except OSError:
        return ""
