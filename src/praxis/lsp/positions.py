"""Offsets into a text as the protocol counts: lines from 0, and units of the agreed encoding."""

from bisect import bisect_right
from collections.abc import Callable

from praxis.audit.file import line_starts

#: What the protocol counts in, and how many units a piece of text has.
UNITS: dict[str, Callable[[str], int]] = {
    "utf-8": lambda text: len(text.encode("utf-8", "surrogatepass")),
    "utf-16": lambda text: len(text) + sum(character > "\uffff" for character in text),
    "utf-32": len,
}

Position = dict[str, int]
Range = dict[str, Position]


class Positions:
    """Positions in one text, in an encoding of `UNITS`."""

    def __init__(self, text: str, encoding: str) -> None:
        self._text, self._starts = text, line_starts(text)
        self._units = UNITS[encoding]

    def position(self, offset: int) -> Position:
        """The position of an offset in characters."""
        line = bisect_right(self._starts, offset) - 1
        return {
            "line": line,
            "character": self._units(self._text[self._starts[line] : offset]),
        }

    def range(self, start: int, end: int) -> Range:
        """The range between two offsets."""
        return {"start": self.position(start), "end": self.position(end)}

    def offset(self, line: int, character: int) -> int:
        """The offset of a position; one behind the end of its line, or of the text, is that end."""
        if line >= len(self._starts):
            return len(self._text)
        start = self._starts[line]
        end = self._starts[line + 1] if line + 1 < len(self._starts) else len(self._text)
        content = self._text[start:end].rstrip("\r\n")
        if content.isascii():
            return start + min(character, len(content))
        units = 0
        for index, letter in enumerate(content):
            if units >= character:
                return start + index
            units += self._units(letter)
        return start + len(content)
