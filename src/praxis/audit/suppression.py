"""
Comments that silence a rule at a line: ``# praxis: ignore[rule] why it is right here``.

A comment at the end of a line speaks for that line (and for the whole statement that ends
there); one on a line of its own speaks for the next line of code. Rules go by name or code,
several with commas. Templates say ``{# praxis: ignore[rule] why #}``.
"""

import re

from msgspec import Struct

_COMMENT = re.compile(
    r"(?:\#|\{\#|<!--)\s*praxis:\s*ignore\[(?P<rules>[^\]\n]*)\][ \t:\-]*(?P<reason>[^\n]*)"
)


class Suppression(Struct, frozen=True, array_like=True):
    """
    One comment: it covers lines *line* to *end_line*; *written* is the line it stands on.

    Attributes:
        rules: Names or codes as written, in lower case with underscores.
        reason: Why; empty where none was given.
    """

    line: int
    end_line: int
    written: int
    rules: tuple[str, ...]
    reason: str

    def covers(self, line: int, code: str, name: str) -> bool:
        """Whether a finding of this rule at *line* is silenced."""
        return self.line <= line <= self.end_line and (
            code.lower() in self.rules or name in self.rules
        )


def find_suppressions(text: str) -> tuple[Suppression, ...]:
    """The suppressing comments of a file; a cheap search first, since most files have none."""
    if "praxis:" not in text:
        return ()
    lines = text.splitlines()
    found: list[Suppression] = []
    for number, line in enumerate(lines, 1):
        match = _COMMENT.search(line)
        if match is None:
            continue
        names = match["rules"].replace("-", "_").lower().split(",")
        rules = tuple(name.strip() for name in names if name.strip())
        reason = match["reason"].removesuffix("#}").removesuffix("-->").strip()
        first = last = number
        if not line[: match.start()].strip():
            last = _next_code_line(lines, number)
        found.append(Suppression(first, last, number, rules, reason))
    return tuple(found)


def _next_code_line(lines: list[str], number: int) -> int:
    for following in range(number, len(lines)):
        line = lines[following].strip()
        if line and not line.startswith(("#", "{#", "<!--")):
            return following + 1
    return number
