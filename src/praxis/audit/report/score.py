"""
A score for each subject, so that a project can be compared with itself.

``100 / (1 + d)``, rounded, where *d* are the findings for each 1,000 lines: a warning counts as
one, an error as three, three notes as one. So nothing found is 100, one warning in every 1,000
lines 50, three 25. Lines of tests and migrations do not count, since most rules leave them
alone, and a project counts as having 1,000 lines at least. All that was found counts, also what
a baseline knows or ``--diff`` leaves out, but for what a comment silences. 100 is kept for
nothing found.

It says nothing of what no rule looks for, and does not compare projects of different kinds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from praxis.audit.facts.sources import Role
from praxis.audit.findings import Severity
from praxis.audit.outcome import Outcome
from praxis.audit.registry import Rule, rules
from praxis.audit.selection import Selection

POINTS = {Severity.ERROR: Fraction(3), Severity.WARNING: Fraction(1), Severity.NOTE: Fraction(1, 3)}
MIN_LINES = 1_000
_UNCOUNTED = frozenset({Role.TEST, Role.MIGRATION})


@dataclass(frozen=True, slots=True)
class SubjectScore:
    """One subject: its score of 100, its findings, and how many of its rules looked."""

    subject: str
    score: int
    finding_count: int
    rule_count: int


def scored_lines(outcome: Outcome) -> int:
    """The lines that the score is worked out from."""
    audit = outcome.audit
    return sum(
        summary.line_count
        for path, summary in audit.project.summaries.items()
        if audit.root.covers(path) and summary.role not in _UNCOUNTED
    )


def score_subjects(outcome: Outcome) -> list[SubjectScore]:
    """Every subject of which a rule ran, the lowest score first."""
    subject_of = {rule.code: rule.subject for rule in rules()}
    severities: dict[str, list[Severity]] = {}
    for finding in outcome.audit.findings:
        severities.setdefault(subject_of[finding.code], []).append(finding.severity)
    lines = scored_lines(outcome)
    scores = []
    for subject, rule_count in _running(Selection(outcome.config), rules()).items():
        found = severities.get(subject, [])
        scores.append(SubjectScore(subject, score(found, lines), len(found), rule_count))
    return sorted(scores, key=lambda entry: (entry.score, -entry.finding_count, entry.subject))


def score(severities: Iterable[Severity], line_count: int) -> int:
    """The score of findings of these severities in so many lines."""
    points = sum((POINTS[severity] for severity in severities), Fraction(0))
    density = points * 1000 / max(line_count, MIN_LINES)
    worth = round(100 / (1 + density))
    return min(worth, 99) if points else 100


def _running(selection: Selection, known: Iterable[Rule]) -> dict[str, int]:
    """How many rules of each subject ran."""
    counts: dict[str, int] = {}
    for rule in known:
        if selection.runs(rule.code):
            counts[rule.subject] = counts.get(rule.subject, 0) + 1
    return counts
