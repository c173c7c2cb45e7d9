"""
What a fix takes from another module: as the file knows it, or with the import it lacks.

A new import goes where the file's own order has it, in the file's layout.
"""

import ast
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from praxis.audit.editing.edits import with_line_ends_of
from praxis.audit.file import File
from praxis.audit.findings import Edit

Import = ast.Import | ast.ImportFrom


@dataclass(frozen=True, slots=True)
class ImportedName:
    """What to write for the name, and what must be added to the file first."""

    name: str
    edits: tuple[Edit, ...] = ()


def import_name(file: File, module: str, name: str) -> ImportedName | None:
    """
    How *file* writes ``module.name``; an import is added where there is none.

    All fixes of a file that want the same name carry the same edit. None where the name means
    something else in the file, or no import can be added cleanly.
    """
    for imported in file.imports:
        if (
            imported.module == module
            and (imported.name == name or (not imported.name and imported.bound == module))
            and not (imported.local or imported.typing or imported.guarded or imported.level)
            and not _is_bound_elsewhere(file, imported.bound)
        ):
            bound = imported.bound
            return ImportedName(bound if imported.name else f"{bound}.{name}")
    leading = leading_imports(file)
    if not leading or _is_used(file, name):
        return None  # no place for it, or it means something else here
    for statement in leading:
        if (
            isinstance(statement, ast.ImportFrom)
            and not statement.level
            and statement.module == module
            and statement.names[0].name != "*"
        ):
            return _added(file, name, _into(file, statement, name))
    return _added(file, name, _line_for(file, leading, module, name))


def import_module(file: File, module: str) -> ImportedName | None:
    """
    The same for ``import module``, a module of the standard library used at the file's own level.

    It goes among the first block of such lines.
    """
    for imported in file.imports:
        if imported.bound == module and not imported.local:
            is_it = imported.module == module and not imported.guarded
            return ImportedName(module) if is_it else None
    leading = leading_imports(file)
    if not leading or re.search(rf"^(def|class) {module}\b|^{module}\s*=", file.text, re.MULTILINE):
        return None
    line = f"import {module}\n"
    plain: list[ast.Import] = []
    for statement in _ordinary(leading):  # the first block of "import x" lines
        if not isinstance(statement, ast.Import) or (
            plain and statement.lineno != (plain[-1].end_lineno or 0) + 1
        ):
            break
        plain.append(statement)
    if not plain or not _is_standard(plain[0]):
        return _added(file, module, _on_top(file, leading, line))
    for statement in plain:
        if statement.names[0].name > module or not _is_standard(statement):
            return _added(file, module, _before(file, statement, line))
    return _added(file, module, insert_after(file, plain[-1], line))


def leading_imports(file: File) -> list[Import]:
    """The imports at the head of the module, above its first function or class."""
    found: list[Import] = []
    for statement in file.tree.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            break
        if isinstance(statement, ast.Import | ast.ImportFrom):
            found.append(statement)
    return found


def insert_after(file: File, statement: ast.stmt, text: str) -> Edit | None:
    """On the line below; None where the statement shares its first or last line with another."""
    end = file.span(statement)[1]
    line_end = file.text.find("\n", end)
    rest = file.text[end:line_end].strip() if line_end >= 0 else file.text[end:].strip()
    start = file.lines.starts[statement.lineno - 1]
    if line_end < 0 or (rest and not rest.startswith("#")) or start != file.span(statement)[0]:
        return None
    return file.insert(line_end + 1, text)


def _added(file: File, name: str, edit: Edit | None) -> ImportedName | None:
    return None if edit is None else ImportedName(name, (with_line_ends_of(file.text, edit),))


def _is_used(file: File, name: str) -> bool:
    """Whether the name stands for anything in the file."""
    return any(imported.bound == name for imported in file.imports) or any(
        _names(node, name) for node in ast.walk(file.tree)
    )


