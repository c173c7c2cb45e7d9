"""The logger of a module: the one it has, or the edits that give it one."""

import ast
import re
from dataclasses import dataclass
from functools import lru_cache

from praxis.audit.editing.edits import together, with_line_ends_of
from praxis.audit.editing.imports import import_module, insert_after, leading_imports
from praxis.audit.file import File
from praxis.audit.findings import Edit

_MAKERS = frozenset({"getLogger", "get_task_logger"})  # loggers that format with %
NAME = "logger"
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
    leading = leading_imports(file)
    made = insert_after(file, leading[-1], f"\n{STATEMENT}\n") if leading else None
    imported = import_module(file, "logging")
    if made is None or imported is None:
        return None
    return ModuleLogger(NAME, together((*imported.edits, with_line_ends_of(file.text, made))))
