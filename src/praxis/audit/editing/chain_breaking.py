"""A chain of calls laid out anew: every call on a line of its own, as formatters write it."""

import ast
import textwrap
from collections.abc import Iterator, Sequence
from itertools import pairwise

from praxis.audit.editing.edits import apply
from praxis.audit.facts.sources import Role
from praxis.audit.file import File, has_comment
from praxis.audit.findings import Edit

INDENT = "    "


def indent_at(file: File, position: int) -> str:
    """The white space that the line at *position* begins with."""
    line = file.text[file.text.rfind("\n", 0, position) + 1 :]
    return line[: len(line) - len(line.lstrip(" \t"))]


def opened(args: Sequence[str], indent: str, *, one_a_line: bool = False) -> str:
    """Arguments on a line of their own, or on one each, between brackets that are not."""
    separator = f",\n{indent}{INDENT}" if one_a_line else ", "
    comma = "," if one_a_line else ""
    return f"\n{indent}{INDENT}{separator.join(args)}{comma}\n{indent}"


def break_chain(
    file: File,
    outer: ast.AST,
    around: Sequence[ast.AST],
    edits: Sequence[Edit],
    limit: int,
) -> list[Edit]:
    """
    Make *edits* in the chain *outer* and put each of its calls on a line of its own.

    The brackets that this needs are there or come along. Empty where the chain stands where it
    takes none, holds comments or strings over several lines, or is of one call.
    """
    start, end = file.span(outer)
    written = file.text[start:end]
    place = _place_of(file, outer, around)
    if place is None or has_comment(written) or "\\\n" in written:
        return []
    opening, closing, inner = place
    moved = [Edit(edit.path, edit.start - start, edit.end - start, edit.text) for edit in edits]
    head = 0 if opening else start - file.text.rfind("\n", 0, start) - 1 - len(inner)
    laid_out = _lay_out(apply(written, moved), inner, limit - head, limit)
    if laid_out is None:
        return []
    return rewritten(file, start, end, f"{opening}{laid_out}{closing}")


def open_comprehension(file: File, around: Sequence[ast.AST], edits: Sequence[Edit]) -> list[Edit]:
    """
    Make *edits* and give each part of the comprehension around a line of its own.

    Empty where there is none, or where it has several lines already.
    """
    parts = _parts_of(file, around)
    if parts is None:
        return []
    bracket, starts, closing = parts
    indent = indent_at(file, bracket)
    broken = [Edit(file.path, at, at, f"\n{indent}{INDENT}") for at in starts[:1]]
    for at in starts[1:]:
        blank = at - 1 if file.text[at - 1] == " " else at
        broken.append(Edit(file.path, blank, at, f"\n{indent}{INDENT}"))
    return _with(edits, [*broken, Edit(file.path, closing, closing, f"\n{indent}")])


def open_call(file: File, around: Sequence[ast.AST], edits: Sequence[Edit]) -> list[list[Edit]]:
    """
    Make *edits* and give the arguments of the outermost call around a line, or one each.

    Empty where the chain stands in no arguments, or where they have several lines already.
    """
    call = _call_around(file, around)
    if call is None:
        return []
    start, end = file.span(call.func)[1], file.span(call)[1] - 1
    if file.text[start : start + 1] != "(" or has_comment(file.text[start:end]):
        return []
    indent = indent_at(file, start)
    inner = f"\n{indent}{INDENT}"
    last = Edit(file.path, end, end, f"\n{indent}")
    first = Edit(file.path, start + 1, start + 1, inner)
    ways = [_with(edits, [first, last])]
    starts = [file.span(held)[0] for held in (*call.args, *call.keywords)]
    commas = [file.text.rfind(",", start, at) for at in starts[1:]]
    if len(starts) > 1 and file.text[start:end].rstrip()[-1] != ",":
        breaks = [
            Edit(file.path, comma + 1, at, inner)
            for comma, at in zip(commas, starts[1:], strict=True)
            if not file.text[comma + 1 : at].strip()
        ]
        last = Edit(file.path, end, end, f",\n{indent}")
        ways.append(_with(edits, [first, *breaks, last]))
    return ways


