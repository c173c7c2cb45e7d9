"""What is told of an audit: narrowed to new findings, bad enough ones, or changed lines."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from praxis.audit.baseline import Baseline
from praxis.audit.config import Config
from praxis.audit.engine import Audit
from praxis.audit.facts.sources import Role, Root
from praxis.audit.findings import Finding, Problem, Severity
from praxis.audit.fingerprint import Key
from praxis.audit.registry import find_rule, rules
from praxis.audit.selection import Selection
from praxis.audit.suggestion import did_you_mean
from praxis.audit.suppression import Suppression

if TYPE_CHECKING:  # it starts programs, and few runs need it
    from praxis.audit.changes import Changes


@dataclass(frozen=True, slots=True)
class Request:
    """Which findings are asked for."""

    floor: Severity = Severity.NOTE
    baseline: Baseline | None = None
    changes: "Changes | None" = None


@dataclass(slots=True)
class Outcome:
    """An audit as it is reported; *findings* is what counts, the rest says what was left out."""

    audit: Audit
    config: Config
    findings: list[Finding] = field(default_factory=list)
    baselined: list[Finding] = field(default_factory=list)
    stale: Counter[Key] = field(default_factory=Counter)
    #: Suppressing comments that silence nothing, and why.
    comments: list[Problem] = field(default_factory=list)
    below_floor_count: int = 0
    unchanged_count: int = 0
    file_count: int = 0

    @property
    def problems(self) -> list[Problem]:
        """What could not be read."""
        return self.audit.problems

    @property
    def suppressed(self) -> list[tuple[Finding, Suppression]]:
        """What a comment silences, and the comment."""
        return self.audit.suppressed

    @property
    def unread(self) -> list[Problem]:
        """The problems that make a run fail: files of tests may be broken on purpose."""
        return [
            problem
            for problem in self.problems
            if self.audit.project.role(problem.path) is not Role.TEST
        ]

    @property
    def exit_code(self) -> int:
        """0 where nothing was found and everything could be read, else 1."""
        return 1 if self.findings or self.unread else 0


def settle(audit: Audit, config: Config, request: Request) -> Outcome:
    """Narrow *audit* down to what was asked for."""
    outcome = Outcome(audit, config)
    new = audit.findings
    if request.baseline is not None:
        new, outcome.baselined = request.baseline.split(_by_place(audit.findings))
        new.sort(key=Finding.order)
        outcome.stale = request.baseline.stale(audit.findings, looked_at(config, audit.root))
    changed = [
        finding for finding in new if request.changes is None or request.changes.touch(finding)
    ]
    outcome.unchanged_count = len(new) - len(changed)
    outcome.findings = [
        finding for finding in changed if finding.severity.rank <= request.floor.rank
    ]
    outcome.below_floor_count = len(changed) - len(outcome.findings)
    outcome.comments = list(_idle_comments(audit, config))
    outcome.file_count = sum(audit.root.covers(path) for path in audit.project.summaries)
    return outcome


def _by_place(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: (finding.place, finding.code))


def looked_at(config: Config, root: Root) -> Callable[[Key], bool]:
    """Tell whether this run could have found what a baseline's entry stands for."""
    selection = Selection(config)
    known = {rule.code for rule in rules()}
    return lambda key: (selection.runs(key.rule) or key.rule not in known) and root.covers(key.path)


def _idle_comments(audit: Audit, config: Config) -> Iterator[Problem]:
    """What is wrong with the suppressing comments: they would mislead the next reader."""
    selection = Selection(config)
    unused = {(path, comment.written) for path, comment in audit.unused}
    for path, summary in audit.project.summaries.items():
        if not audit.root.covers(path):
            continue
        for comment in summary.suppressions:
            if not comment.rules:
                yield Problem(
                    path,
                    comment.written,
                    "this comment silences nothing: name the rule, as in "
                    "# praxis: ignore[count_to_test_existence] why it is right here",
                )
                continue
            named = [(name, find_rule(name)) for name in comment.rules]
            for name, rule in named:
                if rule is None:
                    yield Problem(path, comment.written, f"{name} is no rule{did_you_mean(name)}")
            if (path, comment.written) not in unused:
                continue
            if config.require_reason and not comment.reason:
                yield Problem(
                    path, comment.written, "silences nothing without a reason: add it after the ]"
                )
            elif all(rule is not None and selection.runs(rule.code) for _, rule in named):
                yield Problem(
                    path,
                    comment.written,
                    f"unused: {', '.join(comment.rules)} finds nothing here; remove the comment",
                )
