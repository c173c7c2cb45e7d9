"""COPY into a table of PostgreSQL, in runs of rows that have the same columns."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from praxis.databases.bulk.failures import failed_copy
from praxis.databases.bulk.rows import Valued

#: After so many rows a COPY ends and another begins: only then does the server say what was wrong.
ROWS_A_COPY = 50_000


def copy_in(
    connection: Any,
    table: str,
    rows: Iterable[Valued],
    *,
    before: int = 0,
    numbered: bool = False,
    progress: Callable[[int], None] | None = None,
) -> int:
    """
    Copy rows into a table; return how many.

    Args:
        connection: Django's, within a transaction.
        table: Its name.
        rows: Fields and values.
        before: How many rows came before these, for messages and *progress*.
        numbered: Whether the first column is ``praxis_row``, and the number of the row is for it.
        progress: Called with the number of rows that the server has taken.

    Raises:
        BulkLoadError: if the server does not take a row. The transaction can only be rolled back.
    """
    quote = connection.ops.quote_name
    done = before
    for fields, values in _runs(rows):
        names = [quote(field.column) for field in fields]
        if numbered:
            names.insert(0, "praxis_row")
        columns = f" ({', '.join(names)})" if names else ""
        statement = f"COPY {quote(table)}{columns} FROM STDIN"
        first = done + 1
        with (
            failed_copy(connection, fields, first, lambda: done + 1),  # noqa: B023 - of now
            connection.cursor() as cursor,
            cursor.copy(statement) as copy,
        ):
            for each in values:
                copy.write_row([done + 1, *each] if numbered else each)
                done += 1
        if progress is not None:
            progress(done)
    return done - before


def _runs(rows: Iterable[Valued]) -> Iterator[tuple[Sequence[Any], Iterator[Sequence[Any]]]]:
    """Divide rows where their fields change, and where a COPY has become long."""
    stream = iter(rows)
    ahead = next(stream, None)

    def run() -> Iterator[Sequence[Any]]:
        nonlocal ahead
        assert ahead is not None  # noqa: S101 - for the types
        fields, count = ahead[0], 0
        while ahead is not None and ahead[0] is fields and count < ROWS_A_COPY:
            values, count = ahead[1], count + 1
            ahead = None
            yield values
            ahead = next(stream, None)

    while ahead is not None:
        yield ahead[0], run()
