"""
The same code in other layouts: what a fix must survive, derived from the code itself.

Each layout has the syntax tree of the original, but for `MARKER` statements; one that would not
(or that changes nothing) is left out.
"""

import ast
import io
import re
import tokenize
from bisect import bisect_left
from collections.abc import Callable, Iterator

from praxis.audit.editing.edits import apply
from praxis.audit.facts.sources import Role
from praxis.audit.file import File
from praxis.audit.findings import Edit

#: A statement that some layouts put in front of others: text of two, three and four bytes.
MARKER = "ünïcödé 漢字 🛒"
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")

Layout = Callable[["Code"], str]


class Code:
    """A source with its tokens and tree."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.file = File("case.py", Role.REQUEST, source, ast.parse(source))
        self.tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))

    def offset(self, position: tuple[int, int]) -> int:
        line, column = position
        starts = self.file.lines.starts
        return starts[line - 1] + column if line <= len(starts) else len(self.source)

    def insert(self, insertions: list[tuple[int, str]]) -> str:
        """Insert each text at its offset; what stands at one offset keeps its order."""
        together: dict[int, str] = {}
        for offset, text in insertions:
            together[offset] = together.get(offset, "") + text
        return apply(self.source, [Edit("", at, at, text) for at, text in together.items()])

    def operators(self) -> Iterator[tuple[tokenize.TokenInfo, int]]:
        """Every operator with the depth of brackets that it stands in."""
        depth = 0
        for token in self.tokens:
            if token.type == tokenize.OP:
                depth -= token.string in _CLOSING
                yield token, depth
                depth += token.string in _OPENING

    def expressions(self) -> Iterator[ast.expr]:
        """The whole right sides of statements."""
        for node in ast.walk(self.file.tree):
            if isinstance(node, ast.Assign | ast.Return | ast.Expr) and node.value is not None:
                if not isinstance(node.value, ast.Constant | ast.Yield | ast.YieldFrom):
                    yield node.value
            elif isinstance(node, ast.If | ast.While):
                yield node.test
            elif isinstance(node, ast.For):
                yield node.iter


def layouts(source: str) -> Iterator[tuple[str, str]]:
    """The names of the layouts with the source in each."""
    code = Code(source)
    seen = {source}
    for layout in _LAYOUTS:
        text = layout(code)
        if text not in seen and _parses_alike(source, text):
            seen.add(text)
            yield layout.__name__.strip("_").replace("_", " "), text


def tree_of(source: str) -> str:
    """The syntax tree without positions and markers, to compare."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            statements = getattr(node, field, None)
            if isinstance(statements, list):
                kept = [statement for statement in statements if not _is_marker(statement)]
                setattr(node, field, kept)
    return ast.dump(tree)


def _is_marker(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and node.value.value == MARKER
    )


def _parses_alike(source: str, text: str) -> bool:
    try:
        return tree_of(text) == tree_of(source)
    except SyntaxError:
        return False


def _windows_line_ends(code: Code) -> str:
    return code.source.replace("\n", "\r\n")


def _no_newline_at_the_end(code: Code) -> str:
    return code.source.rstrip("\n")


def _indented_by_tabs(code: Code) -> str:
    return re.sub(
        r"^(?: {4})+", lambda found: "\t" * (len(found[0]) // 4), code.source, flags=re.MULTILINE
    )


def _foreign_letters_in_the_first_line(code: Code) -> str:
    return f"# {MARKER}\n{code.source}"


def _foreign_letters_before_each_statement(code: Code) -> str:
    simple = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return, ast.Delete)
    return code.insert(
        [
            (code.file.span(node)[0], f'"{MARKER}"; ')
            for node in ast.walk(code.file.tree)
            if isinstance(node, simple)
        ]
    )


def _another_statement_behind_each(code: Code) -> str:
    """A semicolon after each statement, and another statement behind it."""
    simple = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr)
    return code.insert(
        [
            (code.file.span(node)[1], f'; "{MARKER}"')
            for node in ast.walk(code.file.tree)
            if isinstance(node, simple)
        ]
    )


def _comments_at_line_ends(code: Code) -> str:
    ends = [token for token in code.tokens if token.type in (tokenize.NEWLINE, tokenize.NL)]
    commented = {token.start[0] for token in code.tokens if token.type == tokenize.COMMENT}
    return code.insert(
        [
            (code.offset(token.start), f"  # kept {number}, {MARKER}")
            for number, token in enumerate(ends)
            if token.start[0] not in commented and token.line.strip()
        ]
    )


