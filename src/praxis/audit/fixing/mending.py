"""A whole run: plan, write, have it verified, and leave nothing that was not."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from praxis.audit.fixing.command import Outcome
from praxis.audit.fixing.journal import Journal
from praxis.audit.fixing.marks import Mark
from praxis.audit.fixing.planning import Applied, Auditor, Change, Choice, Plan, make_plan
from praxis.audit.fixing.verification import Search, Units
from praxis.audit.fixing.workspace import Workspace
from praxis.errors import FixError

#: Runs the user's check; the text says what it is run for.
Check = Callable[[str], Outcome]
#: Told of the plan before anything is run or written.
Announce = Callable[[Plan], None]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A fix that the user's check did not bear; without an outcome it went with another."""

    applied: Applied
    outcome: Outcome | None


@dataclass(slots=True)
class Mended:
    """How a run ended: what is on the disk, and what is not."""

    plan: Plan
    taken_back: list[TakenBack] = field(default_factory=list)
    #: Where the check failed before anything was changed, or in the end.
    failure: Outcome | None = None
    check_count: int = 0


def mend(auditor: Auditor, choice: Choice, journal: Journal, announce: Announce) -> Mended:
    """
    Apply every fix of *choice* that can be.

    Raises:
        FixError: if the journal cannot be kept; nothing was changed.
    """
    plan = make_plan(auditor, choice)
    if not plan.changes:
        return Mended(plan)
    announce(plan)
    with _run(journal, "") as workspace:
        plan = _show(auditor, choice, plan, workspace)
        return Mended(plan)


def mend_verified(
    auditor: Auditor,
    choice: Choice,
    journal: Journal,
    command: str,
    check: Check,
    announce: Announce,
) -> Mended:
    """
    Apply the fixes that the user's check bears.

    The check must pass before anything is changed, else nothing is; and it has passed on
    exactly what stays. Whatever ends the run early (Ctrl-C too) leaves only what has passed.

    Raises:
        FixError: if the journal cannot be kept, or a file changes during the run.
    """
    plan = make_plan(auditor, choice)
    if not plan.changes:
        return Mended(plan)
    announce(plan)
    before = check("before anything is changed")
    if not before.passed:
        return Mended(_without_changes(plan), failure=before, check_count=1)
    with _run(journal, command) as workspace:
        plan = _show(auditor, choice, plan, workspace)
        verification = _Verification(auditor, choice, plan, workspace, check)
        return verification.run()


@contextmanager
def _run(journal: Journal, command: str) -> Iterator[Workspace]:
    """
    A run in the journal; it is forgotten where it left nothing changed.

    Where it ends by an error that left more than what may stay, the journal keeps it open, and
    the next start will tell.
    """
    journal.begin(command)
    workspace = Workspace(journal)
    try:
        yield workspace
        workspace.settled = True
    finally:
        if not workspace.changed:
            journal.close()
        elif workspace.settled:
            journal.finish(workspace.changed)


def _show(auditor: Auditor, choice: Choice, plan: Plan, workspace: Workspace) -> Plan:
    """Write the plan; without the files that cannot be, until the rest can."""
    blocked = dict(choice.blocked)
    while reasons := workspace.show(plan.changes):
        if reasons.keys() <= blocked.keys():
            raise FixError("; ".join(reasons.values()))
        blocked |= reasons
        plan = make_plan(auditor, replace(choice, blocked=blocked))
    return plan


def _without_changes(plan: Plan) -> Plan:
    return Plan(plan.first_audit, plan.first_audit, refused=plan.refused)


class _Verification:
    """The search for what may stay; the disk always holds what is being checked."""

    def __init__(
        self, auditor: Auditor, choice: Choice, plan: Plan, workspace: Workspace, check: Check
    ) -> None:
        self._auditor, self._choice, self._check = auditor, choice, check
        self._full, self._workspace = plan, workspace
        self._verified = _without_changes(plan)
        self._outcomes: dict[tuple[tuple[str, bytes], ...], Outcome] = {}
        self._check_count = 1  # the one before anything was changed

    def run(self) -> Mended:
        """Check, search if need be, and check what stays."""
        try:
            return self._search()
        finally:
            # also after Ctrl-C: nothing stays that has not passed
            reasons = self._workspace.retreat(self._verified.changes)
            self._workspace.settled = True
            if reasons:
                raise FixError("; ".join(reasons.values()))

    def _search(self) -> Mended:
        everything = self._try(self._full, "with everything applied")
        if everything.passed:
            return Mended(self._full, check_count=self._check_count)
        search = Search(self._try_just)
        kept = search.run([one.mark for one in self._full.applied], everything)
        plan = self._plan(kept)
        last = self._try(plan, "with what stays") if plan.changes else None
        failure = last if last is not None and not last.passed else None
        if failure is not None:
            plan = self._verified = _without_changes(self._full)
        left = {one.mark for one in plan.applied}
        taken_back = [
            TakenBack(one, search.rejected.get(one.mark))
            for one in self._full.applied
            if one.mark not in left
        ]
        return Mended(plan, taken_back, failure, self._check_count)

    def _try_just(self, marks: Units) -> Outcome:
        count = len(marks)
        return self._try(self._plan(marks), f"with {count} fix{'es' if count != 1 else ''}")

    def _plan(self, marks: Units) -> Plan:
        wanted = frozenset(marks)
        alike: dict[tuple[str, str], list[Mark]] = {}
        for one in self._full.applied:
            alike.setdefault((one.mark.code, one.mark.path), []).append(one.mark)

        def allows(mark: Mark) -> bool:
            if mark in wanted:
                return True
            known = alike.get((mark.code, mark.path), [])
            # in another plan a finding may be found in other surroundings
            same = [other for other in known if other.meets(mark)]
            return mark not in known and bool(same) and wanted.issuperset(same)

        return make_plan(
            self._auditor,
            replace(self._choice, allows=allows, originals=self._workspace.originals),
            self._full.first_audit,
        )

    def _try(self, plan: Plan, purpose: str) -> Outcome:
        """Check a plan on the disk, unless the very same contents have been checked."""
        key = tuple((change.path, change.after) for change in plan.changes.values())
        if not key:
            return Outcome(passed=True, ending="passed unchanged", tail="", duration_s=0.0)
        if key not in self._outcomes:
            self._write(plan.changes)
            self._check_count += 1
            self._outcomes[key] = self._check(purpose)
        outcome = self._outcomes[key]
        if outcome.passed:
            self._verified = plan
        return outcome

    def _write(self, changes: Mapping[str, Change]) -> None:
        reasons = self._workspace.show(changes)
        if reasons:
            raise FixError("; ".join(reasons.values()))
