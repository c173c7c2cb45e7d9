"""What the lines of a fix look like once it is made."""

from bisect import bisect_right
from dataclasses import dataclass

from praxis.audit.editing.edits import apply
from praxis.audit.file import line_starts
from praxis.audit.findings import Edit, Fix, Place

MAX_LINES = 3


@dataclass(frozen=True, slots=True)
class Mended:
    """A line as the fix leaves it; *start* to *end* is where it differs, in characters."""

    number: int
    text: str
    start: int
    end: int


def nearest_edit(fix: Fix, place: Place) -> Edit:
    """The edit that says most: that beside the finding, rather than an import it needs."""
    return min(fix.edits, key=lambda edit: (edit.path != place.path, abs(edit.start - place.start)))


def preview(text: str, fix: Fix, shown: Edit) -> list[Mended]:
    """
    The first lines around *shown*, one of the edits of *fix*, once all of them are made.

    *text* is the file that *shown* is for; none where it has changed since it was read.
    """
    start, end = shown.start, shown.end
    if not 0 <= start <= end <= len(text):
        return []
    starts = line_starts(text)
    number, behind = bisect_right(starts, start), bisect_right(starts, end)
    begin = starts[number - 1]
    stop = starts[behind] if behind < len(starts) else len(text) + 1
    shifted = [
        Edit(edit.path, edit.start - begin, edit.end - begin, edit.text)
        for edit in fix.edits
        if edit.path == shown.path and begin <= edit.start and edit.end < stop
    ]
    try:
        mended = apply(text[begin:stop], shifted)
    except ValueError:
        return []
    first = min(edit.start for edit in shifted)
    lines = mended.rstrip("\r\n").replace("\r\n", "\n").split("\n")
    changed = first + len(shown.text.partition("\n")[0])
    return [
        Mended(number + index, line, *((0, 0) if index else _within(line, first, changed)))
        for index, line in enumerate(lines[:MAX_LINES])
    ]


def _within(line: str, start: int, end: int) -> tuple[int, int]:
    start = min(start, len(line))
    return start, max(start, min(end, len(line)))
