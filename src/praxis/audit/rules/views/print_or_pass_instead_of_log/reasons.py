"""Comments that say why an error is dropped."""

import ast
import io
import re
import tokenize

from praxis.audit.file import File

#: What a comment above a ``try`` says if it is about errors, not about the work.
_EXPECTS = re.compile(
    r"\btry\b|ignor|fail|error|exception|graceful|best.effort|optional|\bmay\b|\bmight\b|corrupt|"
    r"swallow|silent|not always|not exist|available|missing|cannot|can't",
    re.IGNORECASE,
)


def is_explained(file: File, node: ast.ExceptHandler) -> bool:
    """Whether a comment stands beside the ``try``, in the handler, or on the lines around it."""
    tried = file.parent
    if isinstance(tried, ast.Try):
        opening = file.text[file.lines.starts[tried.lineno - 1] :].partition("\n")[0]
        if _says_why(_comment_of(opening, needs_own_line=False)):
            return True
        if any(_EXPECTS.search(_comment_above(file, one)) for one in _tries_in_a_row(file, tried)):
            return True
    first = node.lineno - 1
    last = node.end_lineno or node.lineno
    lines = file.text[file.lines.starts[first - 1] :].splitlines(keepends=True)
    around = lines[: last - first + 3]
    for number, line in enumerate(around):
        is_outer = number == 0 or number > last - first
        if number > last - first and _indent(line) <= _indent(lines[1]):
            break
        comment = _comment_of(line, needs_own_line=is_outer)
        if _says_why(comment):
            return True
        if number > last - first and not comment:
            break
    return False


def _comment_above(file: File, statement: ast.stmt) -> str:
    """The whole of the comment on the lines just above."""
    comment = ""
    for line in reversed(file.text[: file.lines.starts[statement.lineno - 1]].splitlines()):
        part = _comment_of(line, needs_own_line=True)
        if not part:
            break
        comment = f"{part} {comment}"
    return comment


def _tries_in_a_row(file: File, tried: ast.stmt) -> list[ast.stmt]:
    """*tried* and each ``try`` just before it: one comment may stand above them all."""
    row: list[ast.stmt] = []
    for statement in block_of(file, tried):
        row = [*row, statement] if isinstance(statement, ast.Try) else []
        if statement is tried:
            break
    return row


def block_of(file: File, statement: ast.stmt) -> list[ast.stmt]:
    """The statements among which *statement*, the parent of what is visited, stands."""
    around = list(file.ancestors())[1]
    for part in ("body", "orelse", "finalbody"):
        block = getattr(around, part, [])
        if isinstance(block, list) and any(one is statement for one in block):
            return block
    return []


def _says_why(comment: str) -> bool:
    return bool(comment) and re.match(r"#\s*pragma:", comment) is None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _comment_of(line: str, *, needs_own_line: bool) -> str:
    if "#" not in line:
        return ""
    if line.lstrip().startswith("#"):
        return line.strip()
    if needs_own_line:
        return ""
    try:
        for token in tokenize.generate_tokens(io.StringIO(line.strip()).readline):
            if token.type == tokenize.COMMENT:
                return token.string
    except (tokenize.TokenError, SyntaxError):
        pass  # the line is only a part of a statement: the comment came before its end
    return ""
