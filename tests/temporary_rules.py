"""Rules that exist for the length of a test: the registry is left as it was."""

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from praxis.audit import registry, scan
from praxis.audit.file import File
from praxis.audit.findings import Cost, Finding, Fix, Safety, Severity, Step
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
    """Register a rule, and take it out again."""
    registry.rules()  # the real ones first: importing them later would not be noticed
    made = Rule(
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
    assert code not in registry._RULES
    registry._RULES[code] = made
    _forget()
    try:
        yield made
    finally:
        del registry._RULES[code]
        _forget()


def _forget() -> None:
    registry.rules.cache_clear()
    scan._walk.cache_clear()
