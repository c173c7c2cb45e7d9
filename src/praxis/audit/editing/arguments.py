"""The parameters of functions, and how a call gets one argument more in its own layout."""

import ast
from dataclasses import dataclass

from praxis.audit.file import File
from praxis.audit.findings import Edit


def parameters_of(arguments: ast.arguments) -> list[ast.arg]:
    """Every parameter of a function, of whatever sort."""
    more = [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *more]


def is_parameter(file: File, name: str) -> bool:
    """Whether a function around the visited node has a parameter *name*."""
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        and any(parameter.arg == name for parameter in parameters_of(node.args))
        for node in file.ancestors()
    )


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
