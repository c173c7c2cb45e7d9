"""
Which fixes are applied: round after round, until nothing more can be.

A round takes the fixes that do not touch each other's text, the worst finding's first; the
result is checked and audited again, and those that waited get their turn with offsets that are
right for it. A fix that leaves its finding as it was (not one that spares some of its queries), or
brings one back that was mended, is taken back: the whole plan is then made anew without it, so
that no trace of it stays.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from praxis.audit.editing.edits import overlap, with_line_ends_of
from praxis.audit.engine import Audit
from praxis.audit.facts.parsing import decode
from praxis.audit.facts.sources import digest_of, read_bytes
from praxis.audit.findings import Edit, Finding, Problem, Safety
from praxis.audit.fixing.drafts import Draft
from praxis.audit.fixing.marks import Mark, mark_of
from praxis.audit.fixing.writing import real_path, refusal_to_write
from praxis.errors import FixError

#: Rounds of one plan. Fixes that insert at one place take a round each; more wait for another run.
MAX_ROUNDS = 25
#: Plans made anew without the fixes that undo each other, before giving up.
_MAX_ATTEMPTS = 50

Auditor = Callable[[Mapping[str, bytes]], Audit]


@dataclass(frozen=True, slots=True)
class Change:
    """What a file held when it was read, and what it will hold; *path* is never a link."""

    path: str
    before: bytes
    after: bytes


@dataclass(slots=True)
class Applied:
    """A fix that was applied; *mark* tells it again in another plan."""

    finding: Finding
    mark: Mark
    edits: tuple[Edit, ...]
    #: Where the finding stood in the file as it was read.
    line: int
    #: How much there is of this mark right after it: where it is more later, one came back.
    remaining: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """A finding whose fix was not applied, and why."""

    finding: Finding
    reason: str


@dataclass(slots=True)
class Plan:
    """What would be changed, by which fixes; nothing of it is on the disk."""

    first_audit: Audit
    last_audit: Audit
    changes: dict[str, Change] = field(default_factory=dict)
    applied: list[Applied] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    #: Unsafe fixes that were not asked for.
    unsafe_count: int = 0
    #: Whether there was more to do than `MAX_ROUNDS` allow.
    unfinished: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """
    Which fixes may be part of a plan.

    Attributes:
        unsafe: Whether those too that may change what the code does.
        blocked: Files that cannot be written, with the reason.
        allows: Which marks; all if None.
        originals: What to take for the content of files that a run has changed already.
    """

    unsafe: bool = False
    blocked: Mapping[str, str] = field(default_factory=dict)
    allows: Callable[[Mark], bool] | None = None
    originals: Mapping[str, bytes] = field(default_factory=dict)


def make_plan(auditor: Auditor, choice: Choice, first_audit: Audit | None = None) -> Plan:
    """
    Find out what can be mended.

    Args:
        auditor: Audits the project with other contents for some files.
        choice: Which fixes may be part of it.
        first_audit: Of the files as they are, where it is known already.

    Raises:
        ProjectError: as `praxis.audit.engine.audit`.
        FixError: if fixes undo each other in ever new ways.
    """
    first_audit = first_audit or auditor({})
    taken_back: dict[Mark, str] = {}
    for _ in range(_MAX_ATTEMPTS):
        attempt = _Attempt(auditor, choice, first_audit, taken_back)
        failing = attempt.run()
        if not failing:
            return attempt.plan
        taken_back |= failing
    raise FixError(
        "the fixes undo each other; nothing was changed. Mend one rule at a time with --select, "
        "and please report it: it is a bug in Praxis"
    )


class _Attempt:
    """One plan in the making."""

    def __init__(
        self, auditor: Auditor, choice: Choice, first_audit: Audit, taken_back: dict[Mark, str]
    ) -> None:
        self._auditor, self._choice, self._taken_back = auditor, choice, taken_back
        self._root = first_audit.root.folder
        self._digests = {
            path: summary.digest for path, summary in first_audit.project.summaries.items()
        }
        self._drafts: dict[str, Draft] = {}
        self._real_paths: dict[str, str | None] = {}
        self._blocked = dict(choice.blocked)
        self._refused: dict[Mark, Refused] = {}
        self._unsafe: set[Mark] = set()
        self.plan = Plan(first_audit, first_audit)

    def run(self) -> dict[Mark, str]:
        """Fill the plan; or return the fixes that must be left out, with the reasons."""
        before = self.plan.first_audit
        for _ in range(MAX_ROUNDS):
            chosen = self._choose(before.findings)
            if not chosen:
                break
            found_before = self._marks(before)
            self._apply(chosen)
            after = self._auditor(self._overlay())
            failing = self._failing(chosen, found_before, self._marks(after))
            if failing:
                return failing
            self.plan.applied += chosen
            before = after
        else:
            self.plan.unfinished = bool(self._apart(before.findings))
        self.plan.last_audit = before
        self.plan.refused = list(self._refused.values())
        self.plan.unsafe_count = len(self._unsafe)
        self.plan.changes = {
            path: Change(path, draft.before, draft.after)
            for path, draft in sorted(self._drafts.items())
            if draft.after != draft.before
        }
        return {}

    # Choosing.

    def _choose(self, findings: list[Finding]) -> list[Applied]:
        """The fixes of one round; none only where none is left that could be applied."""
        while apart := self._apart(findings):
            if together := self._together(apart):
                return together
        return []

    def _apart(self, findings: Iterable[Finding]) -> list[Applied]:
        """The fixes that touch nothing of each other, the worst first; the others wait."""
        chosen: list[Applied] = []
        taken: dict[str, list[Edit]] = {}
        for finding in findings:
            if finding.fix is None:
                continue
            mark = self._mark(finding)
            if not self._wanted(finding, mark):
                continue
            edits = self._edits(finding, mark)
            if edits is None or _collide(edits, taken):
                continue
            for edit in edits:
                taken.setdefault(edit.path, []).append(edit)
            draft = self._drafts.get(mark.path)
            line = draft.line_of(mark.start) if draft is not None else finding.place.line
            chosen.append(Applied(finding, mark, edits, line))
        return chosen

    def _wanted(self, finding: Finding, mark: Mark) -> bool:
        if mark in self._refused:
            return False
        unsafe = finding.fix is not None and finding.fix.safety is Safety.UNSAFE
        if unsafe and not self._choice.unsafe:
            self._unsafe.add(mark)
            return False
        if self._choice.allows is not None and not self._choice.allows(mark):
            return False
        if mark in self._taken_back:
            self._refuse(finding, mark, self._taken_back[mark])
            return False
        return True

    def _refuse(self, finding: Finding, mark: Mark, reason: str) -> None:
        self._refused[mark] = Refused(finding, reason)

    def _edits(self, finding: Finding, mark: Mark) -> tuple[Edit, ...] | None:
        """The edits with the real paths and line ends of their files; None where refused."""
        assert finding.fix is not None  # noqa: S101 - the callers looked
        edits: list[Edit] = []
        for edit in finding.fix.edits:
            real = self._real_path(edit.path)
            reason = self._blocked.get(edit.path) if real is None else self._opened(real, edit.path)
            if real is None or reason is not None:
                self._refuse(finding, mark, reason or f"{edit.path} is not of this project")
                return None
            edit = Edit(real, edit.start, edit.end, edit.text)
            edits.append(with_line_ends_of(self._drafts[real].text, edit))
        if not edits:
            self._refuse(finding, mark, "the fix holds no edit")
            return None
        return tuple(dict.fromkeys(edits))

    def _real_path(self, path: str) -> str | None:
        """The file that *path* leads to; None, and blocked, where that is out of reach."""
        if path not in self._real_paths:
            if path in self._digests:
                found = real_path(self._root, path)
            else:
                found = Problem.at_file(path, "is not a file that was read")
            if isinstance(found, Problem):
                self._blocked[path] = str(found)
                self._real_paths[path] = None
            else:
                self._real_paths[path] = found
        return self._real_paths[path]

    def _opened(self, path: str, read_as: str) -> str | None:
        """Take up the file at *path*; or say why it cannot be changed."""
        if path not in self._drafts and path not in self._blocked:
            draft = self._open(path, self._digests[read_as])
            if isinstance(draft, Draft):
                self._drafts[path] = draft
            else:
                self._blocked[path] = draft
        return self._blocked.get(path)

    def _open(self, path: str, digest: str) -> Draft | str:
        reason = refusal_to_write(self._root, path)
        if reason is not None:
            return reason
        data: bytes | Problem | None = self._choice.originals.get(path)
        if data is None:
            data = read_bytes(self._root, path)
        if isinstance(data, Problem):
            return str(data)
        if digest_of(data) != digest:
            return f"{path} changed while it was checked: run praxis fix again"
        decoded = decode(path, data)
        return str(decoded) if isinstance(decoded, Problem) else Draft(path, data, decoded)

    # Applying.

    def _together(self, chosen: list[Applied]) -> list[Applied]:
        """Those of the chosen that together leave every file valid; the others are refused."""
        if all(
            draft.fault(_edits_at(path, chosen)) is None for path, draft in self._drafts.items()
        ):
            return chosen
        good: list[Applied] = []
        for one in chosen:
            paths = dict.fromkeys(edit.path for edit in one.edits)
            faults = (self._drafts[path].fault(_edits_at(path, [*good, one])) for path in paths)
            fault = next((fault for fault in faults if fault is not None), None)
            if fault is None:
                good.append(one)
            else:
                self._refuse(one.finding, one.mark, fault)
        return good

    def _apply(self, chosen: list[Applied]) -> None:
        for path, draft in self._drafts.items():
            edits = _edits_at(path, chosen)
            if edits:
                draft.apply(edits)

    def _overlay(self) -> dict[str, bytes]:
        """The texts as they are now, by every path that leads to them."""
        contents = dict(self._choice.originals)
        contents |= {path: draft.after for path, draft in self._drafts.items()}
        real_paths = ((path, self._real_path(path)) for path in self._digests)
        return {path: contents[real] for path, real in real_paths if real in contents}

    # Looking at the result.

    def _mark(self, finding: Finding) -> Mark:
        path = self._real_path(finding.place.path) or finding.place.path
        return mark_of(finding, self._drafts, path)

    def _marks(self, audit: Audit) -> Counter[Mark]:
        """How much there is of each mark: a finding counts for every query a row that it names."""
        marks: Counter[Mark] = Counter()
        for finding in audit.findings:
            marks[self._mark(finding)] += max(finding.cost.per_row, 1) if finding.cost else 1
        return marks

    def _failing(
        self, chosen: list[Applied], before: Counter[Mark], after: Counter[Mark]
    ) -> dict[Mark, str]:
        """The fixes of this round that did not mend, or undid what an earlier one mended."""
        failing: dict[Mark, str] = {}
        for one in chosen:
            one.remaining = after[one.mark]
            if one.remaining >= before[one.mark]:
                failing[one.mark] = "its edit was taken back: the finding stayed"
            elif any(self._drafts[edit.path].repeats for edit in one.edits):
                failing[one.mark] = "its edit was taken back: it undid the edit of another rule"
        for earlier in self.plan.applied:
            count = after[earlier.mark]
            if count > earlier.remaining:
                culprits = [one for one in chosen if one.mark.shares_code(earlier.mark)]
                for one in culprits or [earlier]:
                    failing[one.mark] = (
                        f"its edit was taken back: with it, {earlier.mark.code} "
                        f"{earlier.finding.rule} came back"
                    )
            earlier.remaining = min(count, earlier.remaining)
        return failing


def _collide(edits: tuple[Edit, ...], taken: Mapping[str, list[Edit]]) -> bool:
    """Whether an edit touches one that is taken."""
    return any(overlap(edit, other) for edit in edits for other in taken.get(edit.path, ()))


def _edits_at(path: str, chosen: Iterable[Applied]) -> list[Edit]:
    return list(dict.fromkeys(edit for one in chosen for edit in one.edits if edit.path == path))
