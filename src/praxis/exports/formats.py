"""CSV and NDJSON: what is chosen about them, and lines of rows that Python has."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from json.encoder import encode_basestring as quoted_json
from numbers import Number
from typing import Any

from praxis.errors import ExportError
from praxis.exports.columns import Column
from praxis.exports.kinds import Kind
from praxis.exports.values import BARE_IN_JSON, FORMULA_STARTS, writer_of

BOM = "\ufeff"
#: Writes one value, which may be None.
Cell = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Filled:
    """
    A column, and what the query puts into it.

    Attributes:
        labels: By value the label that is shown; empty where values are.
    """

    column: Column
    kind: Kind
    labels: dict[Any, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvFormat:
    r"""
    CSV of RFC 4180 in UTF-8, with ``\n`` at the end of lines.

    A NULL is ``null``, and a text that is the same is quoted: so they differ.
    """

    delimiter: str = ","
    null: str = ""
    header: bool = True
    bom: bool = False
    escape_formulas: bool = True

    extension = "csv"
    content_type = "text/csv; charset=utf-8"

    def __post_init__(self) -> None:
        if len(self.delimiter) != 1 or not self.delimiter.isascii() or self.delimiter in '"\r\n\0':
            raise ExportError(
                f"{self.delimiter!r} cannot be the delimiter: use one ASCII character, such as ';'."
            )
        if any(each in self.null for each in (self.delimiter, '"', "\r", "\n", "\0")):
            raise ExportError(f"{self.null!r} cannot stand for NULL: it would have to be quoted.")

    def opening(self, columns: Sequence[Column]) -> str:
        """What comes before the rows."""
        start = BOM if self.bom else ""
        if not self.header:
            return start
        quoted = self._quoting(len(columns))
        return start + self.delimiter.join(quoted(each.header) for each in columns) + "\n"

    def line_writer(
        self, columns: Sequence[Filled], zone: tzinfo | None
    ) -> Callable[[Sequence[Any]], str]:
        """Return what makes a line of a row."""
        quoted = self._quoting(len(columns))
        cells = [self._cell(each, quoted, zone) for each in columns]
        delimiter = self.delimiter

        def line(row: Sequence[Any]) -> str:
            return (
                delimiter.join([cell(value) for cell, value in zip(cells, row, strict=True)]) + "\n"
            )

        return line

    def _cell(self, filled: Filled, quoted: Callable[[str], str], zone: tzinfo | None) -> Cell:
        write, labels, null = writer_of(filled.kind, zone), filled.labels, self.null
        is_text = bool(labels) or filled.kind in {Kind.TEXT, Kind.OTHER}
        text = _escaping(quoted) if is_text and self.escape_formulas else quoted

        def cell(value: Any) -> str:
            if labels and (label := labels.get(_hashable(value))) is not None:
                return text(label)
            if value is None:
                return null
            is_number = filled.kind is Kind.OTHER and isinstance(value, Number)
            return quoted(write(value)) if is_number else text(write(value))

        return cell

    def _quoting(self, columns: int) -> Callable[[str], str]:
        """Return what quotes a text where it has to, exactly as PostgreSQL does."""
        is_special = re.compile(f'["\r\n{re.escape(self.delimiter)}]').search
        # alone in its line it would end the data for psql
        alone = {self.null, "\\."} if columns == 1 else {self.null}

        def quoted(text: str) -> str:
            if is_special(text) or text in alone:
                return '"' + text.replace('"', '""') + '"'
            return text

        return quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonFormat:
    """
    An object of JSON in each line, in UTF-8.

    Decimals are strings, so that no reader rounds them; so are dates, and floats that JSON lacks.
    """

    extension = "ndjson"
    content_type = "application/x-ndjson; charset=utf-8"

    def opening(self, columns: Sequence[Column]) -> str:  # noqa: ARG002 - as that of CSV
        """Nothing comes before the rows."""
        return ""

    def line_writer(
        self, columns: Sequence[Filled], zone: tzinfo | None
    ) -> Callable[[Sequence[Any]], str]:
        """Return what makes a line of a row."""
        keys = self.keys([each.column for each in columns])
        cells = [self._cell(each, zone) for each in columns]

        def line(row: Sequence[Any]) -> str:
            shown = [cell(value) for cell, value in zip(cells, row, strict=True)]
            return (
                "".join([part for pair in zip(keys, shown, strict=True) for part in pair]) + "}\n"
            )

        return line

    def keys(self, columns: Sequence[Column]) -> list[str]:
        """What stands before each value."""
        return [
            f"{',' if at else '{'}{quoted_json(column.header)}:"
            for at, column in enumerate(columns)
        ]

    def _cell(self, filled: Filled, zone: tzinfo | None) -> Cell:
        write, labels = writer_of(filled.kind, zone), filled.labels
        is_bare = filled.kind in BARE_IN_JSON and not labels
        is_float = filled.kind is Kind.FLOAT

        def cell(value: Any) -> str:
            if labels and (label := labels.get(_hashable(value))) is not None:
                return quoted_json(label)
            if value is None:
                return "null"
            text = write(value)
            if is_bare and not (is_float and text[-1] in "Ny"):  # NaN, Infinity: JSON has none
                return text
            return quoted_json(text)

        return cell


Format = CsvFormat | JsonFormat


def _escaping(quoted: Callable[[str], str]) -> Callable[[str], str]:
    def escaped(text: str) -> str:
        return quoted(f"'{text}" if text and text[0] in FORMULA_STARTS else text)

    return escaped


def _hashable(value: Any) -> Any:
    return value if value.__hash__ is not None else None
