"""One line a finding: ``path:line:column CODE message``, as editors and grep like it."""

from collections.abc import Iterator

from praxis.audit.outcome import Outcome
from praxis.audit.report.counts import count_by_rule
from praxis.audit.report.paths import Paths
from praxis.audit.report.printable import printable


def lines(outcome: Outcome, paths: Paths, *, statistics: bool = False) -> Iterator[str]:
    """The lines, by place; with *statistics* the counts by rule instead."""
    if statistics:
        for entry in count_by_rule(outcome.findings):
            yield f"{entry.count}\t{entry.code}\t{entry.rule}"
        return
    for finding in sorted(outcome.findings, key=lambda finding: (finding.place, finding.code)):
        yield printable(f"{paths.place(finding.place)} {finding.code} {finding.message}")


def notes(outcome: Outcome, paths: Paths) -> Iterator[str]:
    """What else a reader must know: files that were not read, comments that do nothing."""
    for problem in (*outcome.problems, *outcome.comments):
        yield printable(paths.problem(problem))
