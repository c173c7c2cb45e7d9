"""
Calls of ``datetime.now()`` and its like, and the names of columns that their value goes to.

Followed within one function: straight into a keyword of a query or of a new row, into an attribute,
or by way of one variable. Sums with intervals are followed, everything else is not.
"""

import ast
import re
from collections.abc import Iterator

from msgspec import Struct

from praxis.audit.facts.caching.objects import holds_line, lines_of
from praxis.audit.facts.nodes import children, functions
from praxis.audit.facts.sources import Role
from praxis.audit.file import File
from praxis.audit.summary import Fact

Span = tuple[int, int]

#: What gives a time without a zone; of `date.today`, midnight where a time is stored.
_CALLS = {
    "datetime.datetime.now": "datetime.now()",
    "datetime.datetime.today": "datetime.today()",
    "datetime.datetime.utcnow": "datetime.utcnow()",
    "datetime.date.today": "date.today()",
}
_NAMES = re.compile(r"\b(?:now|utcnow|today)\b")
#: Methods of querysets whose keywords are lookups or columns.
_QUERIES = frozenset({
    "aget", "acreate", "aupdate", "create", "exclude", "filter", "get", "get_or_create", "update",
    "update_or_create", "bulk_create",
})  # fmt: skip
_SCOPES = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef})
_BINDS = ast.AugAssign | ast.NamedExpr | ast.For | ast.AsyncFor | ast.AnnAssign


class NaiveTime(Struct, frozen=True, array_like=True):
    """
    Attributes:
        span: Of the call.
        called: As it is told.
        uses: Each ``(lookup, span)`` that the value goes to.
    """

    span: Span
    called: str
    uses: tuple[tuple[str, Span], ...]


class NaiveTimes(Struct, frozen=True, array_like=True):
    """The naive times of a file that go somewhere."""

    times: tuple[NaiveTime, ...]


def extract(file: File) -> NaiveTimes | None:
    """Sum up the file; None where it makes no such time."""
    text = file.text
    if "datetime" not in text or not any(
        f".{name}()" in text for name in ("now", "utcnow", "today")
    ):
        return None
    lines = lines_of(file, _NAMES)
    found: list[NaiveTime] = []
    for function in functions(file.tree):
        if holds_line(function, lines):
            found += _in_function(file, function)
    return NaiveTimes(tuple(found)) if found else None


def _in_function(
    file: File, function: ast.FunctionDef | ast.AsyncFunctionDef
) -> Iterator[NaiveTime]:
    nodes = list(_own_nodes(function))
    calls: dict[ast.Call, str] = {}
    for node in nodes:
        if isinstance(node, ast.Call) and not node.args and not node.keywords:
            called = _CALLS.get(file.qualified(node.func) or "")
            if called:
                calls[node] = called
    if not calls:
        return
    bound: dict[str, list[ast.expr]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            bound.setdefault(node.targets[0].id, []).append(node.value)
        elif isinstance(node, _BINDS) and isinstance(node.target, ast.Name):
            bound.setdefault(node.target.id, []).append(ast.Constant(None))
    uses: dict[ast.Call, list[tuple[str, Span]]] = {}
    for name, value in _destinations(nodes):
        made = _made_of(value, bound)
        if made is not None and made in calls:
            uses.setdefault(made, []).append((name, file.span(value)))
    for call, found in uses.items():
        yield NaiveTime(file.span(call), calls[call], tuple(found))


def _own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """What is in the function, but not in functions inside of it."""
    stack = children(function)
    while stack:
        node = stack.pop()
        if node.__class__ in _SCOPES:
            continue
        yield node
        stack += children(node)


def _destinations(nodes: list[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    """Each value that goes to a column, with the lookup or attribute that names it."""
    for node in nodes:
        if isinstance(node, ast.Call):
            function = node.func
            queries = isinstance(function, ast.Attribute) and function.attr in _QUERIES
            if queries or (isinstance(function, ast.Name) and function.id == "Q"):
                for word in node.keywords:
                    if word.arg is not None:
                        yield word.arg, word.value
        elif isinstance(node, ast.Assign):
            target = node.targets[0]
            if isinstance(target, ast.Attribute):
                yield f".{target.attr}", node.value


def _made_of(value: ast.expr, bound: dict[str, list[ast.expr]], hops: int = 3) -> ast.Call | None:
    """The call without arguments that *value* is, give or take an interval."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Sub):
        return _made_of(value.left, bound, hops)
    if isinstance(value, ast.Call):
        return value
    if isinstance(value, ast.Name) and hops:
        assigned = bound.get(value.id, ())
        return _made_of(assigned[0], bound, hops - 1) if len(assigned) == 1 else None
    return None


NAIVE_TIMES = Fact("naive_times", NaiveTimes, extract, skips=(Role.TEST, Role.MIGRATION))
