"""
The lines of a file around a place, laid out in terminal cells, with the marks under them.

Tabs advance to the next multiple of four, wide characters take two cells, control characters are
pictures; a long line is cut around the place.
"""

from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate

from rich.cells import cell_len

from praxis.audit.file import line_starts
from praxis.audit.findings import Place
from praxis.audit.report.printable import printable

TAB_CELLS = 4
MAX_LINES = 4
_CUT = "…"


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is shown; *mark* is the cell at which its mark begins, and its width."""

    number: int
    text: str
    mark: tuple[int, int]


class Excerpts:
    """Cuts excerpts out of one text."""

    def __init__(self, text: str) -> None:
        self._text, self._starts = text, line_starts(text)

    def lines(self, place: Place, width: int, max_lines: int = MAX_LINES) -> list[Line]:
        """The lines of *place*, none wider than *width* cells; of many the first ones."""
        last = min(place.end_line, len(self._starts))
        shown = range(place.line, min(last, place.line + max_lines - 1) + 1)
        return [self._line(number, place, width) for number in shown]

    def _line(self, number: int, place: Place, width: int) -> Line:
        text = self.raw_line(number)
        indent = len(text) - len(text.lstrip())
        start = place.column - 1 if number == place.line else indent
        end = place.end_column - 1 if number == place.end_line else len(text.rstrip())
        start = min(start, len(text))
        return lay_out(number, text, start, max(start, min(end, len(text))), width)

    def raw_line(self, number: int) -> str:
        """Line *number* without its end."""
        start = self._starts[number - 1]
        end = self._starts[number] if number < len(self._starts) else len(self._text)
        return self._text[start:end].rstrip("\r\n")


def lay_out(number: int, text: str, start: int, end: int, width: int) -> Line:
    """Lay out one line with the characters *start* to *end* marked."""
    if text.isascii() and text.isprintable():
        shown, edges = list(text), list(range(len(text) + 1))
    else:
        shown, edges = _cells(text)
    mark_start, mark_end = edges[start], max(edges[end], edges[start] + 1)
    if edges[-1] <= width:
        return Line(number, "".join(shown), (mark_start, mark_end - mark_start))
    # Keep some of what leads to the place, and as much of the place as there is room for.
    room = max(width - 2 * len(_CUT), 8)
    lead = max(room - (mark_end - mark_start), room // 4) // 2
    left = max(0, min(mark_start - lead, edges[-1] - room))
    first = bisect_left(edges, left)
    left = edges[first]
    last = bisect_left(edges, left + room + 1) - 1
    before = _CUT if first else ""
    after = _CUT if last < len(shown) else ""
    offset = len(before) - left
    mark_end = min(mark_end, max(edges[last], mark_start + 1))
    piece = "".join(shown[first:last])
    return Line(number, f"{before}{piece}{after}", (mark_start + offset, mark_end - mark_start))


def _cells(text: str) -> tuple[list[str], list[int]]:
    """What is shown for each character, and the cell at which each begins (and the last ends)."""
    shown: list[str] = []
    widths: list[int] = []
    position = 0
    for character in text:
        if character == "\t":
            shown.append(" " * (TAB_CELLS - position % TAB_CELLS))
        else:
            shown.append(printable(character))
        widths.append(cell_len(shown[-1]))
        position += widths[-1]
    return shown, list(accumulate(widths, initial=0))
