"""
Comments that silence a rule at a line: ``# praxis: ignore[rule] why it is right here``.

A comment at the end of a line speaks for that line, and for what it is the end of: code that
began on an earlier line of the same statement. On the first or the last line of a statement it
speaks for the whole statement (of ``for``, ``def`` and the like, for their head). On a line of
its own it speaks for the statement that follows, decorators and head together, or inside
brackets for the next line of code. Rules go by name or code, several with commas. Templates say
``{# praxis: ignore[rule] why #}``, for that line or, alone on a line, for the next one.

The same words inside a string are no comment. A comment without rules silences nothing.
"""

import io
import re
import tokenize
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import Struct

from praxis.audit.facts.sources import Kind

_WORDS = r"\s*praxis:\s*ignore\b(?:\[(?P<rules>[^\]\n]*)\])?[ \t:\-–—]*(?P<reason>[^\n]*)"
_PYTHON = re.compile(rf"#{_WORDS}")
_TEMPLATE = re.compile(rf"(?P<opening>\{{\#|<!--){_WORDS}")
_TEMPLATE_ENDS = {"{#": "#}", "<!--": "-->"}
_NO_CODE = frozenset({
    tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER,
    tokenize.ENCODING,
})  # fmt: skip


class Suppression(Struct, frozen=True, array_like=True):
    """
    One comment: it speaks for what begins on lines *line* to *end_line*.

    Attributes:
        written: The line that it stands on.
        since: The first line of the statement that it ends a line of: code that begins from
            there on and reaches to the comment is covered, too.
        rules: Names or codes as written, in lower case with underscores; empty where the
            comment names none.
        reason: Why; empty where none was given.
    """

    line: int
    end_line: int
    written: int
    since: int
    rules: tuple[str, ...]
    reason: str

    def covers(self, line: int, end_line: int, code: str, name: str) -> bool:
        """Whether a finding of this rule that spans *line* to *end_line* is silenced."""
        if code.lower() not in self.rules and name not in self.rules:
            return False
        return self.line <= line <= self.end_line or self.since <= line <= self.written <= end_line


def find_suppressions(text: str, kind: Kind = Kind.PYTHON) -> tuple[Suppression, ...]:
    """The suppressing comments of a file; a cheap search first, since most files have none."""
    if "praxis:" not in text:
        return ()
    return tuple(_in_python(text) if kind is Kind.PYTHON else _in_template(text))


@dataclass(frozen=True, slots=True)
class _Comment:
    text: str
    line: int
    alone: bool


@dataclass(frozen=True, slots=True)
class _Statement:
    """A logical line: the lines that it spans, and those of them on which code begins."""

    first: int
    last: int
    code: frozenset[int]
    decorator: bool


def _in_python(text: str) -> Iterator[Suppression]:
    comments, statements = _tokens(text)
    firsts = [statement.first for statement in statements]
    for comment in comments:
        match = _PYTHON.search(comment.text)
        if match is None:
            continue
        line, end_line, since = _reach(comment, statements, bisect_right(firsts, comment.line))
        yield _suppression(match, match["reason"], line, end_line, comment.line, since)


def _reach(
    comment: _Comment, statements: list[_Statement], begun_count: int
) -> tuple[int, int, int]:
    """
    The lines that a comment speaks for (first, last), and since where code may reach to it.

    *begun_count* statements begin above it or on its line.
    """
    at = comment.line
    begun = statements[begun_count - 1] if begun_count else None
    around = begun if begun is not None and at <= begun.last else None
    # two statements may share a line: the first one ends there, too
    while around is not None and begun_count > 1 and statements[begun_count - 2].last >= at:
        begun_count -= 1
        around = statements[begun_count - 1]
    if comment.alone:
        if around is not None:
            following = min((line for line in around.code if line > at), default=at)
            return following, following, following
        for index in range(begun_count, len(statements)):
            if not statements[index].decorator:
                return statements[begun_count].first, statements[index].last, at
        return at, at, at
    if around is None:  # the file ends within this statement: it could not be parsed either
        return at, at, at
    if at in {around.first, around.last}:
        return around.first, around.last, around.first
    return at, at, around.first


def _tokens(text: str) -> tuple[list[_Comment], list[_Statement]]:
    comments: list[_Comment] = []
    statements: list[_Statement] = []
    code: list[int] = []
    decorator = False
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline=None).readline):
            line = token.start[0]
            if token.type == tokenize.COMMENT:
                alone = not token.line[: token.start[1]].strip()
                comments.append(_Comment(token.string, line, alone))
            elif token.type == tokenize.NEWLINE:
                if code:
                    statements.append(_Statement(code[0], line, frozenset(code), decorator))
                code = []
            elif token.type not in _NO_CODE:
                decorator = decorator if code else token.string == "@"
                code.append(line)
    except (tokenize.TokenError, SyntaxError):
        pass  # syntax newer than this interpreter: what was read up to there counts
    return comments, statements


def _in_template(text: str) -> Iterator[Suppression]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines, 1):
        for match in _TEMPLATE.finditer(line):
            reason, _, behind = match["reason"].partition(_TEMPLATE_ENDS[match["opening"]])
            alone = not line[: match.start()].strip() and not behind.strip()
            covered = _next_line(lines, number) if alone else number
            yield _suppression(match, reason, covered, covered, number, number)


def _next_line(lines: list[str], number: int) -> int:
    for following in range(number, len(lines)):
        line = lines[following].strip()
        if line and not line.startswith(("{#", "<!--")):
            return following + 1
    return number


def _suppression(
    match: re.Match[str], reason: str, line: int, end_line: int, written: int, since: int
) -> Suppression:
    names = (match["rules"] or "").replace("-", "_").lower().split(",")
    rules = tuple(name.strip() for name in names if name.strip())
    return Suppression(line, end_line, written, since, rules, reason.strip())
