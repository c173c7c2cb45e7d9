"""Calls added to a chain in the layout of the code around: on one line, or broken over lines."""

import ast
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from praxis.audit.editing.edits import apply
from praxis.audit.file import File, has_comment
from praxis.audit.findings import Edit

#: A line may be as long as the longest of its file, within these bounds.
_SHORTEST_LIMIT, _LONGEST_LIMIT = 88, 120
_INDENT = "    "
#: So many strings do not tell which quotes a file uses.
_FEW_STRINGS = 3

_SINGLE = re.compile(r"(?<![\w'\"])'[^'\"\n]*'(?!')")
_DOUBLE = re.compile(r"(?<![\w'\"])\"[^'\"\n]*\"(?!\")")


@lru_cache(maxsize=64)
def line_limit(text: str) -> int:
    """How long a line of this file may be: as long as its longest one."""
    longest = max((len(line.rstrip()) for line in text.splitlines()), default=0)
    return min(max(longest, _SHORTEST_LIMIT), _LONGEST_LIMIT)


def quoted(text: str, names: Sequence[str]) -> list[str]:
    """The names as string literals, in double quotes unless *text* plainly uses single ones."""
    quote = _quote_of(text)
    return [f"{quote}{name}{quote}" for name in names]


@lru_cache(maxsize=64)
def _quote_of(text: str) -> str:
    single, double = len(_SINGLE.findall(text)), len(_DOUBLE.findall(text))
    return "'" if single > double + _FEW_STRINGS else '"'


def append_calls(
    file: File, around: Sequence[ast.AST], calls: Sequence[tuple[str, Sequence[str]]]
) -> list[Edit]:
    """
    Put ``.method(arguments)`` for each of *calls* behind a call.

    Args:
        file: Where.
        around: The call, and the nodes around it, innermost first.
        calls: The methods with their arguments as they shall be written.
    """
    call = around[0]
    at = file.span(call)[1]
    before = _break_before(file, call)
    appended = "".join(f"{before}.{method}({', '.join(args)})" for method, args in calls)
    ways = [[Edit(file.path, at, at, appended)]]
    outer, parent = _whole_chain(around)
    if before:
        indent = before.rpartition("\n")[2]
        ways += _in_brackets(file, at, calls, before, indent)
    else:
        indent = indent_at(file, file.span(outer)[1])
        start, end = file.span(outer)
        if "\n" not in file.text[start:end]:
            broken = _one_a_line(file, outer, parent, at, calls)
            inside = _in_brackets(file, at, calls, "", indent)
            ways += (
                [*broken, *inside] if _link_count(outer) + len(calls) > 2 else [*inside, *broken]
            )
        else:
            ways += _in_brackets(file, at, calls, "", indent)
    return first_that_fits(file, file.span(outer), ways)


def first_that_fits(file: File, span: tuple[int, int], ways: Sequence[list[Edit]]) -> list[Edit]:
    """The first way of editing *span* that makes no line too long, else the least so."""
    start = file.text.rfind("\n", 0, span[0]) + 1
    end = file.text.find("\n", span[1])
    end = len(file.text) if end < 0 else end
    limit = line_limit(file.text)

    def excess(edits: list[Edit]) -> int:
        moved = [Edit(edit.path, edit.start - start, edit.end - start, edit.text) for edit in edits]
        lines = apply(file.text[start:end], moved).splitlines()
        return max(limit, *(len(line.rstrip()) for line in lines))

    return min(ways, key=excess)


def _whole_chain(around: Sequence[ast.AST]) -> tuple[ast.AST, ast.AST | None]:
    """The chain up to its last link, which may be a slice, and what that stands in."""
    outer = around[0]
    for node in around[1:]:
        match node:
            case ast.Attribute(value=inner) | ast.Call(func=inner) | ast.Subscript(value=inner) if (
                inner is outer
            ):
                outer = node
            case _:
                return outer, node
    return outer, None


def _links(node: ast.AST) -> Iterator[ast.Attribute]:
    """The attributes that are called in a chain, the last one first."""
    while True:
        match node:
            case ast.Call(func=ast.Attribute(value=inner) as link):
                yield link
                node = inner
            case ast.Attribute(value=inner) | ast.Subscript(value=inner):
                node = inner
            case _:
                return


def _link_count(outer: ast.AST) -> int:
    return sum(1 for _ in _links(outer))


def _in_brackets(
    file: File, at: int, calls: Sequence[tuple[str, Sequence[str]]], before: str, indent: str
) -> list[list[Edit]]:
    """The last call's arguments on lines of their own; or those of all calls that have many."""
    head = "".join(f"{before}.{method}({', '.join(args)})" for method, args in calls[:-1])
    method, args = calls[-1]
    ways = [
        f"{head}{before}.{method}({opened(args, indent)})",
        f"{head}{before}.{method}({opened(args, indent, one_a_line=True)})",
        "".join(f"{before}.{method}({opened(args, indent)})" for method, args in calls),
        "".join(
            f"{before}.{method}({opened(args, indent, one_a_line=True)})" for method, args in calls
        ),
    ]
    return [[Edit(file.path, at, at, way)] for way in ways]


