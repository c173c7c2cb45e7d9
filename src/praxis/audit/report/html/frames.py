"""Code as it is shown: lines with their numbers, coloured, and what was found marked."""

from collections.abc import Iterable, Iterator

from praxis.audit.facts.sources import Kind
from praxis.audit.file import line_starts
from praxis.audit.findings import Place
from praxis.audit.project import Project
from praxis.audit.report.difference import Hunk, Sign
from praxis.audit.report.html.colouring import Colours, Piece
from praxis.audit.report.html.markup import Markup, element, join, text
from praxis.errors import ProjectError

MAX_LINES = 12
MAX_HUNK_LINES = 30
_CONTEXT = 2
#: A line longer than this is cut around its mark.
_MAX_COLUMNS = 320
_CUT = "…"
_SIGNS = {Sign.KEPT: "kept", Sign.OUT: "out", Sign.IN: "in"}


class Frames:
    """Frames code of the files of *project*; each file is read and coloured once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._files: dict[str, _Lines | None] = {}

    def text(self, path: str) -> str | None:
        """The text of the file; None where it is gone or has changed since it was read."""
        lines = self._lines(path)
        return None if lines is None else lines.text

    def frame(self, place: Place, *, around: bool) -> Markup | None:
        """The lines of *place*, with some before and after it where *around* says so."""
        lines = self._lines(place.path)
        if lines is None:
            return None
        last = min(place.end_line, place.line + MAX_LINES - 1, lines.count)
        context = _CONTEXT if around else 0
        if not around:
            last = place.line
        numbers = range(max(place.line - context, 1), min(last + context, lines.count) + 1)
        shown = _trimmed([(number, lines.line(number)) for number in numbers])
        indent = _indent_of(line for _, line in shown)
        rows = [
            _row(number, line, lines.pieces(number), lines.mark(number, place), indent)
            for number, line in shown
        ]
        left = place.end_line - last if around else 0
        if left > 0:
            rows.append(_more(left, "line"))
        return element("pre", element("code", rows), class_="code")

    def _lines(self, path: str) -> "_Lines | None":
        if path not in self._files:
            summary = self._project.summaries.get(path)
            try:
                found = self._project.text(path) if summary is not None else None
            except ProjectError:
                found = None
            kind = summary.kind if summary is not None else Kind.PYTHON
            self._files[path] = None if found is None else _Lines(found, kind)
        return self._files[path]


def hunks(found: Iterable[Hunk]) -> Markup:
    """The difference that a fix makes."""
    shown: list[Markup] = []
    room = MAX_HUNK_LINES
    hidden = 0
    for hunk in map(_without_blank_ends, found):
        if shown and room > 0:
            shown.append(element("span", "⋯", class_="gap", aria_hidden="true"))
        indent = _indent_of(line.text for line in hunk)
        for line in hunk[: max(room, 0)]:
            mark = (line.start, line.end) if line.end > line.start else None
            sign = _SIGNS[line.sign]
            shown.append(_row(line.number, line.text, [], mark, indent, sign))
        hidden += max(len(hunk) - max(room, 0), 0)
        room -= len(hunk)
    if hidden:
        shown.append(_more(hidden, "line"))
    return element("pre", element("code", shown), class_="code diff")


class _Lines:
    """One file, by lines."""

    def __init__(self, text: str, kind: Kind) -> None:
        self.text, self._starts = text, line_starts(text)
        self._colours = Colours(text, kind)
        self.count = len(self._starts)

    def _span(self, number: int) -> tuple[int, int]:
        start = self._starts[number - 1]
        end = self._starts[number] if number < self.count else len(self.text)
        return start, start + len(self.text[start:end].rstrip("\r\n"))

    def line(self, number: int) -> str:
        start, end = self._span(number)
        return self.text[start:end]

    def pieces(self, number: int) -> list[Piece]:
        return self._colours.between(*self._span(number))

    def mark(self, number: int, place: Place) -> tuple[int, int] | None:
        """What of the line belongs to *place*, without its indentation."""
        if not place.line <= number <= place.end_line:
            return None
        line = self.line(number)
        start = place.column - 1 if number == place.line else len(line) - len(line.lstrip())
        end = place.end_column - 1 if number == place.end_line else len(line.rstrip())
        return (min(start, len(line)), min(end, len(line))) if end > start else None


def _without_blank_ends(hunk: Hunk) -> Hunk:
    """The hunk without kept lines at its ends that are blank."""
    while hunk and hunk[0].sign is Sign.KEPT and not hunk[0].text.strip():
        hunk = hunk[1:]
    while hunk and hunk[-1].sign is Sign.KEPT and not hunk[-1].text.strip():
        hunk = hunk[:-1]
    return hunk


def _trimmed(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Without blank lines at either end."""
    while lines and not lines[0][1].strip():
        lines = lines[1:]
    while lines and not lines[-1][1].strip():
        lines = lines[:-1]
    return lines


def _indent_of(lines: Iterable[str]) -> int:
    """The characters of white space that all lines begin with: they are not shown."""
    indents = [line[: len(line) - len(line.lstrip(" \t"))] for line in lines if line.strip()]
    if not indents:
        return 0
    first, last = min(indents), max(indents)  # what these two share, all between them share
    return next(
        (i for i, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]),
        len(first),
    )


def _row(
    number: int | None,
    line: str,
    pieces: list[Piece],
    mark: tuple[int, int] | None,
    indent: int,
    sign: str | None = None,
) -> Markup:
    start, end = _window(line, mark, min(indent, len(line)))
    content = [
        _CUT if start > indent else None,
        _coloured(line, pieces, mark, start, end),
        _CUT if end < len(line) else None,
        "\n",
    ]
    classes = f"ln {sign}" if sign else "ln"
    if sign == "out":
        content.insert(0, element("span", "removed: ", class_="sr"))
    elif sign == "in":
        content.insert(0, element("span", "added: ", class_="sr"))
    return element("span", content, class_=classes, data_n=number or "")


def _window(line: str, mark: tuple[int, int] | None, indent: int) -> tuple[int, int]:
    """The part of a line that is shown."""
    if len(line) - indent <= _MAX_COLUMNS:
        return indent, len(line)
    middle = mark[0] if mark is not None else indent
    start = max(indent, min(middle - _MAX_COLUMNS // 4, len(line) - _MAX_COLUMNS))
    return start, start + _MAX_COLUMNS


def _coloured(
    line: str, pieces: list[Piece], mark: tuple[int, int] | None, start: int, end: int
) -> Markup:
    if mark is None or mark[0] >= end or mark[1] <= start:
        return join(_spans(line, pieces, start, end))
    first, last = max(mark[0], start), min(mark[1], end)
    return join([
        _spans(line, pieces, start, first),
        element("mark", _spans(line, pieces, first, last)),
        _spans(line, pieces, last, end),
    ])  # fmt: skip


def _spans(line: str, pieces: list[Piece], start: int, end: int) -> Iterator[Markup]:
    position = start
    for begin, stop, what in pieces:
        begin, stop = max(begin, position), min(stop, end)
        if begin >= stop:
            continue
        yield text(line[position:begin])
        yield element("span", line[begin:stop], class_=f"c-{what}")
        position = stop
    yield text(line[position:end])


def _more(count: int, noun: str) -> Markup:
    return element("span", f"… {count:,} more {noun if count == 1 else f'{noun}s'}", class_="gap")
