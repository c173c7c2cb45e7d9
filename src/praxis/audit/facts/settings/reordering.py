"""Put the entries of a list into another order, each with the comments that belong to it."""

import ast
import re

from praxis.audit.file import File, has_comment
from praxis.audit.findings import Edit

_BEFORE_ENTRY = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?\r?\n)*[ \t]*")
_AFTER_ENTRY = re.compile(r"(?:[ \t]*,)?(?P<comment>[ \t]*(?:#[^\r\n]*)?)")


def reorder_entries(file: File, node: ast.List | ast.Tuple, order: list[int]) -> Edit | None:
    """
    The entries of *node* in the order of the indices *order*.

    Without comments the entries change places and all else stays. With comments each entry has
    to stand on lines of its own, and takes the comments above and beside it along; None where
    that is not so.
    """
    start, end = file.span(node)
    spans = [file.span(element) for element in node.elts]
    if not has_comment(file.text[start:end]):
        pieces: list[str] = []
        for slot, entry in enumerate(order):
            pieces.append(file.text[slice(*spans[entry])])
            if slot + 1 < len(spans):
                pieces.append(file.text[spans[slot][1] : spans[slot + 1][0]])
        return Edit(file.path, spans[0][0], spans[-1][1], "".join(pieces))
    return _reorder_lines(file, start, spans, order)


def _reorder_lines(
    file: File, start: int, spans: list[tuple[int, int]], order: list[int]
) -> Edit | None:
    begin = position = _after_line(file.text, start)
    blocks: list[str] = []
    for entry_start, entry_end in spans:
        line_end = _line_end(file.text, entry_end)
        tail = _AFTER_ENTRY.fullmatch(file.text[entry_end:line_end])
        head = file.text[position:entry_start] if position <= entry_start else None
        if head is None or tail is None or _BEFORE_ENTRY.fullmatch(head) is None:
            return None
        blocks.append(f"{head}{file.text[entry_start:entry_end]},{tail['comment']}")
        position = _after_line(file.text, entry_end)
    last_end = _line_end(file.text, spans[-1][1])
    newline = "\r\n" if "\r\n" in file.text else "\n"
    return Edit(file.path, begin, last_end, newline.join(blocks[entry] for entry in order))


def _line_end(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    if end < 0:
        return len(text)
    return end - 1 if text[end - 1] == "\r" and end > offset else end


def _after_line(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    return len(text) if end < 0 else end + 1
