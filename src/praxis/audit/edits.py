"""Edits of one text: applied by offset, so that everything around them stays as it was."""

import re
from collections.abc import Iterable

import msgspec

from praxis.audit.findings import Edit

_LINE_END = re.compile(r"\r\n|\r|\n")


def overlap(one: Edit, other: Edit) -> bool:
    """
    Whether two edits of one file touch the same characters, or insert at the same place.

    Equal edits do not: two fixes may both want the same import, and get it once.
    """
    if one.path != other.path or one == other:
        return False
    if one.start == other.start:
        return True
    first, second = (one, other) if one.start < other.start else (other, one)
    return second.start < first.end


def with_line_ends_of(text: str, edit: Edit) -> Edit:
    r"""The edit with its line ends as *text* writes them: ``\r\n`` where the first line does."""
    first = text.find("\n")
    line_end = "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"
    if first < 0 or _LINE_END.search(edit.text) is None:
        return edit
    return msgspec.structs.replace(edit, text=_LINE_END.sub(line_end, edit.text))


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
