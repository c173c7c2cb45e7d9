"""Which expressions are caches: Django's, and clients of a Redis server."""

import ast
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import lru_cache

from praxis.audit.facts.nodes import walked
from praxis.audit.facts.parameters import parameters_of
from praxis.audit.file import File

Function = ast.FunctionDef | ast.AsyncFunctionDef

_CLIENTS = frozenset({
    "redis.Redis", "redis.StrictRedis", "redis.from_url", "redis.Redis.from_url",
    "redis.StrictRedis.from_url", "redis.client.Redis", "redis.client.StrictRedis",
    "redis.client.Redis.from_url", "django_redis.get_redis_connection",
})  # fmt: skip
#: A file that holds none of these has no cache; most have none.
_SIGNS = ("core.cache", "core import cache", "redis")


@lru_cache(maxsize=1)  # every call in a loop of a file asks
def may_hold_cache(file: File) -> bool:
    """Whether the file's text leaves it open that it uses a cache."""
    return any(sign in file.text for sign in _SIGNS)


def lines_of(file: File, pattern: re.Pattern[str], text: str | None = None) -> list[int]:
    """
    The lines on which the file's text matches, in order: functions without one need no look.

    *text* is looked at instead, where that is given: as long as the file's own.
    """
    starts = file.lines.starts
    looked_at = file.text if text is None else text
    return [bisect_right(starts, match.start()) for match in pattern.finditer(looked_at)]


def holds_line(node: ast.stmt, lines: list[int]) -> bool:
    """Whether one of the *lines* belongs to the statement."""
    at = bisect_left(lines, node.lineno)
    return at < len(lines) and lines[at] <= (node.end_lineno or node.lineno)


def is_cache(file: File, node: ast.expr, function: Function | None) -> bool:
    """
    Whether *node* is surely one of Django's caches.

    *function* is the one around it: a local name is looked up there first.
    """
    if not may_hold_cache(file):
        return False
    if isinstance(node, ast.Name):
        given = _given(file, node.id, function)
        if given is not None:
            return all(_is_named_cache(file, value) for value in given) and bool(given)
    return _is_named_cache(file, node)


def is_redis_client(file: File, node: ast.expr, function: Function | None) -> bool:
    """Whether *node* is surely a client that sends each command as it is called."""
    if not may_hold_cache(file):
        return False
    if isinstance(node, ast.Name):
        given = _given(file, node.id, function)
        if given is not None:
            return all(_is_client(file, value) for value in given) and bool(given)
    return _is_client(file, node)


def _is_named_cache(file: File, node: ast.expr) -> bool:
    if isinstance(node, ast.Subscript):
        return file.qualified(node.value) in _HANDLERS
    return file.qualified(node) in _CACHES


_CACHES = frozenset({"django.core.cache.cache", "django.core.cache.cache.cache"})
_HANDLERS = frozenset({"django.core.cache.caches"})


def _is_client(file: File, node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and file.qualified(node.func) in _CLIENTS


def _given(file: File, name: str, function: Function | None) -> list[ast.expr] | None:
    """
    What is assigned to *name*, in the function or else in the module.

    None where it is bound in neither; an empty list where what it holds is not known.
    """
    if function is not None:
        if any(parameter.arg == name for parameter in parameters_of(function.args)):
            return []
        found = bindings(function, name)
        if found:
            return _values(found)
    bound = [value for target, value in _module_bindings(file) if target == name]
    return _values(bound) if bound else None


def _values(found: list[ast.expr | None]) -> list[ast.expr]:
    return [] if None in found else [value for value in found if value is not None]


def bindings(root: ast.AST, name: str) -> list[ast.expr | None]:
    """What *name* is assigned below *root*; None for whatever is no plain assignment."""
    return _all_bindings(root).get(name, [])


@lru_cache(maxsize=8)  # every call of a function asks for several names
def _all_bindings(root: ast.AST) -> dict[str, list[ast.expr | None]]:
    found: dict[str, list[ast.expr | None]] = {}
    for node in walked(root):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    _bind(target, value, found)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                _bind(target, value, found)
            case ast.NamedExpr(target=target, value=value):
                _bind(target, value, found)
            case ast.AugAssign(target=target) | ast.For(target=target):
                _bind(target, None, found)
            case ast.AsyncFor(target=target) | ast.comprehension(target=target):
                _bind(target, None, found)
            case ast.withitem(optional_vars=ast.expr() as target):
                _bind(target, None, found)
    return found


def _bind(
    target: ast.expr, value: ast.expr | None, found: dict[str, list[ast.expr | None]]
) -> None:
    if isinstance(target, ast.Name):
        found.setdefault(target.id, []).append(value)
    elif isinstance(target, ast.Tuple | ast.List | ast.Starred):
        for inner in ast.walk(target):
            if isinstance(inner, ast.Name):
                found.setdefault(inner.id, []).append(None)


def _module_bindings(file: File) -> Iterator[tuple[str, ast.expr | None]]:
    for node in file.tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(name)], value=value):
                yield name, value
            case ast.AnnAssign(target=ast.Name(name), value=ast.expr() as value):
                yield name, value
