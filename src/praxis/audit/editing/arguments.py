"""One argument more for a call, or one less for a call or a list, in the layout of the code."""

import ast
import re
from dataclasses import dataclass

from praxis.audit.file import File
from praxis.audit.findings import Edit

_BETWEEN = re.compile(r"\s*,\s*")
_AFTER_THE_LAST = re.compile(r"\s*,?\s*")


def add_argument(file: File, call: ast.Call, argument: str) -> tuple[Edit, ...]:
    """
    The edits that put *argument* (``"timeout=10"``) last among the call's arguments.

    A call with one argument a line gets one more line, with a trailing comma where the others
    have one; comments stay where they are.
    """
    close = file.span(call)[1] - 1
    given: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    given.sort(key=_position)
    if not given:
        return (file.insert(close, argument),)
    last = given[-1]
    value = last.value if isinstance(last, ast.keyword) else last
    end = file.span(value)[1]
    if isinstance(value, ast.GeneratorExp) and end == close + 1:
        # f(x for x in y): the only argument, and its brackets are those of the call
        start = file.span(value)[0]
        return file.insert(start, "("), file.insert(close, f"), {argument}")
    tail = _read_tail(file.text[end:close])
    after_value = end + tail.value_end
    line_start = file.text.rfind("\n", 0, close) + 1
    if file.text[line_start:close].strip() or line_start <= after_value:
        return _on_the_same_line(file, end, tail, argument)
    indent = _indent_of(file, last)
    if indent is None or tail.value_end:
        return _on_the_same_line(file, end, tail, argument)
    newline = "\r\n" if file.text[line_start - 2 : line_start] == "\r\n" else "\n"
    if tail.comma_end is not None:
        return (file.insert(line_start, f"{indent}{argument},{newline}"),)
    return (
        file.insert(after_value, ","),
        file.insert(line_start, f"{indent}{argument}{newline}"),
    )


@dataclass(frozen=True, slots=True)
class _Tail:
    """What stands between the last argument and the closing bracket, by offset from its end."""

    value_end: int  # behind the brackets of a parenthesised argument
    comma_end: int | None


def _read_tail(text: str) -> _Tail:
    value_end, comma_end, position = 0, None, 0
    while position < len(text):  # white space, brackets, one comma and comments: nothing else
        character = text[position]
        position += 1
        if character == "#":
            position = text.find("\n", position)
            if position < 0:
                break
        elif character == ")" and comma_end is None:
            value_end = position
        elif character == ",":
            comma_end = position
    return _Tail(value_end, comma_end)


def _on_the_same_line(file: File, end: int, tail: _Tail, argument: str) -> tuple[Edit, ...]:
    if tail.comma_end is None:
        return (file.insert(end + tail.value_end, f", {argument}"),)
    return (file.insert(end + tail.comma_end, f" {argument},"),)


def _indent_of(file: File, argument: ast.expr | ast.keyword) -> str | None:
    """The white space before *argument* if it begins its line, else None."""
    start = file.span(argument)[0]
    before = file.text[file.text.rfind("\n", 0, start) + 1 : start]
    return before if not before.strip() else None


def _position(node: ast.expr | ast.keyword) -> tuple[int, int]:
    return node.lineno, node.col_offset


def remove_argument(file: File, call: ast.Call, name: str) -> Edit | None:
    """The call without its argument ``name=…``; None where it cannot be taken out cleanly."""
    arguments: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    arguments.sort(key=lambda node: (node.lineno, node.col_offset))
    wanted = [word for word in call.keywords if word.arg == name]
    if len(wanted) != 1:
        return None
    spans = [file.span(argument) for argument in arguments]
    return _remove(file, spans, arguments.index(wanted[0]), file.span(call)[1] - 1)


def remove_positional(file: File, call: ast.Call, argument: ast.expr) -> Edit | None:
    """The same for one of the arguments that have no name."""
    arguments: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    arguments.sort(key=_position)
    spans = [file.span(known) for known in arguments]
    return _remove(file, spans, arguments.index(argument), file.span(call)[1] - 1)


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
