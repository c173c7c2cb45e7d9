"""Edits of one text: applied by offset, so that everything around them stays as it was."""

from collections.abc import Iterable

from praxis.audit.findings import Edit


def overlap(one: Edit, other: Edit) -> bool:
    """Whether two edits of one file touch the same characters, or insert at the same place."""
    if one.path != other.path:
        return False
    if one.start == other.start:
        return True
    first, second = (one, other) if one.start < other.start else (other, one)
    return second.start < first.end


def apply(text: str, edits: Iterable[Edit]) -> str:
    """
    Return *text* with the edits made.

    Raises:
        ValueError: if two of them overlap or one lies outside of the text.
    """
    pieces: list[str] = []
    position = 0
    previous: Edit | None = None
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if previous is not None and overlap(previous, edit):
            raise ValueError(f"edits overlap at {edit.path}: offset {edit.start}")
        if not position <= edit.start <= edit.end <= len(text):
            raise ValueError(f"an edit of {edit.path} lies outside of the text: {edit.start}")
        pieces += (text[position : edit.start], edit.text)
        position, previous = edit.end, edit
    pieces.append(text[position:])
    return "".join(pieces)
