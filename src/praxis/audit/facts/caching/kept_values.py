"""
What is kept without a limit though it was read from the database, and what ``update()`` changes.

Queries are told by the dotted name of their model and the lookups that they mention; what those
mean is worked out once the models of the whole project are known.
"""

import ast
import re
from collections.abc import Iterator

from msgspec import Struct

from praxis.audit.facts.caching.derivation import Derivation, is_query
from praxis.audit.facts.caching.keys import Keys, Shape
from praxis.audit.facts.caching.objects import Function, holds_line, is_cache, lines_of
from praxis.audit.file import File
from praxis.audit.summary import Fact

#: The decorators that keep what a function returned; without parentheses, or with them.
_KEEPERS = frozenset({"functools.lru_cache", "functools.cache"})
#: Position of the time limit among the arguments.
_TIMEOUT_AT = {"set": 2, "aset": 2, "get_or_set": 2, "aget_or_set": 2}


class Query(Struct, frozen=True, array_like=True):
    """A query: its model by dotted name, the lookups in it, and where the model's manager is."""

    model: str
    lookups: tuple[str, ...]
    start: int
    end: int


class Kept(Struct, frozen=True, array_like=True):
    """
    A value made of *queries* that has no time limit.

    Attributes:
        shapes: Of its keys; empty for what a decorated function returns.
        function: The function that keeps it.
    """

    start: int
    end: int
    function: str
    shapes: tuple[Shape, ...]
    queries: tuple[Query, ...]


class Updated(Struct, frozen=True, array_like=True):
    """``Model.objects.….update(field=…)``; *calls* are the names called in its function."""

    start: int
    end: int
    model: str
    fields: tuple[str, ...]
    function: str
    calls: tuple[str, ...]


class KeptValues(Struct, frozen=True, array_like=True):
    """Both, of one file."""

    kept: tuple[Kept, ...]
    updated: tuple[Updated, ...]


def extract(file: File) -> KeptValues | None:
    """Look into the functions of a file that keeps something, or that updates."""
    text = file.text
    keeps = lines_of(file, _KEEPS) if "cache" in text else []
    updates = lines_of(file, _UPDATES) if "objects" in text else []
    if not (keeps or updates):
        return None
    kept: dict[int, Kept] = {}
    updated: dict[int, Updated] = {}
    for function, owner in _functions(file.tree.body, None):
        # what an inner function does is told as its own, which comes later
        decorated = function.decorator_list
        first = decorated[0].lineno if decorated else function.lineno
        if holds_line(function, keeps) or any(first <= line <= function.lineno for line in keeps):
            kept |= {one.start: one for one in _kept(file, function, owner)}
        if holds_line(function, updates):
            updated |= {one.start: one for one in _updated(file, function)}
    if not (kept or updated):
        return None
    return KeptValues(tuple(kept.values()), tuple(updated.values()))


#: What speaks for a look into a function.
_KEEPS = re.compile(r"\.\s*a?(?:get_or_)?set\(|@\s*(?:functools\.)?(?:lru_)?cache\b|@\w*cache\b")
_UPDATES = re.compile(r"\.\s*a?update\(")
KEPT_VALUES = Fact("kept_values", KeptValues, extract)


def _functions(
    body: list[ast.stmt], owner: ast.ClassDef | None
) -> Iterator[tuple[Function, ast.ClassDef | None]]:
    for statement in body:
        if isinstance(statement, Function):
            yield statement, owner
            yield from _functions(statement.body, owner)
        elif isinstance(statement, ast.ClassDef):
            yield from _functions(statement.body, statement)
        elif isinstance(statement, ast.If | ast.Try | ast.With):
            yield from _functions(statement.body, owner)


# What is kept.


def _kept(file: File, function: Function, owner: ast.ClassDef | None) -> Iterator[Kept]:
    keeper = next((one for one in function.decorator_list if _keeps(file, one)), None)
    if keeper is not None and owner is None:
        returned = [
            node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Return) and node.value is not None
        ]
        queries = tuple(
            dict.fromkeys(query for value in returned for query in _queries(file, function, value))
        )
        if queries and not any(_fetches_one(function, value) for value in returned):
            start, end = file.span(keeper)
            yield Kept(start, end, function.name, (), queries)
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Attribute(value=receiver, attr=method)) if method in _TIMEOUT_AT:
                value = _value_for_ever(file, node, method)
                if value is not None and is_cache(file, receiver, function):
                    queries = _queries(file, function, value)
                    if queries and not _renews_itself(file, function, node.args[0]):
                        shapes = Keys(file, function, owner).shapes(node.args[0])
                        yield Kept(*file.span(node), function.name, shapes, queries)