def _comments_after_opening_brackets(code: Code) -> str:
    return code.insert(
        [
            (code.offset(token.end), f"  # kept {number}\n    ")
            for number, (token, _) in enumerate(code.operators())
            if token.string in _OPENING
        ]
    )


def _comments_before_closing_brackets(code: Code) -> str:
    return code.insert(
        [
            (code.offset(token.start), f"  # kept {number}\n    ")
            for number, (token, _) in enumerate(code.operators())
            if token.string in _CLOSING
        ]
    )


def _a_line_for_each_argument(code: Code) -> str:
    return code.insert(
        [
            (code.offset(token.end), "\n        ")
            for token, depth in code.operators()
            if token.string in _OPENING or (token.string == "," and depth)
        ]
    )


def _spaces_in_brackets(code: Code) -> str:
    return code.insert(
        [
            (code.offset(token.end if token.string in _OPENING else token.start), " ")
            for token, _ in code.operators()
            if token.string in _OPENING | _CLOSING
        ]
    )


def _trailing_commas(code: Code) -> str:
    closing = [code.offset(token.start) for token, _ in code.operators() if token.string == ")"]
    insertions = []
    for node in ast.walk(code.file.tree):
        if isinstance(node, ast.Call) and (node.args or node.keywords):
            end = code.file.span(node)[1] - 1
            at = closing[bisect_left(closing, end)]
            generator = any(isinstance(argument, ast.GeneratorExp) for argument in node.args)
            if not generator and not code.source[:at].rstrip().endswith(","):
                insertions.append((at, ","))
    return code.insert(insertions)


def _parenthesised_arguments(code: Code) -> str:
    insertions = []
    for node in ast.walk(code.file.tree):
        if isinstance(node, ast.Call):
            values = [*node.args, *(keyword.value for keyword in node.keywords)]
            for value in values:
                if not isinstance(value, ast.Starred | ast.GeneratorExp):
                    start, end = code.file.span(value)
                    insertions += [(start, "("), (end, ")")]
    return code.insert(insertions)


def _parenthesised_expressions(code: Code) -> str:
    insertions = []
    for value in code.expressions():
        start, end = code.file.span(value)
        insertions += [(start, "("), (end, ")")]
    return code.insert(insertions)


def _parenthesised_receivers(code: Code) -> str:
    insertions = []
    for node in ast.walk(code.file.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            start, end = code.file.span(node.func.value)
            insertions += [(start, "("), (end, ")")]
    return code.insert(insertions)


def _a_line_for_each_link_of_a_chain(code: Code, comment: str = "") -> str:
    insertions = []
    for value in code.expressions():
        start, end = code.file.span(value)
        insertions += [(start, "(\n    "), (end, "\n)")]
    dots = [
        (code.offset(token.start), f"{comment}\n        ")
        for token, _ in code.operators()
        if token.string == "." and code.source[: code.offset(token.start)].endswith(")")
    ]
    return code.insert(insertions + dots)


def _a_comment_for_each_link_of_a_chain(code: Code) -> str:
    return _a_line_for_each_link_of_a_chain(code, f"  # kept, {MARKER}")


def _split_strings(code: Code) -> str:
    edits = []
    for token in code.tokens:
        text = token.string
        if (
            token.type == tokenize.STRING
            and text[0] in "'\""
            and len(text) > 3
            and "\\" not in text
        ):
            quote, body = text[0], text[1:-1]
            if not body.startswith(quote):
                middle = len(body) // 2
                split = f"{quote}{body[:middle]}{quote} {quote}{body[middle:]}{quote}"
                edits.append(Edit("", code.offset(token.start), code.offset(token.end), split))
    return apply(code.source, edits)


_LAYOUTS: tuple[Layout, ...] = (
    _windows_line_ends,
    _no_newline_at_the_end,
    _indented_by_tabs,
    _foreign_letters_in_the_first_line,
    _foreign_letters_before_each_statement,
    _another_statement_behind_each,
    _comments_at_line_ends,
    _comments_after_opening_brackets,
    _comments_before_closing_brackets,
    _a_line_for_each_argument,
    _spaces_in_brackets,
    _trailing_commas,
    _parenthesised_arguments,
    _parenthesised_expressions,
    _parenthesised_receivers,
    _a_line_for_each_link_of_a_chain,
    _a_comment_for_each_link_of_a_chain,
    _split_strings,
)
