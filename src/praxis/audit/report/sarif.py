"""
The report as SARIF 2.1.0, for code scanning.

The chain that leads to a finding is a code flow, a fix a list of replacements, and what could
not be read a notification of the run.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

import json
import os
from itertools import groupby
from typing import Any
from urllib.parse import quote

from praxis import __version__
from praxis.audit.findings import Confidence, Edit, Finding, Fix, Place, Problem
from praxis.audit.fingerprint import fingerprints
from praxis.audit.outcome import Outcome
from praxis.audit.project import Project
from praxis.audit.registry import Rule, rules
from praxis.audit.report.rule_page import source_url
from praxis.errors import ProjectError

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_ROOT = "%SRCROOT%"
_FINGERPRINT = "praxisFinding/v1"
_PRECISION = {Confidence.CERTAIN: "very-high", Confidence.LIKELY: "high"}


def dump(outcome: Outcome) -> str:
    """The document; ASCII only, so that nothing in it can reach a terminal as a control."""
    return json.dumps(document(outcome), indent=2)


def document(outcome: Outcome) -> dict[str, Any]:
    """The document as plain values."""
    audit = outcome.audit
    spoken = {finding.code for finding in outcome.findings}
    described = [rule for rule in rules() if rule.code in spoken]
    index = {rule.code: number for number, rule in enumerate(described)}
    marks = fingerprints(audit.findings)
    run = {
        "tool": {
            "driver": {
                "name": "Praxis",
                "semanticVersion": __version__,
                "rules": [_rule(rule) for rule in described],
                "notifications": [
                    {"id": "not-read", "shortDescription": {"text": "Not read, or a failure."}},
                    {
                        "id": "idle-comment",
                        "shortDescription": {"text": "A comment that silences nothing."},
                    },
                ],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"uri": f"{audit.root.folder.as_uri().rstrip('/')}/"}},
        "invocations": [
            {
                "executionSuccessful": True,
                "exitCode": outcome.exit_code,
                "toolExecutionNotifications": [
                    *(_notification("not-read", "error", entry) for entry in outcome.problems),
                    *(_notification("idle-comment", "note", entry) for entry in outcome.comments),
                ],
            }
        ],
        "results": [
            _result(audit.project, finding, index[finding.code], marks[finding])
            for finding in outcome.findings
        ],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    described: dict[str, Any] = {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("_")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "help": {"text": rule.doc.strip(), "markdown": rule.doc.strip()},
        "defaultConfiguration": {"level": rule.severity.value},
        "properties": {"tags": [rule.subject], "name": rule.name},
    }
    source = source_url(rule)
    if source is not None:
        described["helpUri"] = source
    return described


def _result(project: Project, finding: Finding, index: int, mark: str) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": _physical(finding.place)}
    if finding.symbol:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.symbol}]
    properties: dict[str, Any] = {
        "confidence": finding.confidence.value,
        "precision": _PRECISION[finding.confidence],
    }
    if finding.cost is not None:
        properties["cost"] = str(finding.cost)
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": finding.severity.value,
        "message": {"text": finding.message},
        "locations": [location],
        "partialFingerprints": {_FINGERPRINT: mark},
        "properties": properties,
    }
    if finding.steps:
        chain = [(step.place, step.note) for step in finding.steps]
        if chain[-1][0] != finding.place:
            chain.append((finding.place, finding.message))
        locations = [
            {"location": {"physicalLocation": _physical(place), "message": {"text": note}}}
            for place, note in chain
        ]
        result["codeFlows"] = [{"threadFlows": [{"locations": locations}]}]
    fix = _fix(project, finding.fix) if finding.fix is not None else None
    if fix is not None:
        result["fixes"] = [fix]
    return result


def _fix(project: Project, fix: Fix) -> dict[str, Any] | None:
    def path_of(edit: Edit) -> str:
        return edit.path

    try:
        changes = [
            {
                "artifactLocation": _artifact(path),
                "replacements": [
                    {
                        "deletedRegion": _region(project.place(path, edit.start, edit.end)),
                        "insertedContent": {"text": edit.text},
                    }
                    for edit in edits
                ],
            }
            for path, edits in groupby(sorted(fix.edits, key=path_of), path_of)
        ]
    except ProjectError:
        return None  # the file is gone or changed: told without its fix
    description = {"text": f"{fix.title} ({fix.safety.value})"}
    return {"description": description, "artifactChanges": changes} if changes else None


def _notification(kind: str, level: str, problem: Problem) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(problem.path)}
    if problem.line:
        physical["region"] = {"startLine": problem.line}
    return {
        "descriptor": {"id": kind},
        "level": level,
        "message": {"text": problem.message},
        "locations": [{"physicalLocation": physical}],
    }


def _physical(place: Place) -> dict[str, Any]:
    return {"artifactLocation": _artifact(place.path), "region": _region(place)}


def _artifact(path: str) -> dict[str, Any]:
    return {"uri": quote(os.fsencode(path), safe="/"), "uriBaseId": _ROOT}


def _region(place: Place) -> dict[str, Any]:
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }
