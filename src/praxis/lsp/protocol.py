"""
Findings in the words of the Language Server Protocol, as plain values.

Source: https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from praxis.audit.findings import Edit, Finding, Place, Problem, Safety, Severity
from praxis.audit.registry import find_rule
from praxis.audit.report.rule_page import page, source_url
from praxis.audit.silencing import silence
from praxis.lsp.positions import Positions, Range
from praxis.lsp.project import Snapshot

Value = dict[str, Any]

SOURCE = "praxis"
_SEVERITIES = {Severity.ERROR: 1, Severity.WARNING: 2, Severity.NOTE: 3}
_INFORMATION = 3
_SAFETIES = {Safety.SAFE: "", Safety.UNSAFE: " (unsafe: may change what the code does)"}
_REASON = "say why it is right here"


@dataclass(slots=True)
class Translator:
    """
    Speaks of one snapshot.

    Args:
        snapshot: What was found.
        encoding: What positions count in; see `praxis.lsp.positions.UNITS`.
        uri_of: The address of a path of the project.
        version_of: The version of an open document that the snapshot is about; None where it
            is not open.
        is_current: Whether the document at a path is still what was audited.
        names_versions: Whether the editor takes edits with the versions they are for.
    """

    snapshot: Snapshot
    encoding: str
    uri_of: Callable[[str], str]
    version_of: Callable[[str], int | None]
    is_current: Callable[[str], bool]
    names_versions: bool = False
    _positions: dict[str, Positions | None] = field(default_factory=dict)

    def positions(self, path: str) -> Positions | None:
        """Positions in a file as it was audited; None where that is not known."""
        if path not in self._positions:
            text = self.snapshot.text(path)
            self._positions[path] = None if text is None else Positions(text, self.encoding)
        return self._positions[path]

    def diagnostics(self, path: str) -> list[Value]:
        """All that is found in the file at *path*."""
        found = self.snapshot.findings.get(path, ())
        return [value for finding in found if (value := self.diagnostic(finding)) is not None]

    def diagnostic(self, finding: Finding) -> Value | None:
        """The finding, with the steps that lead to it as related places."""
        where = self._range(finding.place)
        if where is None:
            return None
        cost = f" ({finding.cost})" if finding.cost is not None else ""
        value: Value = {
            "range": where,
            "severity": _SEVERITIES[finding.severity],
            "code": finding.code,
            "source": SOURCE,
            "message": f"{finding.message}{cost}",
            "data": {"rule": finding.rule},
        }
        rule = find_rule(finding.code)
        address = source_url(rule) if rule is not None else None
        if address is not None:
            value["codeDescription"] = {"href": address}
        related = list(self._related(finding))
        if related:
            value["relatedInformation"] = related
        return value

    def _related(self, finding: Finding) -> Iterator[Value]:
        for step in finding.steps:
            where = self._range(step.place)
            if where is not None and step.place != finding.place:
                location = {"uri": self.uri_of(step.place.path), "range": where}
                yield {"location": location, "message": step.note}

    def hover(self, path: str, line: int, character: int) -> Value | None:
        """All about the rules that speak at a position."""
        positions = self.positions(path)
        if positions is None:
            return None
        offset = positions.offset(line, character)
        found = [
            finding
            for finding in self.snapshot.findings.get(path, ())
            if finding.place.start <= offset <= finding.place.end
        ]
        texts = [text for finding in found if (text := _explained(finding))]
        if not texts:
            return None
        narrowest = min(found, key=lambda finding: finding.place.end - finding.place.start)
        return {
            "contents": {"kind": "markdown", "value": "\n\n---\n\n".join(texts)},
            "range": self._range(narrowest.place),
        }

    def actions(self, path: str, asked: Range) -> list[Value]:
        """What can be done about the findings that touch a range: fixes, and comments."""
        positions = self.positions(path)
        if positions is None:
            return []
        start = positions.offset(**asked["start"])
        end = positions.offset(**asked["end"])
        found = [
            finding
            for finding in self.snapshot.findings.get(path, ())
            if finding.place.start <= end and start <= finding.place.end
        ]
        return [*self._fixes(found), *self._silencers(found)]

    def _fixes(self, findings: Iterable[Finding]) -> Iterator[Value]:
        for finding in findings:
            fix = finding.fix
            if fix is None or not fix.edits:
                continue
            title = f"{fix.title[:1].upper()}{fix.title[1:]}{_SAFETIES[fix.safety]}"
            action = self._action(title, finding, fix.edits)
            if action is not None:
                action["isPreferred"] = fix.safety is Safety.SAFE
                yield action

    def _silencers(self, findings: Iterable[Finding]) -> Iterator[Value]:
        reason = _REASON if self.snapshot.config.require_reason else ""
        for finding in findings:
            path = finding.place.path
            text = self.snapshot.text(path)
            edit = silence(text, self.snapshot.kind(path), finding, reason) if text else None
            if edit is not None:
                title = f"Silence {finding.rule} here with a comment"
                action = self._action(title, finding, (edit,))
                if action is not None:
                    yield action

    def _action(self, title: str, finding: Finding, edits: Iterable[Edit]) -> Value | None:
        changes: dict[str, list[Value]] = {}
        for edit in dict.fromkeys(edits):
            positions = self.positions(edit.path)
            if positions is None or not self.is_current(edit.path):
                return None  # typed over since: the next audit knows more
            where = positions.range(edit.start, edit.end)
            changes.setdefault(edit.path, []).append({"range": where, "newText": edit.text})
        return {
            "title": f"Praxis: {title}",
            "kind": "quickfix",
            "diagnostics": [self.diagnostic(finding)],
            "edit": self._workspace_edit(changes),
        }

    def _workspace_edit(self, changes: dict[str, list[Value]]) -> Value:
        if not self.names_versions:
            return {"changes": {self.uri_of(path): edits for path, edits in changes.items()}}
        return {
            "documentChanges": [
                {
                    "textDocument": {"uri": self.uri_of(path), "version": self.version_of(path)},
                    "edits": edits,
                }
                for path, edits in changes.items()
            ]
        }

    def _range(self, place: Place) -> Range | None:
        positions = self.positions(place.path)
        return None if positions is None else positions.range(place.start, place.end)


def problem(found: Problem) -> Value:
    """A file that could not be read."""
    line = max(found.line - 1, 0)
    return {
        "range": {
            "start": {"line": line, "character": 0},
            "end": {"line": line + 1, "character": 0},
        },
        "severity": _INFORMATION,
        "source": SOURCE,
        "message": found.message,
    }


def _explained(finding: Finding) -> str:
    rule = find_rule(finding.code)
    if rule is None:
        return ""
    cost = f" Cost: {finding.cost}." if finding.cost is not None else ""
    return f"{finding.message}{cost}\n\n{page(rule)}"
