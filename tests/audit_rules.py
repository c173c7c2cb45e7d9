"""
Rules for tests of the machinery around rules, and a registry that is left as it was.

`RENAMES` and its like are what a test can predict to the letter: each flags calls of one name
and puts another in its place.
"""

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from praxis.audit import registry, scan
from praxis.audit.findings import Edit, Finding, Fix, Safety, Severity
from praxis.audit.project import Project
from praxis.audit.registry import QUIET_ROLES, Rule


def make_rule(
    code: str,
    name: str,
    check: Callable[..., Iterator[Finding]],
    *,
    visits: type = ast.Call,
    callees: tuple[str, ...] = (),
    severity: Severity = Severity.WARNING,
    default: bool = True,
) -> Rule:
    return Rule(
        code=code,
        name=name,
        subject="tests",
        visits=(visits,),
        callees=frozenset(callees),
        skips=QUIET_ROLES,
        severity=severity,
        default=default,
        check=check,
        doc=f"Flag what {name} is about.\n\n## Why\n\nFor tests.\n",
    )


@contextmanager
def registered(*rules: Rule) -> Iterator[None]:
    """The rules are known, beside the real ones, for as long as the context lasts."""
    registry.rules()  # the real ones register themselves on the first call
    known = dict(registry._RULES)
    registry._RULES.update({rule.code: rule for rule in rules})
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

    return make_rule(code, f"calls_{old}", check, callees=(old,), severity=severity)


def unwrapping(code: str, name: str, *, severity: Severity = Severity.WARNING) -> Rule:
    """Flag ``name(x)`` and put ``x`` in its place: nested ones collide."""

    def check(file, node):
        if isinstance(node.func, ast.Name) and len(node.args) == 1:
            edit = file.replace(node, file.source(node.args[0]))
            fix = Fix((edit,), Safety.SAFE, "Unwrap it") if edit else None
            yield Finding(file.place(node), f"{name} does nothing", fix)

    return make_rule(code, f"wraps_in_{name}", check, callees=(name,), severity=severity)


def editing(code: str, old: str, edits: Callable[..., tuple[Edit, ...]]) -> Rule:
    """Flag ``old(...)`` with whatever edits ``edits(file, node)`` returns."""

    def check(file, node):
        fix = Fix(edits(file, node), Safety.SAFE, "Edit it")
        yield Finding(file.place(node), f"{old} is flagged", fix)

    return make_rule(code, f"edits_{old}", check, callees=(old,))


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
