"""One element less in a list, a tuple or a call, in the layout of the code."""

import ast
import re

from praxis.audit.file import File
from praxis.audit.findings import Edit

_BETWEEN = re.compile(r"\s*,\s*")
_AFTER_THE_LAST = re.compile(r"\s*,?\s*")


def remove_argument(file: File, call: ast.Call, name: str) -> Edit | None:
    """The call without its argument ``name=…``; None where it cannot be taken out cleanly."""
    arguments: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    arguments.sort(key=lambda node: (node.lineno, node.col_offset))
    wanted = [word for word in call.keywords if word.arg == name]
    if len(wanted) != 1:
        return None
    spans = [file.span(argument) for argument in arguments]
    return _remove(file, spans, arguments.index(wanted[0]), file.span(call)[1] - 1)


def remove_item(file: File, display: ast.List | ast.Tuple, item: ast.expr) -> Edit | None:
    """The list without *item*; None where it cannot be taken out cleanly."""
    spans = [file.span(one) for one in display.elts]
    if isinstance(display, ast.Tuple) and len(spans) < 3:
        return None  # what is left may need a comma to stay a tuple
    return _remove(file, spans, display.elts.index(item), file.span(display)[1] - 1)


def _remove(file: File, spans: list[tuple[int, int]], index: int, close: int) -> Edit | None:
    """Nothing but white space and one comma may go with the element: no comment, no bracket."""
    text = file.text
    start, end = spans[index]
    if "#" in text[start:end]:
        return None  # a comment, for all that is known
    if index + 1 < len(spans):
        following = spans[index + 1][0]
        return _cut(file, start, following, text[end:following], _BETWEEN)
    if index:
        before = spans[index - 1][1]
        return _cut(file, before, end, text[before:start], _BETWEEN)
    return _cut(file, start, close, text[end:close], _AFTER_THE_LAST, alone=True)


def _cut(
    file: File, start: int, end: int, between: str, allowed: re.Pattern[str], *, alone: bool = False
) -> Edit | None:
    if not allowed.fullmatch(between):
        return None
    if alone:
        while file.text[start - 1].isspace():
            start -= 1
        if file.text[start - 1] not in "([":
            return None
    return Edit(file.path, start, end, "")
