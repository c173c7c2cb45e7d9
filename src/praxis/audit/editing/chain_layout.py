"""Calls added to a chain in the layout of the code around: on one line, or broken over lines."""

import ast
import re
from collections.abc import Sequence
from functools import lru_cache

from praxis.audit.editing.chain_breaking import (
    INDENT,
    break_chain,
    indent_at,
    open_call,
    open_comprehension,
    opened,
    rewritten,
)
from praxis.audit.editing.edits import apply
from praxis.audit.file import File, has_comment
from praxis.audit.findings import Edit

#: A line may be as long as the longest of its file, some strays aside, within these bounds.
_SHORTEST_LIMIT, _LONGEST_LIMIT = 88, 120
_STRAY_LINES = 2
#: A chain with so many dots behind brackets has its calls on lines where one is too short.
_FLUENT = 2
#: So many strings do not tell which quotes a file uses.
_FEW_STRINGS = 3

# The quote comes first, and what is before it after that: from one quote to the next a file is
# searched twenty times as fast as character by character.
_SINGLE = re.compile(r"'(?<![\w'\"]')[^'\"\n]*'(?!')")
_DOUBLE = re.compile(r"\"(?<![\w'\"]\")[^'\"\n]*\"(?!\")")
#: What no formatter breaks, so that a line with it may be longer than others.
_UNBREAKABLE = re.compile(r"#|['\"]{3}|(['\"])[^'\"]{40,}\1")


@lru_cache(maxsize=64)
def line_limit(text: str) -> int:
    """How long a line of this file may be: as long as the longest ones that could be broken."""
    lines = (line.rstrip() for line in text.splitlines() if len(line) > _SHORTEST_LIMIT)
    lengths = sorted((len(line) for line in lines if not _UNBREAKABLE.search(line)), reverse=True)
    longest = lengths[_STRAY_LINES] if len(lengths) > _STRAY_LINES else 0
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
    edits = [Edit(file.path, at, at, appended)]
    outer = _whole_chain(around)
    if before:
        ways = [edits, *_in_brackets(file, at, calls, before, before.rpartition("\n")[2])]
        return first_that_fits(file, file.span(outer), ways)
    start, end = file.span(outer)
    broken = [break_chain(file, outer, around, edits, line_limit(file.text))]
    inside = _in_brackets(file, at, calls, "", indent_at(file, end))
    count = _break_count(outer)
    fluent = count + len(calls) >= _FLUENT
    if "\n" in file.text[start:end]:
        # a formatter would have broken it before, had it been so long
        ways = [*broken, edits, *inside] if fluent and count < _FLUENT else [edits, *inside]
    else:
        deeper = _in_brackets(file, at, calls, "", indent_at(file, end) + INDENT)
        in_loop = [open_comprehension(file, around, way) for way in (edits, *deeper)]
        inside += _in_brackets_of(file, call, edits)
        in_call = open_call(file, around, edits)
        in_call += [way for each in deeper for way in open_call(file, around, each)[-1:]]
        ways = [edits, *in_loop, *in_call, *(broken + inside if fluent else inside + broken)]
    return first_that_fits(file, file.span(outer), ways)


def put_queryset(file: File, around: Sequence[ast.AST], text: str) -> list[Edit]:
    """Put *text* in the place of the first node, with line breaks around where it is too long."""
    start, end = file.span(around[0])
    edits = rewritten(file, start, end, text)
    return first_that_fits(file, (start, end), [edits, *open_call(file, around, edits)])


def first_that_fits(file: File, span: tuple[int, int], ways: Sequence[list[Edit]]) -> list[Edit]:
    """The first way of editing *span* that makes no line too long, else the least so."""
    ways = [edits for edits in ways if edits]
    if len(ways) == 1:
        return ways[0]
    span = (
        min(span[0], *(edits[0].start for edits in ways)),
        max(span[1], *(edits[-1].end for edits in ways)),
    )
    start = file.text.rfind("\n", 0, span[0]) + 1
    end = file.text.find("\n", span[1])
    end = len(file.text) if end < 0 else end
    limit = line_limit(file.text)

    def excess(edits: list[Edit]) -> int:
        moved = [Edit(edit.path, edit.start - start, edit.end - start, edit.text) for edit in edits]
        lines = apply(file.text[start:end], moved).splitlines()
        return max(limit, *(len(line.rstrip()) for line in lines))

    return min(ways, key=excess)


