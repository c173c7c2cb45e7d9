"""
The report as GitLab's code quality: findings beside the lines of a merge request.

GitLab reads a part of Code Climate's format and tells new findings from old ones by the
fingerprint alone, which stays the same when the code moves.

Source: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any

from praxis.audit.findings import Finding, Problem, Severity
from praxis.audit.fingerprint import fingerprints
from praxis.audit.outcome import Outcome
from praxis.audit.report.paths import Paths
from praxis.audit.report.printable import printable

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "minor"}


def dump(outcome: Outcome, paths: Paths) -> str:
    """The document; ASCII only, so that nothing in it can reach a terminal as a control."""
    return json.dumps(document(outcome, paths), indent=2)


def document(outcome: Outcome, paths: Paths) -> list[dict[str, Any]]:
    """The document as plain values; *paths* are those of the repository."""
    marks = fingerprints(outcome.audit.findings)
    return [
        *(_finding(finding, marks[finding], paths) for finding in outcome.findings),
        *_problems("not-read", "major", outcome.problems, paths),
        *_problems("idle-comment", "info", outcome.comments, paths),
    ]


def _finding(finding: Finding, mark: str, paths: Paths) -> dict[str, Any]:
    cost = f" Cost: {finding.cost}." if finding.cost is not None else ""
    place = finding.place
    return {
        "description": printable(f"{finding.code}: {finding.message}{cost}"),
        "check_name": finding.rule,
        "fingerprint": mark,
        "severity": _SEVERITIES[finding.severity],
        "location": {
            "path": paths.path(place.path),
            "lines": {"begin": place.line, "end": place.end_line},
        },
    }


def _problems(
    kind: str, severity: str, problems: Iterable[Problem], paths: Paths
) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for problem in problems:
        text = "\0".join((kind, problem.path, problem.message))
        numbered = f"{text}\0{seen[text]}"  # the same thing may be wrong twice in a file
        seen[text] += 1
        mark = blake2b(numbered.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        yield {
            "description": printable(problem.message),
            "check_name": kind,
            "fingerprint": mark,
            "severity": severity,
            "location": {"path": paths.path(problem.path), "lines": {"begin": problem.line or 1}},
        }
