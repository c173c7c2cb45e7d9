"""One imported name more for a file: the one it has, or the edit that adds it in its layout."""

import ast
from dataclasses import dataclass

from praxis.audit.file import File
from praxis.audit.findings import Edit


@dataclass(frozen=True, slots=True)
class ImportedName:
    """What to write for the name, and what must be added to the file first."""

    name: str
    edits: tuple[Edit, ...] = ()


def import_name(file: File, module: str, name: str) -> ImportedName | None:
    """
    The name by which *file* knows ``module.name``; an import is added where there is none.

    All fixes of a file that want the same name carry the same edit. None where the name means
    something else in the file, or no import can be added cleanly.
    """
    for imported in file.imports:
        if (
            imported.module == module
            and imported.name == name
            and not (imported.local or imported.typing or imported.guarded or imported.level)
            and not _is_bound_elsewhere(file, imported.bound)
        ):
            return ImportedName(imported.bound)
    if _is_used(file, name):
        return None  # it means something else here
    leading = _leading(file)
    if not leading:
        return None
    for statement in leading:
        if (
            isinstance(statement, ast.ImportFrom)
            and not statement.level
            and statement.module == module
            and statement.names[0].name != "*"
        ):
            edit = _into(file, statement, name)
            return None if edit is None else ImportedName(name, (edit,))
    edit = _line_for(file, leading, module, name)
    return None if edit is None else ImportedName(name, (edit,))


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


def _leading(file: File) -> list[ast.Import | ast.ImportFrom]:
    """The imports at the head of the module, above its first function or class."""
    found: list[ast.Import | ast.ImportFrom] = []
    for statement in file.tree.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            break
        if isinstance(statement, ast.Import | ast.ImportFrom):
            found.append(statement)
    return found


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


def _line_for(
    file: File, leading: list[ast.Import | ast.ImportFrom], module: str, name: str
) -> Edit | None:
    """A line of its own, next to the imports of the same package, in their order."""
    text = f"from {module} import {name}\n"
    package = module.partition(".")[0]
    related = [
        statement
        for statement in leading
        if isinstance(statement, ast.ImportFrom)
        and not statement.level
        and (statement.module or "").partition(".")[0] == package
    ]
    below = next((one for one in related if (one.module or "") > module), None)
    if below is not None:
        return _before(file, below, text)
    if related:
        return _after(file, related[-1], text)
    plain = [
        one
        for one in leading
        if not (isinstance(one, ast.ImportFrom) and one.module == "__future__")
    ]
    local = next((one for one in plain if isinstance(one, ast.ImportFrom) and one.level), None)
    if local is not None:
        alone = all(one.lineno >= local.lineno for one in plain)
        return _before(file, local, f"{text}\n" if alone else text)
    return _after(file, leading[-1], text)


def _before(file: File, statement: ast.stmt, text: str) -> Edit | None:
    start = file.line_starts[statement.lineno - 1]
    return file.insert(start, text) if start == file.span(statement)[0] else None


def _after(file: File, statement: ast.stmt, text: str) -> Edit | None:
    """On the line below; None where the statement shares its last line with another one."""
    end = file.span(statement)[1]
    line_end = file.text.find("\n", end)
    rest = file.text[end:line_end].strip() if line_end >= 0 else file.text[end:].strip()
    start = file.line_starts[statement.lineno - 1]
    if line_end < 0 or (rest and not rest.startswith("#")) or start != file.span(statement)[0]:
        return None
    return file.insert(line_end + 1, text)


def _sorted_key(name: str) -> tuple[int, str]:
    """As formatters order imported names: constants, classes, then the rest."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name.lower()
