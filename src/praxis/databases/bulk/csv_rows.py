"""Rows of CSV."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from praxis.errors import BulkLoadError


class CsvRows:
    """
    Rows of CSV in UTF-8, read as they are wanted.

    An empty cell is NULL where the field allows that, and an empty text elsewhere.

    Args:
        source: An open file, in text or binary mode, or a str with the text itself.
        fields: The fields of the columns. None: the first line says them. A dict says what the
            headers of the first line mean, and a header that means nothing is left out.
        delimiter: Between cells.

    Raises:
        BulkLoadError: if the source cannot be read.
    """

    def __init__(
        self,
        source: IO[Any] | str,
        fields: Sequence[str] | Mapping[str, str] | None = None,
        *,
        delimiter: str = ",",
    ) -> None:
        if isinstance(fields, str):
            raise BulkLoadError(f"fields must be a list of names. Write [{fields!r}].")
        self._lines = _lines(source)
        self._reader = csv.reader(self._lines, delimiter=delimiter, strict=True)
        self._places: list[int] | None = None
        self.fields: list[str]
        if fields is None or isinstance(fields, Mapping):
            header = self._next(0)
            if header is None:
                raise BulkLoadError("The CSV is empty: its first line should name the columns.")
            self.fields = self._meant(header, fields)
            self._width = len(header)
        else:
            self.fields = list(fields)
            self._width = len(self.fields)

    def __iter__(self) -> Iterator[list[str]]:
        number = 0
        while (row := self._next(number + 1)) is not None:
            number += 1
            if not row and self._width > 1:
                continue  # an empty line, as at the end of many files
            if len(row) != self._width:
                raise BulkLoadError(
                    f"Row {number:,} has {len(row)} cells, and there are {self._width} columns.",
                    row=number,
                )
            yield row if self._places is None else [row[place] for place in self._places]

    def _next(self, number: int) -> list[str] | None:
        try:
            return next(self._reader, None)
        except (csv.Error, UnicodeDecodeError) as error:
            where = f"Row {number:,}" if number else "The first line"
            raise BulkLoadError(
                f"{where} (line {self._reader.line_num + 1:,} of the file) is no CSV in UTF-8: "
                f"{error}.",
                row=number or None,
            ) from error

    def _meant(self, header: list[str], fields: Mapping[str, str] | None) -> list[str]:
        if fields is None:
            return header
        if missing := [name for name in fields if name not in header]:
            raise BulkLoadError(
                f"The CSV has no column {missing[0]!r}. It has: {', '.join(map(repr, header))}."
            )
        self._places = [header.index(name) for name in fields]
        return list(fields.values())


def _lines(source: Any) -> Iterator[str]:
    if isinstance(source, str):
        return iter(io.StringIO(source.removeprefix("\ufeff"), newline=""))
    if not hasattr(source, "read"):
        kind = type(source).__name__
        raise BulkLoadError(f"CSV is read from an open file or a str, not {kind}.")
    if getattr(source, "closed", False):
        raise BulkLoadError("The file is closed.")
    return _decoded(source)


def _decoded(source: Any) -> Iterator[str]:
    start = True
    for line in source:
        text = line.decode("utf-8") if isinstance(line, bytes) else line
        yield text.removeprefix("\ufeff") if start else text
        start = False
