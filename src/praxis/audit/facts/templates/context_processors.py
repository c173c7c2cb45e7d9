"""The context processors that a file names: functions that give every template some names."""

import ast

from msgspec import Struct

from praxis.audit.file import File
from praxis.audit.summary import Fact

_KEY = "context_processors"


class ContextProcessors(Struct, frozen=True, array_like=True):
    """The dotted names of the functions, in their order."""

    names: tuple[str, ...]


def find_context_processors(file: File) -> ContextProcessors | None:
    """Those of the ``TEMPLATES`` that the file sets; None for the many files that set none."""
    if f'"{_KEY}"' not in file.text and f"'{_KEY}'" not in file.text:
        return None
    names: list[str] = []
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == _KEY:
                    names += _strings(value)
    return ContextProcessors(tuple(dict.fromkeys(names))) if names else None


def _strings(node: ast.expr) -> list[str]:
    return [
        item.value
        for item in getattr(node, "elts", [])
        if isinstance(item, ast.Constant) and isinstance(item.value, str) and "." in item.value
    ]


CONTEXT_PROCESSORS = Fact("context_processors", ContextProcessors, find_context_processors)
