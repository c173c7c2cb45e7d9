"""What the lines of a fix look like once it is made."""

from praxis.audit.edits import apply
from praxis.audit.file import line_starts
from praxis.audit.findings import Edit, Fix

MAX_LINES = 3


def preview(text: str, fix: Fix) -> list[tuple[int, str]]:
    """
    The first lines that *fix* leaves, each with its number, without their ends.

    Where the edits are spread over several places, those of the first one.
    """
    first = min(fix.edits, key=lambda edit: edit.start)
    start, end = first.start, first.end
    if not 0 <= start <= end <= len(text):
        return []  # the file has changed since it was read
    starts = line_starts(text)
    number = sum(offset <= start for offset in starts)
    begin = starts[number - 1]
    stop = next((offset for offset in starts if offset > end), len(text))
    shifted = [
        Edit(edit.path, edit.start - begin, edit.end - begin, edit.text)
        for edit in fix.edits
        if edit.path == first.path and begin <= edit.start and edit.end < max(stop, end + 1)
    ]
    try:
        mended = apply(text[begin:stop], shifted)
    except ValueError:
        return []
    lines = mended.rstrip("\r\n").replace("\r\n", "\n").split("\n")
    return [(number + index, line) for index, line in enumerate(lines[:MAX_LINES])]