def _call_around(file: File, around: Sequence[ast.AST]) -> ast.Call | None:
    """The outermost call that has *around*'s first node in arguments that are on one line."""
    found = None
    for node, whole in pairwise(around):
        if not isinstance(whole, ast.expr | ast.keyword):
            break
        if "\n" in file.source(whole):
            break
        if isinstance(whole, ast.Call) and whole.func is not node:
            found = whole
    return found


def _with(edits: Sequence[Edit], breaks: Sequence[Edit]) -> list[Edit]:
    """Line breaks behind what *edits* insert at the same place."""
    inserted = {edit.start: edit for edit in edits if edit.start == edit.end}
    joined = [
        Edit(edit.path, edit.start, edit.end, inserted[edit.start].text + edit.text)
        if edit.start == edit.end and edit.start in inserted
        else edit
        for edit in breaks
    ]
    places = {edit.start for edit in joined if edit.start == edit.end}
    kept = [edit for edit in edits if edit.start != edit.end or edit.start not in places]
    return sorted([*kept, *joined], key=lambda edit: edit.start)


def _parts_of(file: File, around: Sequence[ast.AST]) -> tuple[int, list[int], int] | None:
    """Where the bracket, the parts and the closing bracket of a comprehension on a line stand."""
    for node, whole in pairwise(around):
        if not isinstance(node, ast.comprehension):
            continue
        if not isinstance(whole, ast.ListComp | ast.SetComp | ast.GeneratorExp):
            return None
        start, end = file.span(whole)
        text = file.text
        if len(whole.generators) > 1 or "\n" in text[start:end] or text[start] not in "[{(":
            return None
        word = "async for" if node.is_async else "for"
        after_element = file.span(whole.elt)[1]
        starts = [start + 1, text.find(f" {word} ", after_element) + 1]
        behind = file.span(node.iter)[1]
        for condition in node.ifs:
            starts.append(text.find(" if ", behind) + 1)
            behind = file.span(condition)[1]
        return (start, starts, end - 1) if 0 not in starts else None
    return None


def _place_of(file: File, outer: ast.AST, around: Sequence[ast.AST]) -> tuple[str, str, str] | None:
    """What to put before and behind a chain for it to have lines, and how far they go in."""
    start, end = file.span(outer)
    indent = indent_at(file, start)
    line = file.text.rfind("\n", 0, start) + 1
    before, after = file.text[:start].rstrip(" ")[-1:], file.text[end:].lstrip(" ")[:1]
    parent = around[around.index(outer) + 1] if outer is not around[-1] else None
    continued = file.text[:line].rstrip("\r\n").endswith("\\")
    match parent:
        case _ if continued:
            return None
        case _ if not isinstance(parent, ast.Expr) and _begins_line(file, outer, parent):
            return "", "", indent  # between brackets
        case _ if before and before in "([{" and after and after in ")]}":
            inner = indent + INDENT
            return f"\n{inner}", f"\n{indent}", inner
        case ast.Assign() | ast.AnnAssign() | ast.Return() | ast.For() | ast.AsyncFor():
            inner = indent + INDENT
            return f"(\n{inner}", f"\n{indent})", inner
    return None


def _begins_line(file: File, outer: ast.AST, parent: ast.AST | None) -> bool:
    """Whether the line holds nothing before but what names the chain: a key, a keyword, a loop."""
    start, end = file.span(outer)
    head = file.text[file.text.rfind("\n", 0, start) + 1 : start].strip()
    if not head:
        return True
    line_end = file.text.find("\n", end)
    if file.text[end : line_end if line_end >= 0 else None].strip() not in {"", ","}:
        return False
    match parent:
        case ast.comprehension(iter=iterated, target=target) if iterated is outer:
            return head in {f"{word}for {file.source(target)} in" for word in ("", "async ")}
        case ast.keyword(arg=str(name)):
            return head == f"{name}="
        case ast.Dict(keys=keys, values=values):
            key = keys[values.index(outer)] if isinstance(outer, ast.expr) else None
            return key is not None and head == f"{file.source(key)}:"
    return False


