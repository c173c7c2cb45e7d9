"""Telling a finding again after other fixes have moved it."""

from collections.abc import Mapping
from typing import NamedTuple

from praxis.audit.findings import Finding
from praxis.audit.fixing.drafts import Draft


class Mark(NamedTuple):
    """
    A rule's finding by where its code stood in the file as it was read.

    *start* and *end* span the found code together with the edits that touch it.
    """

    code: str
    path: str
    start: int
    end: int

    def meets(self, other: "Mark") -> bool:
        """Whether the two are of one rule and share code."""
        return (self.code, self.path) == (other.code, other.path) and (
            self.start == other.start or (self.start < other.end and other.start < self.end)
        )

    def shares_code(self, other: "Mark") -> bool:
        """Whether the two share code, of whatever rules."""
        return self.meets(other._replace(code=self.code))


def mark_of(finding: Finding, drafts: Mapping[str, Draft], path: str) -> Mark:
    """The mark of a finding in the texts as they are now; *path* is that of the file itself."""
    start, end = finding.place.start, finding.place.end
    for edit in finding.fix.edits if finding.fix else ():
        if edit.path == finding.place.path and edit.start <= end and start <= edit.end:
            start, end = min(start, edit.start), max(end, edit.end)
    draft = drafts.get(path)
    if draft is not None:
        start, end = draft.origin(start, end)
    return Mark(finding.code, path, start, end)
