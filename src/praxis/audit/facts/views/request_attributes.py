"""What a project's code stores on requests: ``request.shop = …`` in a middleware or decorator."""

import ast
import re

from msgspec import Struct

from praxis.audit.facts.sources import Role
from praxis.audit.file import File
from praxis.audit.summary import Fact

_STORES = re.compile(r"\brequest\.(\w+)\s*=[^=]")
#: The same, near enough: a pattern that begins with a letter is found several times as fast.
_STORE = re.compile(r"request\.\w+\s*=[^=]")


class RequestAttributes(Struct, frozen=True, array_like=True):
    """Each attribute with the qualified name of the function that stores it."""

    stored: tuple[tuple[str, str], ...]


def find_request_attributes(file: File) -> RequestAttributes | None:
    """Those that functions and methods at a file's top level store; None where none does."""
    if _STORE.search(file.text) is None:
        return None
    found: list[tuple[str, str]] = []
    for node in file.tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found += [(name, node.name) for name in _stored_in(file, node)]
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                    qualified = f"{node.name}.{inner.name}"
                    found += [(name, qualified) for name in _stored_in(file, inner)]
    return RequestAttributes(tuple(dict.fromkeys(found))) if found else None


def _stored_in(file: File, node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    return _STORES.findall(file.source(node))


REQUEST_ATTRIBUTES = Fact(
    "request_attributes",
    RequestAttributes,
    find_request_attributes,
    skips=(Role.TEST, Role.MIGRATION),
)
