"""
Where the comment goes that silences a finding.

At the end of its line if there is room, else on a line of its own above the statement. Either is
tried, and taken only if the comment does silence the finding and nothing else changes.
"""

import ast
from collections.abc import Iterator

from praxis.audit.editing.edits import apply, with_line_ends_of
from praxis.audit.facts.parsing import parse
from praxis.audit.facts.sources import Kind
from praxis.audit.file import line_starts
from praxis.audit.findings import Edit, Finding
from praxis.audit.suppression import find_suppressions

#: A longer line gets the comment above it.
MAX_COLUMNS = 99


def silence(text: str, kind: Kind, finding: Finding, reason: str = "") -> Edit | None:
    """
    The edit that silences *finding*; None where no comment can.

    Args:
        text: The file that the finding is in, as it was audited.
        kind: Its language.
        finding: What to silence.
        reason: Why; a comment may need one to count.
    """
    words = f"praxis: ignore[{finding.rule}] {reason}".strip()
    if kind is Kind.TEMPLATE:
        candidates = _in_template(text, finding, f"{{# {words} #}}")
    else:
        tree = parse(finding.place.path, text)
        if not isinstance(tree, ast.Module):
            return None
        candidates = _in_python(text, tree, finding, f"# {words}")
    for edit, shift in candidates:
        edit = with_line_ends_of(text, edit)
        if _holds(text, kind, edit, finding, shift):
            return edit
    return None


#: An edit, and by how many lines it moves the finding down.
_Candidate = tuple[Edit, int]


def _in_python(text: str, tree: ast.Module, finding: Finding, comment: str) -> Iterator[_Candidate]:
    line = finding.place.line
    behind = _behind(text, finding, f"  {comment}")
    above = _above(text, finding.place.path, _statement_line(tree, line), comment)
    fits = behind.start - line_starts(text)[line - 1] + len(behind.text) <= MAX_COLUMNS
    yield from ((behind, 0), (above, 1)) if fits else ((above, 1), (behind, 0))


def _in_template(text: str, finding: Finding, comment: str) -> Iterator[_Candidate]:
    yield _behind(text, finding, f" {comment}"), 0
    yield _above(text, finding.place.path, finding.place.line, comment), 1


def _behind(text: str, finding: Finding, addition: str) -> Edit:
    starts, line = line_starts(text), finding.place.line
    end = starts[line] if line < len(starts) else len(text)
    at = starts[line - 1] + len(text[starts[line - 1] : end].rstrip())
    return Edit(finding.place.path, at, at, addition)


def _above(text: str, path: str, line: int, comment: str) -> Edit:
    start = line_starts(text)[line - 1]
    rest = text[start:]
    indent = rest[: len(rest) - len(rest.lstrip(" \t"))]
    return Edit(path, start, start, f"{indent}{comment}\n")


def _statement_line(tree: ast.Module, line: int) -> int:
    """The first line, decorators included, of the innermost statement around *line*."""
    first = line
    best: ast.stmt | None = None
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt):
            continue
        decorators = getattr(node, "decorator_list", [])
        begin = min([node.lineno, *(decorator.lineno for decorator in decorators)])
        inside = begin <= line <= (node.end_lineno or node.lineno)
        if inside and (best is None or node.lineno >= best.lineno):
            best, first = node, begin
    return first


def _holds(text: str, kind: Kind, edit: Edit, finding: Finding, shift: int) -> bool:
    """Whether the comment silences the finding, and the code is the same."""
    after = apply(text, [edit])
    line, end_line = finding.place.line + shift, finding.place.end_line + shift
    if not any(
        found.covers(line, end_line, finding.code, finding.rule)
        for found in find_suppressions(after, kind)
    ):
        return False
    if kind is Kind.TEMPLATE:
        return True
    old, new = parse(edit.path, text), parse(edit.path, after)
    return (
        isinstance(old, ast.Module)
        and isinstance(new, ast.Module)
        and ast.dump(old) == ast.dump(new)
    )
