"""The checks: how one declares itself, and how they are found."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding

Asking = Callable[..., Iterator[Finding]]
A = TypeVar("A", bound=Asking)


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """
    One question to one kind of server.

    Attributes:
        code: The practice's permanent id; several checks may ask about one practice.
        name: The module's name, which is unique.
        server: The folder: what kind of server it asks.
        severity: Of its findings, where they say nothing else.
        ask: Called with the session; yields findings.
        doc: The page: the module's docstring.
    """

    code: str
    name: str
    server: str
    severity: Severity
    ask: Asking
    doc: str

    @property
    def summary(self) -> str:
        """The first sentence of the documentation, in one line."""
        return " ".join(self.doc.strip().split("\n\n", 1)[0].split())

    def page(self) -> str:
        """The documentation in Markdown: what `praxis explain` prints."""
        return (
            f"# {self.code} {self.name}\n\nAsked by `praxis doctor` of a running server "
            f"({self.server}). Severity: {self.severity.value}.\n\n{self.doc.strip()}\n"
        )


_CHECKS: dict[str, Check] = {}


def check(*, code: str, severity: Severity = Severity.WARNING) -> Callable[[A], A]:
    """
    Make the decorated generator the check of its module.

    The module's name is the check's, its folder the kind of server, its docstring the page. The
    generator is called with the session and yields `Finding`. It only reads.
    """

    def register(ask: A) -> A:
        module = importlib.import_module(ask.__module__)
        *_, server, name = ask.__module__.split(".")
        _CHECKS[name] = Check(code, name, server, severity, ask, module.__doc__ or "")
        return ask

    return register


@cache
def _loaded() -> dict[str, Check]:
    """Import every module of the kinds of servers; those that hold no check do no harm."""
    import praxis.doctor as package

    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.split(".")[-1].endswith("_session"):  # they need a library
            importlib.import_module(found.name)
    return _CHECKS


def checks(server: str | None = None) -> tuple[Check, ...]:
    """Every check, or those of one kind of server, by code and name."""
    known = sorted(_loaded().values(), key=lambda one: (one.code, one.name))
    return tuple(one for one in known if server is None or one.server == server)


def find_checks(wanted: str) -> tuple[Check, ...]:
    """The check of this name (with - or _), or all of this code (in any case)."""
    name = wanted.strip().replace("-", "_").lower()
    return tuple(one for one in checks() if name in (one.name, one.code.lower()))


def chosen(select: tuple[str, ...], ignore: tuple[str, ...]) -> Callable[[Any], bool]:
    """Whether a check is wanted: names, codes, or the beginnings of codes, as typed."""

    def matches(one: Check, wanted: str) -> bool:
        asked = wanted.replace("-", "_").lower()
        return one.name == asked or one.code.lower().startswith(asked)

    def is_chosen(one: Check) -> bool:
        is_selected = not select or any(matches(one, wanted) for wanted in select)
        return is_selected and not any(matches(one, wanted) for wanted in ignore)

    return is_chosen