def _lay_out(chain: str, inner: str, first_limit: int, limit: int) -> str | None:
    """The source of a chain on one line, or with its calls on lines that *inner* begins."""
    try:
        tree = ast.parse(f"({chain})")
    except SyntaxError:
        return None
    file = File("", Role.SCRIPT, f"({chain})", tree)
    if any(
        isinstance(node, ast.Constant | ast.JoinedStr) and node.lineno != node.end_lineno
        for node in ast.walk(tree)
    ):
        return None  # to indent its lines may change it
    statement = tree.body[0]
    assert isinstance(statement, ast.Expr)  # noqa: S101 - what is in brackets is an expression
    dots = sorted(_dots(file, statement.value))
    if not dots:
        return None
    bounds = [1, *dots, len(file.text) - 1]
    pieces = [
        _fitted(file.text[start:end].rstrip(), inner, limit) for start, end in pairwise(bounds)
    ]
    whole = "".join(pieces)
    if "\n" not in whole and len(inner) + len(whole) <= first_limit:
        return whole
    return f"\n{inner}".join(pieces)


def _dots(file: File, node: ast.AST) -> Iterator[int]:
    """The dots behind the brackets of a chain; the first call stays with what it is called on."""
    while True:
        match node:
            case ast.Attribute(value=inner):
                if isinstance(inner, ast.Call | ast.Subscript):
                    yield file.text.index(".", _past_brackets(file.text, file.span(inner)[1]))
                node = inner
            case ast.Call(func=inner) | ast.Subscript(value=inner):
                node = inner
            case _:
                return


def _past_brackets(text: str, position: int) -> int:
    while text[position : position + 1] in {")", " ", "\n", "\r"}:
        position += 1
    return position


def _fitted(piece: str, inner: str, limit: int) -> str:
    """A call on a line if it may have one, else with what its brackets hold on lines."""
    lines = piece.splitlines()
    if len(lines) == 3 and not lines[1].rstrip().endswith((",", "(", "[", "{")):
        joined = "".join(line.strip() for line in lines)
        if len(inner) + len(joined) <= limit:
            return joined
    if len(lines) > 1:
        rest = textwrap.dedent("\n".join(lines[1:]))
        return "\n".join([lines[0], *textwrap.indent(rest, inner).splitlines()])
    return piece if len(inner) + len(piece) <= limit else _open_last(piece, inner, limit)


def _open_last(piece: str, inner: str, limit: int) -> str:
    """``.method(a, b)`` with its arguments on a line of their own, or on one each."""
    prefix = "x" if piece.startswith(".") else ""
    try:
        call = ast.parse(prefix + piece, mode="eval").body
    except SyntaxError:
        return piece
    if not isinstance(call, ast.Call) or not (call.args or call.keywords):
        return piece
    text = prefix + piece
    held = [ast.get_source_segment(text, arg) or "" for arg in (*call.args, *call.keywords)]
    head = (ast.get_source_segment(text, call.func) or "").removeprefix(prefix)
    if any(isinstance(arg, ast.GeneratorExp) for arg in call.args) or not text.isascii():
        return piece
    plain = f"{head}({opened(held, inner)})"
    if max(map(len, plain.splitlines())) <= limit:
        return plain
    return f"{head}({opened(held, inner, one_a_line=True)})"


def rewritten(file: File, start: int, end: int, text: str) -> list[Edit]:
    """
    Put *text* in the place of what stands between two offsets.

    Its last character is inserted behind: whoever else adds something there must wait.
    """
    head = _least(file, Edit(file.path, start, end, text[:-1]))
    last = Edit(file.path, end, end, text[-1:])
    if head is not None and head.start == head.end == end:
        return [Edit(file.path, end, end, head.text + last.text)]
    return [last] if head is None else [head, last]


def _least(file: File, edit: Edit) -> Edit | None:
    """The same edit without what it leaves as it is at both ends."""
    old, new = file.text[edit.start : edit.end], edit.text
    front = 0
    while front < min(len(old), len(new)) and old[front] == new[front]:
        front += 1
    back = 0
    while back < min(len(old), len(new)) - front and old[-1 - back] == new[-1 - back]:
        back += 1
    start, end = edit.start + front, edit.end - back
    kept = Edit(edit.path, start, end, new[front : len(new) - back])
    return kept if kept.text or start < end else None
