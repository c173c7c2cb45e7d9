"""Whether a query asks for the rows of one parent or by their keys: then there may be few."""

import ast
from collections.abc import Iterator

from praxis.audit.facts.caching.objects import Function
from praxis.audit.facts.models.model_index import Model, ModelIndex

_KEYS = frozenset({"pk", "id", "in", "exact", "uuid"})
#: Methods of querysets that leave it open how many rows there are.
_OPEN = frozenset({
    "all", "annotate", "distinct", "exclude", "filter", "order_by", "select_related",
    "prefetch_related", "only", "defer", "values", "values_list", "iterator", "using", "reverse",
    "alias", "extra", "union", "select_for_update", "get_queryset",
})  # fmt: skip


def is_limited(index: ModelIndex, model: Model, function: Function, query: ast.expr) -> bool:
    """Whether *query*, or what it is made of on every way, has such a condition."""
    for part in _unconditional(function, query):
        for call in ast.walk(part):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
                continue
            method = call.func.attr
            if method == "filter":
                if any(_is_key(index, model, name) for name in _conditions(call)):
                    return True
            elif method not in _OPEN and (call.args or call.keywords) and _is_chained(call):
                return True  # a method of the project's own: it may pick a few
    return False


def _unconditional(function: Function, query: ast.expr) -> Iterator[ast.expr]:
    """The expression, and what the names in it are given outside of conditions."""
    given: dict[str, list[ast.expr]] = {}
    for name, value in _assignments(function.body):
        given.setdefault(name, []).append(value)
    waiting, seen = [query], set[str]()
    while waiting:
        part = waiting.pop()
        yield part
        for node in ast.walk(part):
            if isinstance(node, ast.Name) and node.id not in seen:
                seen.add(node.id)
                waiting += given.get(node.id, [])


def _assignments(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for statement in body:
        match statement:
            case ast.Assign(targets=[ast.Name(name)], value=value):
                yield name, value
            case ast.With() | ast.Try():
                yield from _assignments(statement.body)


def _conditions(call: ast.Call) -> Iterator[str]:
    for node in ast.walk(call):
        if isinstance(node, ast.keyword) and node.arg:
            yield node.arg
        elif isinstance(node, ast.keyword):
            yield "pk"  # **conditions: anything may be in there


def _is_key(index: ModelIndex, model: Model, lookup: str) -> bool:
    """Whether the lookup compares with a row of another table, or with the key."""
    current: Model | None = model
    reached = False
    for part in lookup.split("__"):
        if part in _KEYS:
            return part != "in" or reached
        if current is None:
            return True
        relation = current.relations.get(part) or current.relations.get(part.removesuffix("_id"))
        if relation is None:
            return False
        reached = True
        current = index.model(relation.target)
    return reached


def _is_chained(call: ast.Call) -> bool:
    """Whether the call hangs on a manager or queryset: ``Order.objects.visible_to(user)``."""
    node: ast.expr = call
    while isinstance(node, ast.Call | ast.Attribute):
        if isinstance(node, ast.Attribute) and node.attr == "objects":
            return True
        node = node.func if isinstance(node, ast.Call) else node.value
    return False
