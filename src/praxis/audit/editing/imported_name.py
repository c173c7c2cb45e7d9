"""A name of another module as a fix may use it: as it is imported, or with the edit for that."""

import ast
import sys
from dataclasses import dataclass

from praxis.audit.file import File
from praxis.audit.findings import Edit


@dataclass(frozen=True, slots=True)
class ImportedName:
    """What to write for it, and what must be added to the file first."""

    name: str
    edits: tuple[Edit, ...] = ()


def import_name(file: File, module: str, name: str) -> ImportedName | None:
    """
    ``module.name`` for use in any function of *file*; None where it cannot be added cleanly.

    A new import gets a line of its own behind one of the file's head that comes from the same
    package. One of the standard library goes behind others of it, or above all.
    """
    for imported in file.imports:
        if imported.local or imported.typing or imported.guarded or imported.level:
            continue
        if imported.module == module and imported.name == name:
            return ImportedName(imported.bound)
        if imported.module == module and not imported.name and imported.bound == module:
            return ImportedName(f"{module}.{name}")
    if _is_taken(file, name):
        return None
    head = _head(file)
    after = _neighbour(head, module)
    newline = "\r\n" if "\r\n" in file.text else "\n"
    if after is None:
        ordinary = [one for one in head if _module(one) != "__future__"]
        if not ordinary or module not in sys.stdlib_module_names:
            return None
        start = file.span(ordinary[0])[0]
        line = f"from {module} import {name}{newline}"
        return ImportedName(name, (file.insert(start, f"{line}{newline}"),))
    end = file.span(after)[1]
    line_end = file.text.find("\n", end)
    rest = file.text[end:line_end] if line_end >= 0 else "?"
    if rest.strip() and not rest.strip().startswith("#"):
        return None  # another statement stands on the line
    edit = file.insert(line_end + 1, f"from {module} import {name}{newline}")
    return ImportedName(name, (edit,))


def _is_taken(file: File, name: str) -> bool:
    """Whether the name means something else somewhere in the file."""
    if any(imported.bound == name for imported in file.imports):
        return True
    for node in ast.walk(file.tree):
        match node:
            case ast.Name(id=known) | ast.arg(arg=known):
                pass
            case ast.FunctionDef(name=known) | ast.ClassDef(name=known):
                pass
            case ast.AsyncFunctionDef(name=known):
                pass
            case _:
                continue
        if known == name:
            return True
    return False


def _head(file: File) -> list[ast.Import | ast.ImportFrom]:
    """The imports that the file begins with."""
    head: list[ast.Import | ast.ImportFrom] = []
    for statement in file.tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            head.append(statement)
        elif not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
            break
    return head


def _neighbour(head: list[ast.Import | ast.ImportFrom], module: str) -> ast.stmt | None:
    """The import that the new one goes behind."""
    package = module.partition(".")[0]
    if package in sys.stdlib_module_names:
        near = [one for one in head if _package(one) in sys.stdlib_module_names]
    else:
        near = [one for one in head if _package(one) == package]
    near = [one for one in near if _package(one) != "__future__"]
    earlier = [one for one in near if _module(one) <= module]
    return (earlier or near)[-1] if near else None


def _package(statement: ast.Import | ast.ImportFrom) -> str:
    return _module(statement).partition(".")[0]


def _module(statement: ast.Import | ast.ImportFrom) -> str:
    if isinstance(statement, ast.Import):
        return statement.names[0].name
    return "." * statement.level + (statement.module or "")
