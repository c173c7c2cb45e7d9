"""Asks each target each of its checks, in its time, and keeps what came of it."""

import importlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from praxis.audit.findings import Severity
from praxis.audit.registry import bug_of
from praxis.doctor.budget import OverBudgetError, within
from praxis.doctor.findings import Finding
from praxis.doctor.limits import Limits
from praxis.doctor.registry import Check, checks
from praxis.doctor.site import Site
from praxis.doctor.targets import Target
from praxis.errors import MissingLibraryError, NotAnsweredError, UnreachableError

BUDGET_S = 10.0
#: So many findings of one check about one server: forty tables of one mistake teach no more.
MAX_EACH = 20

_SESSIONS = {
    "postgres": "praxis.doctor.postgres.psycopg_session",
    "redis": "praxis.doctor.redis.redis_session",
    "broker": "praxis.doctor.broker.redis_session",
    "web": "praxis.doctor.web.http_session",
    "host": "praxis.doctor.host.proc_session",
}


class Session(Protocol):
    """A conversation with one server."""

    @property
    def is_broken(self) -> bool:
        """Whether no more can be asked in it."""

    def abort(self) -> None:
        """Let a question that waits for its answer fail; called from another thread."""

    def close(self) -> None:
        """End it."""


class Unanswered(Struct, frozen=True):
    """A server that was not reached, or a check that it did not answer."""

    where: str
    check: str  # empty for the server as a whole
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {f'{self.check}: ' if self.check else ''}{self.reason}"


@dataclass(slots=True)
class Examination:
    """
    What came of it.

    Attributes:
        targets: All that were to be asked.
        reached: The addresses of those that answered at all.
        findings: The severest first.
        unanswered: What is not known.
        asked_count: Checks that were answered.
        left_out_count: Findings that stand for no more than those of the same check did.
        duration_s: Seconds that it took.
    """

    targets: Sequence[Target]
    reached: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    unanswered: list[Unanswered] = field(default_factory=list)
    asked_count: int = 0
    left_out_count: int = 0
    duration_s: float = 0.0

    def by_server(self) -> list[tuple[str, list[Finding]]]:
        """The findings of each server that has any, in the order in which they were named."""
        servers = dict.fromkeys(target.where for target in self.targets)
        found = {where: [one for one in self.findings if one.where == where] for where in servers}
        return [(where, findings) for where, findings in found.items() if findings]

    @property
    def exit_code(self) -> int:
        """0: nothing found; 1: findings, or questions without an answer; 2: nobody was reached."""
        if not self.reached:
            return 2
        return 1 if self.findings or self.unanswered else 0


def examine(
    targets: Iterable[Target],
    *,
    site: Site | None = None,
    limits: Limits | None = None,
    budget_s: float = BUDGET_S,
    is_wanted: Callable[[Check], bool] = lambda _: True,
    tell: Callable[[int, int], None] = lambda _done, _all: None,
) -> Examination:
    """
    Ask every target every wanted check of its kind, one after the other.

    Args:
        targets: What to ask.
        site: What is known of the processes that use them.
        limits: From where on something is told.
        budget_s: Seconds for each check, and for each connection.
        is_wanted: Which checks are asked.
        tell: Called with the checks done and all there are.
    """
    started = time.monotonic()
    examination = Examination(list(targets))
    plan = [
        (target, [one for one in checks(target.server) if is_wanted(one)])
        for target in examination.targets
    ]
    total = sum(len(wanted) for _, wanted in plan)
    done = 0
    for target, wanted in plan:
        asking = _Asking(target, site or Site(), limits or Limits(), budget_s, examination)
        for _ in asking.each(wanted):
            done += 1
            tell(done, total)
    examination.findings.sort(key=_order)
    examination.duration_s = time.monotonic() - started
    return examination


def _order(finding: Finding) -> tuple[int, str, str, str]:
    return (_severity(finding).rank, finding.where, finding.code, finding.check)


def _severity(finding: Finding) -> Severity:
    return finding.severity or Severity.WARNING


class _Asking:
    """The questions to one target, over as many connections as it takes."""

    def __init__(
        self,
        target: Target,
        site: Site,
        limits: Limits,
        budget_s: float,
        examination: Examination,
    ) -> None:
        self._target, self._site, self._limits = target, site, limits
        self._budget_s, self._examination = budget_s, examination
        self._session: Session | None = None

    def each(self, wanted: Sequence[Check]) -> Iterator[Check]:
        """Ask one after the other; yields each that is done."""
        try:
            self._session = self._connect()
        except UnreachableError as error:
            self._unanswered("", str(error))
            yield from wanted
            return
        self._examination.reached.append(self._target.where)
        try:
            for index, one in enumerate(wanted):
                if not self._is_connected(len(wanted) - index):
                    yield from wanted[index:]
                    return
                self._ask(one)
                yield one
        finally:
            self._hang_up()

    def _connect(self) -> Session:
        try:
            open_session = importlib.import_module(_SESSIONS[self._target.server]).connect
        except MissingLibraryError as error:
            raise UnreachableError(str(error)) from error

        def work() -> Session:
            session: Session = open_session(
                self._target, self._site, self._limits, budget_s=self._budget_s
            )
            return session

        try:
            return within(self._budget_s + 1, work, abort=lambda: None)
        except OverBudgetError:
            raise UnreachableError(f"no answer in {self._budget_s:g} s") from None

    def _is_connected(self, left: int) -> bool:
        """Connect anew after a question that broke the connection; say so if that fails."""
        if self._session is not None and not self._session.is_broken:
            return True
        self._hang_up()
        try:
            self._session = self._connect()
        except UnreachableError as error:
            self._unanswered("", f"{error}; {left} checks were not asked")
            return False
        return True

    def _ask(self, one: Check) -> None:
        session = self._session
        if session is None:
            raise LookupError("asked without a connection")
        try:
            found = within(self._budget_s, lambda: list(one.ask(session)), abort=session.abort)
        except OverBudgetError:
            self._hang_up()
            self._unanswered(one.name, f"no answer in {self._budget_s:g} s")
        except NotAnsweredError as error:
            self._unanswered(one.name, str(error))
        except Exception as error:  # noqa: BLE001 - one broken check must not hide the others
            self._unanswered(one.name, bug_of("failed", "", error).message)
        else:
            self._examination.asked_count += 1
            self._examination.left_out_count += len(found[MAX_EACH:])
            self._examination.findings += [self._signed(one, each) for each in found[:MAX_EACH]]

    def _signed(self, one: Check, finding: Finding) -> Finding:
        return replace(
            finding,
            code=one.code,
            check=one.name,
            where=self._target.where,
            severity=finding.severity or one.severity,
        )

    def _unanswered(self, name: str, reason: str) -> None:
        self._examination.unanswered.append(Unanswered(self._target.where, name, reason))

    def _hang_up(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            _close(session)


def _close(session: Any) -> None:
    """Close it in a thread: with some servers a goodbye waits for an answer."""
    with suppress(Exception):  # it is over either way
        within(1.0, session.close, abort=session.abort)
