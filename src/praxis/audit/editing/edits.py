"""Edits of one text: applied by offset, so that everything around them stays as it was."""

import re
from collections.abc import Iterable

import msgspec

from praxis.audit.findings import Edit

_PLAIN_LINE_END = re.compile(r"(?<!\r)\n")


def overlap(one: Edit, other: Edit) -> bool:
    """
    Whether two edits of one file touch the same characters, or insert at the same place.

    Equal edits do not: two fixes may both want the same import, and get it once. Nor does an
    insertion just before or just after what the other replaces.
    """
    if one.path != other.path or one == other:
        return False
    if one.start == other.start:
        return (one.start == one.end) == (other.start == other.end)
    first, second = (one, other) if one.start < other.start else (other, one)
    return second.start < first.end


def with_line_ends_of(text: str, edit: Edit) -> Edit:
    r"""The edit with ``\r\n`` for its plain line ends where the first line of *text* ends so."""
    if "\n" not in edit.text or text.partition("\n")[0][-1:] != "\r":
        return edit
    return msgspec.structs.replace(edit, text=_PLAIN_LINE_END.sub("\r\n", edit.text))


def together(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """The edits of one file, with those that insert at the same place as one, in their order."""
    found: dict[tuple[int, int], Edit] = {}
    for edit in edits:
        span = edit.start, edit.end
        if edit.start == edit.end and span in found:
            joined = found[span].text + edit.text
            found[span] = msgspec.structs.replace(found[span], text=joined)
        else:
            found[span] = edit
    return tuple(found.values())


def apply(text: str, edits: Iterable[Edit]) -> str:
    """
    Return *text* with the edits made; equal ones count once.

    Raises:
        ValueError: if two of them overlap or one lies outside of the text.
    """
    pieces: list[str] = []
    position = 0
    previous: Edit | None = None
    for edit in sorted(set(edits), key=lambda edit: (edit.start, edit.end)):
        if previous is not None and overlap(previous, edit):
            raise ValueError(f"edits overlap at {edit.path}: offset {edit.start}")
        if not position <= edit.start <= edit.end <= len(text):
            raise ValueError(f"an edit of {edit.path} lies outside of the text: {edit.start}")
        pieces += (text[position : edit.start], edit.text)
        position, previous = edit.end, edit
    pieces.append(text[position:])
    return "".join(pieces)
