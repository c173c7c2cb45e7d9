"""
Which pieces of a file are comments, strings or keywords: enough to read code by, no more.

One expression runs over the text from its beginning, so that a frame that starts inside of a
string knows. What it gets wrong (a quote of the same kind inside of an f-string's braces) costs
a colour.
"""

import keyword
import re
from bisect import bisect_left

from praxis.audit.facts.sources import Kind

_KEYWORDS = "|".join((*keyword.kwlist, "self", "cls"))
_PYTHON = re.compile(
    r"(?P<comment>\#[^\r\n]*)"
    r"|(?P<string>[rRbBfFuUtT]{0,2}"
    r'(?:"""(?:[^"\\]|\\.|"(?!""))*(?:"""|\Z)|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*(?:\'\'\'|\Z)'
    r'|"(?:[^"\\\r\n]|\\.)*"|\'(?:[^\'\\\r\n]|\\.)*\'))'
    rf"|(?P<keyword>(?<![\w.])(?:{_KEYWORDS})\b)"
    r"|(?P<number>(?<![\w.])\d[\w.]*)"
    r"|(?P<name>(?:(?<=def )|(?<=class ))\w+)"
    r"|(?P<decorator>@[\w.]+)"
    r"|\w+",  # other words as a whole: none of the above begins inside of one
    re.DOTALL,
)
_TEMPLATE = re.compile(
    r"(?P<comment>\{\#.*?\#\}|<!--.*?-->)"
    r"|(?P<keyword>\{%-?\s*\w+|-?%\})"
    r"|(?P<decorator>\{\{|\}\})"
    r"|(?P<name></?[a-zA-Z][\w-]*)"
    r'|(?P<string>"[^"<>]*"|\'[^\'<>]*\')',
    re.DOTALL,
)
_BY_KIND = {Kind.PYTHON: _PYTHON, Kind.TEMPLATE: _TEMPLATE}

#: Start, end (in characters of the whole text) and what is there.
Piece = tuple[int, int, str]


class Colours:
    """The coloured pieces of one text."""

    def __init__(self, text: str, kind: Kind) -> None:
        self._pieces: list[Piece] = [
            (*match.span(), match.lastgroup)
            for match in _BY_KIND[kind].finditer(text)
            if match.lastgroup is not None
        ]
        self._ends = [end for _, end, _ in self._pieces]

    def between(self, start: int, end: int) -> list[Piece]:
        """The pieces that touch *start* to *end*, cut to it, relative to *start*."""
        found: list[Piece] = []
        for index in range(bisect_left(self._ends, start + 1), len(self._pieces)):
            begin, stop, what = self._pieces[index]
            if begin >= end:
                break
            found.append((max(begin, start) - start, min(stop, end) - start, what))
        return found