def _is_bound_elsewhere(file: File, name: str) -> bool:
    """Whether something but one import binds the name: an assignment, a parameter, a function."""
    return sum(imported.bound == name for imported in file.imports) > 1 or any(
        _names(node, name) and not (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
        for node in ast.walk(file.tree)
    )


def _names(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Name(found) | ast.arg(arg=found):
            return found == name
        case (
            ast.FunctionDef(name=found)
            | ast.AsyncFunctionDef(name=found)
            | ast.ClassDef(name=found)
            | ast.ExceptHandler(name=found)
        ):
            return found == name
    return False


def _into(file: File, statement: ast.ImportFrom, name: str) -> Edit | None:
    """``from module import a`` becomes ``from module import a, name``, in alphabetical order."""
    names = statement.names
    after = [alias for alias in names if _sorted_key(alias.name) < _sorted_key(name)]
    first, last = names[0], names[-1]
    on_one_line = first.lineno == last.end_lineno == statement.lineno
    if not on_one_line and file.text[: file.span(first)[0]].rpartition("\n")[2].strip():
        return None  # neither on one line nor one name a line
    if on_one_line:
        if after:
            return file.insert(file.span(after[-1])[1], f", {name}")
        return file.insert(file.span(first)[0], f"{name}, ")
    if after:
        end = file.span(after[-1])[1]
        line = file.text.rfind("\n", 0, end) + 1
        indent = file.text[
            line : line + len(file.text[line:end]) - len(file.text[line:end].lstrip())
        ]
        return file.insert(end, f",\n{indent}{name}")
    start = file.span(first)[0]
    line = file.text.rfind("\n", 0, start) + 1
    return file.insert(start, f"{name},\n{file.text[line:start]}")


def _line_for(file: File, leading: Sequence[Import], module: str, name: str) -> Edit | None:
    """A line of its own, next to the imports it belongs with, in their order."""
    text = f"from {module} import {name}\n"
    package = module.partition(".")[0]
    ordinary = _ordinary(leading)
    is_standard = package in sys.stdlib_module_names
    related = [
        one
        for one in ordinary
        if (
            _is_standard(one)
            if is_standard
            else isinstance(one, ast.ImportFrom) and _package(one) == package
        )
    ]
    for one in related:
        if isinstance(one, ast.ImportFrom) and (one.module or "") > module:
            return _before(file, one, text)
    if related:
        return insert_after(file, related[-1], text)
    if is_standard:
        return _on_top(file, leading, text)
    local = next((one for one in ordinary if isinstance(one, ast.ImportFrom) and one.level), None)
    if local is None:
        return insert_after(file, leading[-1], text)
    alone = all(one.lineno >= local.lineno for one in ordinary)
    return _before(file, local, f"{text}\n" if alone else text)


def _on_top(file: File, leading: Sequence[Import], text: str) -> Edit | None:
    """Above all imports but those from ``__future__``, as the standard library goes."""
    ordinary = _ordinary(leading)
    if not ordinary:
        return insert_after(file, leading[-1], f"\n{text}")
    gap = "" if _is_standard(ordinary[0]) else "\n"
    return _before(file, ordinary[0], f"{text}{gap}")


def _before(file: File, statement: ast.stmt, text: str) -> Edit | None:
    start = file.lines.starts[statement.lineno - 1]
    return file.insert(start, text) if start == file.span(statement)[0] else None


def _ordinary(leading: Iterable[Import]) -> list[Import]:
    return [one for one in leading if _package(one) != "__future__"]


def _is_standard(statement: Import) -> bool:
    return _package(statement) in sys.stdlib_module_names


def _package(statement: Import) -> str:
    """The first part of the module's name; empty for a relative import."""
    if isinstance(statement, ast.Import):
        module = statement.names[0].name
    else:
        module = "" if statement.level else statement.module or ""
    return module.partition(".")[0]


def _sorted_key(name: str) -> tuple[int, str]:
    """As formatters order imported names: constants, classes, then the rest."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name.lower()