def opened(args: Sequence[str], indent: str, *, one_a_line: bool = False) -> str:
    """Arguments on a line of their own, or on one each, between brackets that are not."""
    separator = f",\n{indent}{_INDENT}" if one_a_line else ", "
    comma = "," if one_a_line else ""
    return f"\n{indent}{_INDENT}{separator.join(args)}{comma}\n{indent}"


def _one_a_line(
    file: File,
    outer: ast.AST,
    parent: ast.AST | None,
    at: int,
    calls: Sequence[tuple[str, Sequence[str]]],
) -> list[list[Edit]]:
    """Every call but the first on a line of its own, in brackets that are there or come along."""
    start, end = file.span(outer)
    indent = indent_at(file, start)
    head = file.text[file.text.rfind("\n", 0, start) + 1 : start]
    before, after = file.text[:start].rstrip(" ")[-1:], file.text[end:].lstrip(" ")[:1]
    match parent:
        case _ if not head.strip() and not isinstance(parent, ast.Expr):
            opening, closing, inner = "", "", indent  # it begins a line between brackets
        case _ if before and before in "([{" and after and after in ")]}":
            inner = indent + _INDENT
            opening, closing = f"\n{inner}", f"\n{indent}"
        case ast.Assign() | ast.AnnAssign() | ast.Return() | ast.For() | ast.AsyncFor():
            inner = indent + _INDENT
            opening, closing = f"(\n{inner}", f"\n{indent})"
        case _:
            return []
    dots = [file.text.rfind(".", 0, file.span(link)[1]) for link in _links(outer)][:-1]
    edits = [Edit(file.path, dot, dot, f"\n{inner}") for dot in dots if dot != at]
    added = "".join(f"\n{inner}.{method}({', '.join(args)})" for method, args in calls)
    added += f"\n{inner}" if at in dots else ""
    if at == end:
        added, closing = added + closing, ""
    edits += [Edit(file.path, at, at, added), Edit(file.path, start, start, opening)]
    edits.append(Edit(file.path, end, end, closing))
    return [[edit for edit in sorted(edits, key=lambda edit: edit.start) if edit.text]]


def indent_at(file: File, position: int) -> str:
    """The white space that the line at *position* begins with."""
    line = file.text[file.text.rfind("\n", 0, position) + 1 :]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _break_before(file: File, call: ast.AST) -> str:
    """The line break and indentation before the chain's last ``.method``; empty on one line."""
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return ""
    _, receiver_end = file.span(call.func.value)
    between = file.text[receiver_end : file.text.rfind(".", 0, file.span(call.func)[1]) + 1]
    if "\n" not in between:
        return ""
    break_at = between.rindex("\n")
    newline = "\r\n" if between[break_at - 1 : break_at] == "\r" else "\n"
    return newline + between[break_at + 1 : -1]


def add_to_call(
    file: File,
    around: Sequence[ast.AST],
    call: ast.Call,
    new: Sequence[str],
    lookups: Sequence[str],
) -> list[Edit]:
    """
    Put arguments behind those of *call*; those that *lookups* reach beyond give way to them.

    ``("a",)`` with ``"a__b"`` added is ``("a__b",)``. On a line of its own where the last
    argument has one.
    """
    texts = dict(zip(lookups, new, strict=True))
    edits: list[Edit] = []
    for argument in call.args:
        name = argument.value if isinstance(argument, ast.Constant) else None
        if not isinstance(name, str):
            continue
        longer = [lookup for lookup in texts if lookup == name or lookup.startswith(f"{name}__")]
        if longer:
            text = texts.pop(longer[0])
            if longer[0] != name:
                edits.append(Edit(file.path, *file.span(argument), text))
    kept = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
    for lookup in list(texts):
        if any(isinstance(name, str) and name.startswith(f"{lookup}__") for name in kept):
            del texts[lookup]
    if not texts:
        return edits
    args = list(texts.values())
    first, last_end = file.span(call.args[-1])
    open_at, close = file.span(call.func)[1], file.span(call)[1] - 1
    line = file.text.rfind("\n", 0, first) + 1
    separator, indent = ", ", file.text[line:first]
    if not indent.strip():
        newline = "\r\n" if file.text[line - 2 : line] == "\r\n" else "\n"
        separator = f",{newline}{indent}"
    at = _after_parentheses(file.text, last_end, close)
    ways = [[*edits, Edit(file.path, at, at, separator + separator.join(args))]]
    written = file.text[open_at:close]
    if "\n" not in written and not edits and not has_comment(written) and "(" in written:
        bracket = open_at + written.index("(") + 1
        inside = file.text[bracket:close].strip().rstrip(",")
        own = indent_at(file, file.span(call)[1])
        for one_a_line in (False, True):
            text = opened([inside, *args], own, one_a_line=one_a_line)
            ways.append([Edit(file.path, bracket, close, text)])
    outer, _ = _whole_chain(around)
    return first_that_fits(file, file.span(outer), ways)


def _after_parentheses(text: str, position: int, end: int) -> int:
    """Past the parentheses that hold the argument which ends at *position*."""
    after = position
    while position < end:
        if text[position] == "#":
            position = text.find("\n", position)
        elif text[position] == ")":
            after = position + 1
        position += 1
    return after