def _renews_itself(file: File, function: Function, key: ast.expr) -> bool:
    """Whether the key changes with what it stands for, so that the old value is never read."""
    parts = Derivation(function, lambda _: False).made_of(key)
    return any(_RENEWED.search(file.source(part)) for part in parts if isinstance(part, ast.expr))


_RENEWED = re.compile(
    r"version|updated|modified|changed|timestamp|mtime|hash|digest|md5|sha\d|etag|date|revision"
    r"|last_|latest|generation|serial",
    re.IGNORECASE,
)


def _keeps(file: File, decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return file.qualified(called) in _KEEPERS


def _value_for_ever(file: File, call: ast.Call, method: str) -> ast.expr | None:
    """The value that the call stores without a limit."""
    options = {keyword.arg: keyword.value for keyword in call.keywords}
    if None in options or "version" in options or len(call.args) > 3:
        return None
    at = _TIMEOUT_AT[method]
    timeout = call.args[at] if len(call.args) > at else options.get("timeout")
    if not _is_none(file, timeout) or not call.args:
        return None
    return call.args[1] if len(call.args) > 1 else options.get("value", options.get("default"))


def _is_none(file: File, node: ast.expr | None) -> bool:
    if isinstance(node, ast.Name):
        held = [
            statement.value
            for statement in file.tree.body
            if isinstance(statement, ast.Assign)
            and any(isinstance(one, ast.Name) and one.id == node.id for one in statement.targets)
        ]
        return len(held) == 1 and isinstance(held[0], ast.Constant) and held[0].value is None
    return isinstance(node, ast.Constant) and node.value is None


def _queries(file: File, function: Function, value: ast.expr) -> tuple[Query, ...]:
    """The queries that *value* is made of."""
    found: dict[Query, None] = {}
    for part in Derivation(function, is_query).made_of(value):
        for node in ast.walk(part):
            if isinstance(node, ast.Attribute) and is_query(node):
                model = _dotted(file, node.value)
                if model:
                    lookups = tuple(_lookups(part, node))
                    found[Query(model, lookups, *file.span(node))] = None
    return tuple(found)


def _fetches_one(function: Function, value: ast.expr) -> bool:
    """Whether a single row is asked for: often one that is there as long as the site is."""
    for part in Derivation(function, is_query).made_of(value):
        for node in ast.walk(part):
            if isinstance(node, ast.Attribute) and node.attr in _ONE_ROW and is_query(_root(node)):
                return True
    return False


_ONE_ROW = frozenset({
    "get", "first", "last", "latest", "earliest", "get_or_create", "update_or_create", "create",
    "get_current", "get_for_model", "get_by_natural_key", "get_solo",
})  # fmt: skip


def _dotted(file: File, node: ast.expr) -> str:
    """The model's name, as imported or as the file itself calls it."""
    known = file.qualified(node)
    return known or (node.id if isinstance(node, ast.Name) else "")


def _lookups(part: ast.AST, manager: ast.Attribute) -> Iterator[str]:
    """Keywords and strings of the calls that hang on *manager*."""
    for call in ast.walk(part):
        if isinstance(call, ast.Call) and _root(call) is manager:
            for argument in (*call.args, *call.keywords):
                for inner in ast.walk(argument):
                    if isinstance(inner, ast.keyword) and inner.arg:
                        yield inner.arg
                    elif isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                        yield inner.value.lstrip("-")


def _root(node: ast.AST) -> ast.AST:
    """What a chain of calls, attributes and items hangs on, down to a manager."""
    while True:
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Subscript | ast.Attribute) and not is_query(node):
            node = node.value
        else:
            return node


# What is updated.


def _updated(file: File, function: Function) -> Iterator[Updated]:
    calls: tuple[str, ...] | None = None
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Attribute(attr="update" | "aupdate"), args=[]) if node.keywords:
                manager = _root(node)
                if not (isinstance(manager, ast.Attribute) and is_query(manager)):
                    continue
                model = _dotted(file, manager.value)
                fields = tuple(keyword.arg for keyword in node.keywords if keyword.arg)
                if calls is None:
                    calls = tuple(sorted(_called(function)))
                if model:
                    yield Updated(*file.span(node), model, fields, function.name, calls)


def _called(function: Function) -> set[str]:
    """The last names of whatever the function calls or hands on."""
    found: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.add(node.id)
    return found
