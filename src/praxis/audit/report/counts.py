"""Findings counted by rule, with how many of each can be mended."""

from collections.abc import Iterable
from dataclasses import dataclass

from praxis.audit.findings import Finding, Safety, Severity


@dataclass(slots=True)
class RuleCount:
    """One rule's findings; *worst* is the severest of them."""

    code: str
    rule: str
    worst: Severity = Severity.NOTE
    count: int = 0
    safe_count: int = 0
    unsafe_count: int = 0

    def add(self, finding: Finding) -> None:
        self.count += 1
        self.worst = min(self.worst, finding.severity, key=lambda severity: severity.rank)
        if finding.fix is not None:
            self.safe_count += finding.fix.safety is Safety.SAFE
            self.unsafe_count += finding.fix.safety is Safety.UNSAFE


def count_by_rule(findings: Iterable[Finding]) -> list[RuleCount]:
    """The severest rules first, the most frequent of them first."""
    counts: dict[str, RuleCount] = {}
    for finding in findings:
        counts.setdefault(finding.code, RuleCount(finding.code, finding.rule)).add(finding)
    return sorted(counts.values(), key=lambda entry: (entry.worst.rank, -entry.count, entry.code))


def number(count: int, noun: str) -> str:
    """``1 finding``, ``1,200 findings``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
