"""Exports into files, for tasks and commands."""

from collections.abc import Collection
from typing import IO, Any

from praxis.errors import ExportError
from praxis.exports.columns import Columns
from praxis.exports.formats import CsvFormat, Format, JsonFormat
from praxis.exports.reading import prepare, read
from praxis.exports.stopping import Stop


def write_csv(
    queryset: object,
    file: IO[Any],
    columns: Columns = None,
    *,
    labels: bool | Collection[str] = False,
    delimiter: str = ",",
    null: str = "",
    header: bool = True,
    bom: bool = False,
    escape_formulas: bool = True,
    timeout_s: float | None = None,
) -> int:
    """
    Write the rows as CSV to an open file; return how many bytes.

    As `praxis.exports.stream_csv`, on the connection and in the transaction of the caller.

    Args:
        queryset: Which rows.
        file: Open for writing; best in binary mode, since text is encoded once more otherwise.
        columns: As of `stream_csv`.
        labels: As of `stream_csv`.
        delimiter: As of `stream_csv`.
        null: As of `stream_csv`.
        header: As of `stream_csv`.
        bom: As of `stream_csv`.
        escape_formulas: As of `stream_csv`.
        timeout_s: As of `stream_csv`.

    Raises:
        ExportError: if that cannot be exported; nothing was written.
        django.db.DatabaseError: if it broke off; the file holds a part of it then.
    """
    form = CsvFormat(
        delimiter=delimiter,
        null=null,
        header=header,
        bom=bom,
        escape_formulas=escape_formulas,
    )
    return _write(queryset, file, columns, labels, form, timeout_s)


def write_ndjson(
    queryset: object,
    file: IO[Any],
    columns: Columns = None,
    *,
    labels: bool | Collection[str] = False,
    timeout_s: float | None = None,
) -> int:
    """
    Write an object of JSON for each row to an open file; return how many bytes.

    As `write_csv`.
    """
    return _write(queryset, file, columns, labels, JsonFormat(), timeout_s)


def _write(
    queryset: object,
    file: IO[Any],
    columns: Columns,
    labels: bool | Collection[str],
    form: Format,
    timeout_s: float | None,
) -> int:
    _check(file)
    export = prepare(queryset, columns, labels, form, timeout_s)
    parts, written = read(export, Stop()), 0
    try:
        first = next(parts, b"")
        try:
            file.write(first)
            is_text = False
        except TypeError:
            file.write(first.decode())
            is_text = True
        written += len(first)
        for part in parts:
            file.write(part.decode() if is_text else part)
            written += len(part)
    finally:
        parts.close()  # type: ignore[attr-defined]
    return written


def _check(file: Any) -> None:
    if not hasattr(file, "write"):
        kind = type(file).__name__
        raise ExportError(f'An export is written to an open file, not {kind}. open(…, "wb") one.')
    if getattr(file, "closed", False):
        raise ExportError("The file is closed.")
    writable = getattr(file, "writable", None)
    if writable is not None and not writable():
        raise ExportError('The file is open for reading alone. open(…, "wb") it.')
