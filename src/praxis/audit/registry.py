"""The rules: how one declares itself, and how the engine finds them."""

import ast
import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from praxis.audit.facts.sources import Role
from praxis.audit.findings import Finding, Problem, Severity

Check = Callable[..., Iterator[Finding]]
C = TypeVar("C", bound=Check)

#: Where a mistake costs nobody anything: a rule that matters there too says so with ``skips=()``.
QUIET_ROLES = (Role.TEST, Role.MIGRATION)


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """
    One practice of the catalogue.

    Attributes:
        code: Permanent id, e.g. ``"ORM101"``; never reused.
        name: The module's name, e.g. ``"forward_relation_per_row"``; also what suppresses it.
        subject: The folder: a place in a project, e.g. ``"queries"``.
        visits: What the check is called with: `ast` node types, types of ``flow`` events, or
            `praxis.audit.project.Project` for once a project.
        callees: For calls only: the called name's last part; empty for all.
        skips: Roles of files in which the rule does not speak.
        severity: On a path that serves requests; milder elsewhere.
        default: False for a rule that must be asked for.
        unless: Called as ``unless(project, finding)`` once the whole project is known: whether
            it disproves what the check found in one file.
    """

    code: str
    name: str
    subject: str
    visits: tuple[type, ...]
    callees: frozenset[str]
    skips: tuple[Role, ...]
    severity: Severity
    default: bool
    check: Check
    doc: str
    unless: Callable[..., bool] | None = None

    @property
    def summary(self) -> str:
        """The first sentence of the documentation, in one line."""
        return " ".join(self.doc.strip().split("\n\n", 1)[0].split())


_RULES: dict[str, Rule] = {}


def rule(
    *,
    code: str,
    visits: type | tuple[type, ...],
    callees: Iterable[str] = (),
    skips: tuple[Role, ...] = QUIET_ROLES,
    severity: Severity = Severity.WARNING,
    default: bool = True,
    unless: Callable[..., bool] | None = None,
) -> Callable[[C], C]:
    """
    Make the decorated generator the check of the module's rule.

    The module's name is the rule's name, its docstring the documentation page. For `ast` nodes
    the check is called as ``check(file, node)``, for flow events ``check(project, event)``, for
    the project ``check(project)``; it yields `Finding`.

    Raises:
        TypeError: if *callees* is given for anything but `ast.Call`, or the code is taken.
    """
    kinds = visits if isinstance(visits, tuple) else (visits,)

    def register(check: C) -> C:
        module = importlib.import_module(check.__module__)
        _, _, subject_and_name = check.__module__.partition(".rules.")
        subject, _, name = subject_and_name.partition(".")
        if callees and kinds != (ast.Call,):
            raise TypeError(f"{check.__module__}: callees go with visits=ast.Call alone")
        taken = _RULES.get(code)
        if taken is not None and taken.check.__module__ != check.__module__:
            raise TypeError(f"{code} is both {taken.name} and {name or check.__module__}")
        _RULES[code] = Rule(
            code=code,
            name=name,
            subject=subject,
            visits=kinds,
            callees=frozenset(callees),
            skips=skips,
            severity=severity,
            default=default,
            check=check,
            doc=module.__doc__ or "",
            unless=unless,
        )
        return check

    return register


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule, by code. The first call imports the rule modules."""
    import praxis.audit.rules as package

    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(found.name)
    return tuple(sorted(_RULES.values(), key=lambda known: known.code))


def find_rule(wanted: str) -> Rule | None:
    """The rule of this code (in any case) or name (with - or _)."""
    name = wanted.replace("-", "_").lower()
    for known in rules():
        if known.code.lower() == name or known.name == name:
            return known
    return None


def failure_of(failed: Rule, path: str, error: Exception) -> Problem:
    """How a rule's own failure is told: with what a bug report needs."""
    if isinstance(error, RecursionError):
        reason = "this is nested deeper, or a chain is longer, than can be followed"
        return Problem.at_file(path, f"{failed.code} {failed.name} gave up here: {reason}")
    return bug_of(f"{failed.code} {failed.name} failed here", path, error)


def bug_of(what: str, path: str, error: Exception) -> Problem:
    """How a bug of Praxis itself is told: *what* happened, and the line of code that raised it."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = f"{frame.tb_frame.f_code.co_name}:{frame.tb_lineno}" if frame is not None else "?"
    return Problem.at_file(
        path,
        f"{what} ({type(error).__name__}: {error}; {where}). "
        "This is a bug in Praxis: please report it with this line",
    )