def _whole_chain(around: Sequence[ast.AST]) -> ast.AST:
    """The chain up to its last link, which may be a slice."""
    outer = around[0]
    for node in around[1:]:
        match node:
            case ast.Attribute(value=inner) | ast.Call(func=inner) | ast.Subscript(value=inner) if (
                inner is outer
            ):
                outer = node
            case _:
                break
    return outer


def _break_count(node: ast.AST) -> int:
    """At how many of its dots a formatter would break the chain."""
    count = 0
    while True:
        match node:
            case ast.Attribute(value=inner):
                count += isinstance(inner, ast.Call | ast.Subscript)
                node = inner
            case ast.Call(func=inner) | ast.Subscript(value=inner):
                node = inner
            case _:
                return count


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


def _in_brackets_of(file: File, call: ast.AST, edits: Sequence[Edit]) -> list[list[Edit]]:
    """*edits* made, and the arguments that *call* has on a line of their own."""
    if not isinstance(call, ast.Call) or not (call.args or call.keywords):
        return []
    start, end = file.span(call.func)[1], file.span(call)[1] - 1
    written = file.text[start:end]
    if not written.startswith("(") or has_comment(written):
        return []
    indent = indent_at(file, start)
    broken = (
        Edit(file.path, start + 1, start + 1, f"\n{indent}{INDENT}"),
        Edit(file.path, end, end, f"\n{indent}"),
    )
    return [sorted((*broken, *edits), key=lambda edit: edit.start)]


def _break_before(file: File, call: ast.AST) -> str:
    """What breaks the line before the chain's last ``.method``, as far as that; else nothing."""
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return ""
    _, receiver_end = file.span(call.func.value)
    between = file.text[receiver_end : file.text.rfind(".", 0, file.span(call.func)[1]) + 1]
    if "\n" not in between:
        return ""
    break_at = between.rindex("\n")
    newline = "\r\n" if between[break_at - 1 : break_at] == "\r" else "\n"
    continued = " \\" if between[:break_at].rstrip("\r").endswith("\\") else ""
    return continued + newline + between[break_at + 1 : -1]


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
    if not texts and not edits:
        return []
    return _add_arguments(file, around, call, edits, list(texts.values()))


def _add_arguments(
    file: File,
    around: Sequence[ast.AST],
    call: ast.Call,
    edits: list[Edit],
    args: Sequence[str],
) -> list[Edit]:
    first, last_end = file.span(call.args[-1])
    open_at, close = file.span(call.func)[1], file.span(call)[1] - 1
    line = file.text.rfind("\n", 0, first) + 1
    separator, indent = ", ", file.text[line:first]
    written = file.text[open_at:close]
    hugged = written.count("\n") == 2 and not written.rstrip().endswith(",")
    if not indent.strip() and not hugged:
        newline = "\r\n" if file.text[line - 2 : line] == "\r\n" else "\n"
        separator = f",{newline}{indent}"
    at = _after_parentheses(file.text, last_end, close)
    ways = [edits]
    if args:
        ways = [[*edits, Edit(file.path, at, at, separator + separator.join(args))]]
    outer = _whole_chain(around)
    if ("\n" not in written or hugged) and not has_comment(written) and written[:1] == "(":
        own = indent_at(file, close)
        held = [*_held(file, call, edits), *args]
        opened_ways = [
            rewritten(file, open_at + 1, close, opened(held, own, one_a_line=each))
            for each in (False, True)
        ]
        broken = [break_chain(file, outer, around, ways[0], line_limit(file.text))]
        start, end = file.span(outer)
        fluent = "\n" not in file.text[start:end] and _break_count(outer) >= _FLUENT
        if outer is not call and "\n" not in file.text[start:end]:
            opened_ways = _in_brackets_of(file, outer, ways[0]) + opened_ways
        ways += [
            open_comprehension(file, around, ways[0]),
            *open_call(file, around[around.index(outer) :], ways[0]),
        ]
        ways += broken + opened_ways if fluent else opened_ways + broken
    return first_that_fits(file, file.span(outer), ways)


def _held(file: File, call: ast.Call, edits: Sequence[Edit]) -> list[str]:
    """The arguments as they are after *edits*."""
    replaced = {(edit.start, edit.end): edit.text for edit in edits}
    return [replaced.get(file.span(arg), file.source(arg)) for arg in call.args]


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
