"""What a fix takes out and puts in, line by line, around its edits alone."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from praxis.audit.editing.edits import apply
from praxis.audit.file import line_starts
from praxis.audit.findings import Edit

_CONTEXT = 1
#: Edits that are no farther apart stand in one hunk.
_GAP = 3


class Sign(StrEnum):
    """What becomes of a line."""

    KEPT = " "
    OUT = "-"
    IN = "+"


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """
    A line of the difference; *start* to *end* is what differs from its counterpart.

    *number* is that of the line before the fix; None for one that is put in.
    """

    sign: Sign
    number: int | None
    text: str
    start: int = 0
    end: int = 0


Hunk = list[ChangedLine]


def difference(text: str, edits: Iterable[Edit]) -> list[Hunk]:
    """
    The hunks that *edits*, all of one file with the content *text*, make.

    None where they do not fit the text: it has changed since it was read.
    """
    made = sorted(edits, key=lambda edit: (edit.start, edit.end))
    if any(not 0 <= edit.start <= edit.end <= len(text) for edit in made):
        return []
    starts = line_starts(text)
    hunks: list[Hunk] = []
    for first, last, inside in _regions(starts, made):
        begin = starts[first - 1]
        stop = starts[last] if last < len(starts) else len(text)
        moved = [Edit(e.path, e.start - begin, e.end - begin, e.text) for e in inside]
        try:
            after = apply(text[begin:stop], moved)
        except ValueError:
            return []
        hunks.append(list(_compared(_lines(text[begin:stop]), _lines(after), first)))
    return hunks


def _regions(starts: list[int], edits: list[Edit]) -> Iterator[tuple[int, int, list[Edit]]]:
    """The lines (first, last) around edits that are close together, and these edits."""
    first = last = 0
    inside: list[Edit] = []
    for edit in edits:
        begin, end = bisect_right(starts, edit.start), bisect_right(starts, edit.end)
        if inside and begin > last + _GAP:
            yield max(first - _CONTEXT, 1), min(last + _CONTEXT, len(starts)), inside
            inside = []
        first = begin if not inside else first
        last = max(last, end) if inside else end
        inside.append(edit)
    if inside:
        yield max(first - _CONTEXT, 1), min(last + _CONTEXT, len(starts)), inside


def _lines(text: str) -> list[str]:
    """The lines of a piece of a file; one that ends it has no line after it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _compared(before: list[str], after: list[str], number: int) -> Iterator[ChangedLine]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        old, new = before[start:end], after[new_start:new_end]
        if tag == "equal":
            for index, line in enumerate(old):
                yield ChangedLine(Sign.KEPT, number + start + index, line)
            continue
        paired = len(old) == len(new)
        for index, line in enumerate(old):
            mark = _differing(line, new[index]) if paired else (0, 0)
            yield ChangedLine(Sign.OUT, number + start + index, line, *mark)
        for index, line in enumerate(new):
            mark = _differing(line, old[index]) if paired else (0, 0)
            yield ChangedLine(Sign.IN, None, line, *mark)


def _differing(line: str, other: str) -> tuple[int, int]:
    """Where *line* differs from *other*: without what both begin and end with."""
    shorter = min(len(line), len(other))
    start = 0
    while start < shorter and line[start] == other[start]:
        start += 1
    tail = 0
    while tail < shorter - start and line[-1 - tail] == other[-1 - tail]:
        tail += 1
    return start, len(line) - tail
