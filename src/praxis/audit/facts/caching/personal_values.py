"""Values that a function makes for one visitor and stores under a key that all visitors share."""

import ast
import re
from collections.abc import Iterator

from msgspec import Struct

from praxis.audit.facts.caching.derivation import Derivation
from praxis.audit.facts.caching.objects import (
    Function,
    holds_line,
    is_cache,
    lines_of,
    may_hold_cache,
)
from praxis.audit.facts.nodes import functions, walked
from praxis.audit.file import File
from praxis.audit.summary import Fact

_STORES = frozenset({"set", "aset", "get_or_set", "aget_or_set", "add", "aadd"})
_SAME_FOR_ALL = re.compile(r"anonymous|public|guest|everyone|global", re.IGNORECASE)
_OF_VISITOR = frozenset({"user", "session", "COOKIES"})


class PersonalValue(Struct, frozen=True, array_like=True):
    """*read* is what of the visitor went into the value that the call stores."""

    start: int
    end: int
    key: str
    read: str
    read_start: int
    read_end: int


class PersonalValues(Struct, frozen=True, array_like=True):
    """All of a file."""

    values: tuple[PersonalValue, ...]


def extract(file: File) -> PersonalValues | None:
    """Look at each function that stores something and asks who the visitor is."""
    text = file.text
    if "request." not in text or not may_hold_cache(file):
        return None
    lines, visitors = lines_of(file, _CALLS), lines_of(file, _VISITORS)
    if not (lines and visitors):
        return None
    found = {
        value.start: value
        for node in functions(file.tree)
        if holds_line(node, lines) and holds_line(node, visitors)
        for value in _values(file, node)
    }
    return PersonalValues(tuple(found.values())) if found else None


_CALLS = re.compile(r"\.\s*a?(?:(?:get_or_)?set|add)\(")
_VISITORS = re.compile(r"request\s*\.\s*(?:user|session|COOKIES)\b")
PERSONAL_VALUES = Fact("personal_values", PersonalValues, extract)


def is_of_visitor(node: ast.AST) -> bool:
    """``request.user``, ``self.request.session`` and the like."""
    if not (isinstance(node, ast.Attribute) and node.attr in _OF_VISITOR):
        return False
    owner = node.value
    name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    return name == "request"


def _values(file: File, function: Function) -> Iterator[PersonalValue]:
    if _SAME_FOR_ALL.search(function.name):
        return
    derivation: Derivation | None = None
    for call in walked(function):
        match call:
            case ast.Call(func=ast.Attribute(value=receiver, attr=method), args=[key, value, *_]):
                if _SAME_FOR_ALL.search(file.source(key)):
                    continue  # who asks is nobody in particular
                if method not in _STORES or not is_cache(file, receiver, function):
                    continue
                derivation = derivation or Derivation(function, is_of_visitor)
                if not derivation.holds(value) or _tells_visitors_apart(derivation, key):
                    continue
                read = _source(derivation, value)
                if read is not None:
                    yield PersonalValue(
                        *file.span(call), file.source(key), file.source(read), *file.span(read)
                    )


def _tells_visitors_apart(derivation: Derivation, key: ast.expr) -> bool:
    """Whether the key depends on anything but text of this function."""
    for part in derivation.made_of(key):
        for node in walked(part):
            if is_of_visitor(node) or isinstance(node, ast.Call):
                return True
            if isinstance(node, ast.Attribute):
                return True
            is_name = isinstance(node, ast.Name) and not node.id.isupper()
            if is_name and not derivation.is_bound(getattr(node, "id", "")):
                return True
    return False


def _source(derivation: Derivation, value: ast.expr) -> ast.Attribute | None:
    for part in derivation.made_of(value):
        for node in walked(part):
            if isinstance(node, ast.Attribute) and is_of_visitor(node):
                return node
    return None
