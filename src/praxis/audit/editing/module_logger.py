"""The logger of a module: the one it has, or the edits that give it one."""

import ast
import re
import sys
from dataclasses import dataclass
from functools import lru_cache

from praxis.audit.file import File
from praxis.audit.findings import Edit

_MAKERS = frozenset({"getLogger", "get_task_logger"})  # loggers that format with %
NAME = "logger"
IMPORT = "import logging\n"
STATEMENT = f"{NAME} = logging.getLogger(__name__)"


@dataclass(frozen=True, slots=True)
class ModuleLogger:
    """
    What to call, and what must be added to the file first.

    All fixes of a file carry the same *edits*, so that each is whole by itself.
    """

    name: str
    edits: tuple[Edit, ...] = ()


@lru_cache(maxsize=1)  # every finding of a file asks
def find_logger(file: File) -> ModuleLogger | None:
    """The logger to use in functions of *file*; None where none can be added cleanly."""
    for statement in file.tree.body:
        match statement:
            case ast.Assign([ast.Name(name)], ast.Call(maker)) | ast.AnnAssign(
                ast.Name(name), _, ast.Call(maker)
            ):
                called = maker.attr if isinstance(maker, ast.Attribute) else None
                called = maker.id if isinstance(maker, ast.Name) else called
                if called in _MAKERS:
                    return ModuleLogger(name)
    if re.search(rf"\b{NAME}\b", file.text):
        return None  # it means something else here, or is made where this does not look
    imports = [
        statement
        for statement in file.tree.body
        if isinstance(statement, ast.Import | ast.ImportFrom)
    ]
    if not imports:
        return None
    first_use = _first_definition(file)
    leading = [statement for statement in imports if statement.lineno < first_use]
    if not leading or not all(_ends_its_line(file, statement) for statement in leading):
        return None
    line_end = "\r\n" if "\r\n" in file.text else "\n"
    after = _line_end(file, leading[-1])
    made = f"{line_end}{STATEMENT}{line_end}"
    logger = file.insert(after, made)
    imported = _import_edit(file, leading)
    if imported is None:
        return None
    where, text = imported[0], imported[1].replace("\n", line_end)
    if not text:
        return ModuleLogger(NAME, (logger,))
    if where == after:
        return ModuleLogger(NAME, (file.insert(after, f"{text}{made}"),))
    return ModuleLogger(NAME, (file.insert(where, text), logger))


def _import_edit(file: File, leading: list[ast.Import | ast.ImportFrom]) -> tuple[int, str] | None:
    """Where ``import logging`` goes; no text if it is there, None if the name is taken."""
    for imported in file.imports:
        if imported.bound == "logging" and not imported.local:
            return (0, "") if imported.module == "logging" and not imported.guarded else None
    if re.search(r"^(def|class) logging\b|^logging\s*=", file.text, re.MULTILINE):
        return None
    ordinary = [
        one
        for one in leading
        if not (isinstance(one, ast.ImportFrom) and one.module == "__future__")
    ]
    if not ordinary:
        return _line_end(file, leading[-1]), f"\n{IMPORT}"
    plain: list[ast.Import] = []
    for statement in ordinary:  # the first block of "import x" lines
        if not isinstance(statement, ast.Import) or (
            plain and statement.lineno != (plain[-1].end_lineno or 0) + 1
        ):
            break
        plain.append(statement)
    if not plain or not _is_standard(plain[0]):
        gap = "" if _is_standard(ordinary[0]) else "\n"
        return _line_start(file, ordinary[0]), f"{IMPORT}{gap}"
    for statement in plain:
        if statement.names[0].name > "logging" or not _is_standard(statement):
            return _line_start(file, statement), IMPORT
    return _line_end(file, plain[-1]), IMPORT


def _is_standard(statement: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(statement, ast.Import):
        module = statement.names[0].name
    else:
        module = "" if statement.level else statement.module or ""
    return module.partition(".")[0] in sys.stdlib_module_names


def _first_definition(file: File) -> int:
    """The line of the first function or class: imports below it are not the module's head."""
    for statement in file.tree.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return statement.lineno
    return len(file.line_starts) + 1


def _ends_its_line(file: File, statement: ast.stmt) -> bool:
    start, end = file.span(statement)
    rest = file.text[end : _line_end(file, statement)].strip()
    alone = not file.text[_line_start(file, statement) : start].strip()
    return alone and (not rest or rest.startswith("#")) and "\n" in file.text[end:]


def _line_start(file: File, statement: ast.stmt) -> int:
    return file.line_starts[statement.lineno - 1]


def _line_end(file: File, statement: ast.stmt) -> int:
    """The offset behind the line on which the statement ends."""
    line = statement.end_lineno or statement.lineno
    return file.line_starts[line] if line < len(file.line_starts) else len(file.text)
