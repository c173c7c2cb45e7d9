"""
The report as JSON, for programs. docs/guides/ci.md describes the shape.

``version`` grows when a key changes its meaning or goes; new keys come without that. Lines and
columns count from 1, in characters; ``start`` and ``end`` are offsets into the decoded file.
"""

import json
from typing import Any

from praxis import __version__
from praxis.audit.findings import Finding, Place, Problem
from praxis.audit.fingerprint import fingerprints
from praxis.audit.outcome import Outcome
from praxis.audit.report.counts import count_by_rule
from praxis.audit.report.heading import settings_module

FORMAT = 1


def dump(outcome: Outcome) -> str:
    """The document; ASCII only, so that nothing in it can reach a terminal as a control."""
    return json.dumps(document(outcome), indent=2)


def document(outcome: Outcome) -> dict[str, Any]:
    """The document as plain values."""
    root = outcome.audit.root
    marks = fingerprints(outcome.audit.findings)
    return {
        "version": FORMAT,
        "praxis": __version__,
        "project": {
            "root": str(root.folder),
            "evidence": list(root.evidence),
            "settings": settings_module(root.folder) or None,
        },
        "summary": _summary(outcome),
        "findings": [_finding(finding, marks[finding]) for finding in outcome.findings],
        "suppressed": [
            {
                "code": finding.code,
                "rule": finding.rule,
                "path": finding.place.path,
                "line": finding.place.line,
                "reason": comment.reason,
            }
            for finding, comment in outcome.suppressed
        ],
        "stale": [
            {**key._asdict(), "count": count} for key, count in sorted(outcome.stale.items())
        ],
        "problems": [_problem(problem) for problem in outcome.problems],
        "comments": [_problem(problem) for problem in outcome.comments],
    }


def _summary(outcome: Outcome) -> dict[str, Any]:
    audit = outcome.audit
    return {
        "findings": len(outcome.findings),
        "suppressed": len(outcome.suppressed),
        "baselined": len(outcome.baselined),
        "stale": outcome.stale.total(),
        "unchanged": outcome.unchanged_count,
        "below_min_severity": outcome.below_floor_count,
        "files": outcome.file_count,
        "project_files": audit.file_count,
        "project_lines": audit.line_count,
        "cached_files": audit.cached_count,
        "duration_s": round(audit.duration_s, 3),
        "rules": [
            {
                "code": entry.code,
                "rule": entry.rule,
                "severity": entry.worst.value,
                "findings": entry.count,
                "safe_fixes": entry.safe_count,
                "unsafe_fixes": entry.unsafe_count,
            }
            for entry in count_by_rule(outcome.findings)
        ],
    }


def _finding(finding: Finding, fingerprint: str) -> dict[str, Any]:
    cost, fix = finding.cost, finding.fix
    return {
        "code": finding.code,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "message": finding.message,
        **_place(finding.place),
        "symbol": finding.symbol,
        "snippet": finding.snippet,
        "fingerprint": fingerprint,
        "cost": None if cost is None else {"per_row": cost.per_row, "rows": cost.rows},
        "steps": [{**_place(step.place), "note": step.note} for step in finding.steps],
        "fix": None
        if fix is None
        else {
            "title": fix.title,
            "safety": fix.safety.value,
            "edits": [
                {"path": edit.path, "start": edit.start, "end": edit.end, "text": edit.text}
                for edit in fix.edits
            ],
        },
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "start": place.start,
        "end": place.end,
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {"path": problem.path, "line": problem.line or None, "message": problem.message}
