"""
Rules that exist for the length of a test: the registry is left as it was.

`temporary_rule` is one rule, `renaming` and its like make what a test of fixes can predict to the
letter: each flags calls of one name and puts something else in its place.
"""

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from praxis.audit import registry, scan
from praxis.audit.file import File
from praxis.audit.findings import Cost, Edit, Finding, Fix, Safety, Severity, Step
from praxis.audit.project import Project
from praxis.audit.registry import QUIET_ROLES, Rule

DOC = """
Flag a call of ``bad``.

## Why
It is bad.

## Fix
Safe for one argument, unsafe otherwise.

## Source
https://docs.djangoproject.com/en/stable/, and nowhere else.
"""


def call_of_bad(file: File, node: ast.Call) -> Iterator[Finding]:
    """One finding a call; ``step=True`` in the call adds a step, ``rows=3`` a cost."""
    keywords = {keyword.arg: keyword.value for keyword in node.keywords}
    edit = file.replace(node.func, "good")
    safety = Safety.SAFE if len(node.args) == 1 else Safety.UNSAFE
    rows = keywords.get("rows")
    yield Finding(
        file.place(node),
        f"Calls bad() with {len(node.args)} arguments.",
        fix=Fix((edit,), safety, "call good()") if edit else None,
        steps=(Step(file.place(node.func), "bad is named here"),) if "step" in keywords else (),
        cost=Cost(1, rows.value) if isinstance(rows, ast.Constant) else None,
    )


def make_rule(
    code: str,
    name: str,
    check: Callable[..., Iterator[Finding]],
    *,
    visits: type = ast.Call,
    callees: frozenset[str] = frozenset(),
    severity: Severity = Severity.WARNING,
    default: bool = True,
) -> Rule:
    return Rule(
        code=code,
        name=name,
        subject="tests",
        visits=(visits,),
        callees=callees,
        skips=QUIET_ROLES,
        severity=severity,
        default=default,
        check=check,
        doc=DOC,
    )


@contextmanager
def registered(*rules: Rule) -> Iterator[None]:
    """The rules are known, beside the real ones, for as long as the context lasts."""
    registry.rules()  # the real ones first: importing them later would not be noticed
    known = dict(registry._RULES)
    made = {rule.code: rule for rule in rules}
    assert not known.keys() & made.keys()
    registry._RULES.update(made)
    _forget()
    try:
        yield
    finally:
        registry._RULES.clear()
        registry._RULES.update(known)
        _forget()


def _forget() -> None:
    registry.rules.cache_clear()
    scan._walk.cache_clear()


@contextmanager
def temporary_rule(
    check: Callable[..., Iterator[Finding]] = call_of_bad,
    *,
    code: str = "TST901",
    name: str = "call_of_bad",
    visits: type = ast.Call,
    callees: frozenset[str] = frozenset({"bad"}),
    severity: Severity = Severity.WARNING,
    default: bool = True,
) -> Iterator[Rule]:
    """One rule, known for as long as the context lasts."""
    rule = make_rule(
        code, name, check, visits=visits, callees=callees, severity=severity, default=default
    )
    with registered(rule):
        yield rule


def renaming(
    code: str,
    old: str,
    new: str,
    *,
    safety: Safety = Safety.SAFE,
    severity: Severity = Severity.WARNING,
    importing: str = "",
) -> Rule:
    """
    Flag ``old(...)`` and rename it to *new*; *importing* is a line that is put first then.

    The name alone is replaced, so that nested calls do not collide.
    """

    def check(file, node):
        if not isinstance(node.func, ast.Name):
            return
        edits = [file.replace(node.func, new)]
        if importing and importing not in file.text:
            edits.append(file.insert(0, f"{importing}\n"))
        yield Finding(file.place(node), f"{old} is old", Fix(tuple(edits), safety, f"Use {new}"))

    return make_rule(code, f"calls_{old}", check, callees=frozenset({old}), severity=severity)


def unwrapping(code: str, name: str, *, severity: Severity = Severity.WARNING) -> Rule:
    """Flag ``name(x)`` and put ``x`` in its place: nested ones collide."""

    def check(file, node):
        if isinstance(node.func, ast.Name) and len(node.args) == 1:
            edit = file.replace(node, file.source(node.args[0]))
            fix = Fix((edit,), Safety.SAFE, "Unwrap it") if edit else None
            yield Finding(file.place(node), f"{name} does nothing", fix)

    return make_rule(code, f"wraps_in_{name}", check, callees=frozenset({name}), severity=severity)


def editing(code: str, old: str, edits: Callable[..., tuple[Edit, ...]]) -> Rule:
    """Flag ``old(...)`` with whatever edits ``edits(file, node)`` returns."""

    def check(file, node):
        fix = Fix(edits(file, node), Safety.SAFE, "Edit it")
        yield Finding(file.place(node), f"{old} is flagged", fix)

    return make_rule(code, f"edits_{old}", check, callees=frozenset({old}))


def spanning(code: str, first: str, second: str) -> Rule:
    """Flag the project once while the file *first* says OLD: rename it there and in *second*."""

    def check(project: Project):
        edits = []
        for path in (first, second):
            start = project.text(path).find("OLD")
            if start >= 0:
                edits.append(Edit(path, start, start + 3, "NEW"))
        if edits and edits[0].path == first:
            place = project.place(first, edits[0].start, edits[0].end)
            yield Finding(place, "OLD is old", Fix(tuple(edits), Safety.SAFE, "Use NEW"))

    return make_rule(code, "says_old", check, visits=Project)
