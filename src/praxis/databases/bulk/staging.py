"""A temporary table of PostgreSQL, from which rows are taken over."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from praxis.databases.bulk.copying import copy_in
from praxis.databases.bulk.failures import failed_rows
from praxis.databases.bulk.rows import Rows, Valued
from praxis.databases.bulk.target import Target
from praxis.errors import BulkLoadError


class Staging:
    """
    Rows that are in the database and not yet in their table.

    Attributes:
        table: Its quoted name.
        fields: Of its columns.
        count: How many rows are in it.
    """

    def __init__(self, target: Target, connection: Any, fields: Sequence[Any], name: str) -> None:
        self.target, self.connection, self.fields = target, connection, fields
        self.quote = connection.ops.quote_name
        self.table: str = self.quote(name)
        self.count = 0

    def names(self, fields: Sequence[Any], prefix: str = "") -> str:
        """Columns, with commas between them."""
        return ", ".join(f"{prefix}{self.quote(field.column)}" for field in fields)

    def same(self, match: Sequence[Any]) -> str:
        """The condition that a row of the table is the one of ``staged``."""
        return " AND ".join(
            f"{self.quote(self.target.table)}.{self.quote(each.column)} = "
            f"staged.{self.quote(each.column)}"
            for each in match
        )

    def refuse_twins(self, match: Sequence[Any]) -> None:
        """Raise BulkLoadError if two rows are for the same one of the table."""
        names = self.names(match)
        given = " AND ".join(f"{self.quote(each.column)} IS NOT NULL" for each in match)
        with self.connection.cursor() as cursor:
            cursor.execute(
                f"SELECT array_agg(praxis_row ORDER BY praxis_row), {names} "  # noqa: S608
                f"FROM {self.table} WHERE {given} GROUP BY {names} HAVING count(*) > 1 "
                "ORDER BY min(praxis_row) LIMIT 1"
            )
            found = cursor.fetchone()
        if found is not None:
            rows, *values = found
            what = ", ".join(
                f"{each.name}={value!r}" for each, value in zip(match, values, strict=True)
            )
            several = " and ".join(f"{row:,}" for row in rows[:5])
            raise BulkLoadError(f"Rows {several} have the same {what}.", row=rows[1])

    def run(self, sql: str) -> int:
        """Take the rows over; return how many were written."""
        with (
            failed_rows(lambda: f"Rows 1 to {self.count:,}"),
            self.connection.cursor() as cursor,
        ):
            cursor.execute(sql)
            return int(cursor.rowcount)


@contextmanager
def staged(
    target: Target,
    connection: Any,
    rows: Rows,
    stream: Iterator[Valued],
    *,
    before: int,
    progress: Callable[[int], None] | None,
) -> Iterator[Staging | None]:
    """
    Give a temporary table with the rows in it; None if there are no rows.

    All of them must have the same columns, which those of the first one are.
    """
    first = next(stream, None)
    if first is None:
        yield None
        return
    fields = first[0]
    name = f"praxis_load_{secrets.token_hex(8)}"
    staging = Staging(target, connection, fields, name)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE {staging.table} ON COMMIT DROP AS "  # noqa: S608
            f"SELECT 0::bigint AS praxis_row, {staging.names(fields)} "
            f"FROM {staging.quote(target.table)} WITH NO DATA"
        )
    staging.count = copy_in(
        connection,
        name,
        _uniform(first, stream, rows),
        before=before,
        numbered=True,
        progress=progress,
    )
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {staging.table}")
    yield staging
    with connection.cursor() as cursor:  # the transaction may be the caller's, and go on
        cursor.execute(f"DROP TABLE {staging.table}")


def _uniform(first: Valued, stream: Iterator[Valued], rows: Rows) -> Iterator[Valued]:
    fields = first[0]
    yield first
    for found, values in stream:
        if found is not fields:
            if list(found) == list(fields):
                yield fields, values
                continue
            differing = sorted(each.name for each in set(found) ^ set(fields))
            raise BulkLoadError(
                f"Row {rows.given:,} has other fields than the first one "
                f"({', '.join(differing) or 'in another order'}): with on_conflict and in updates "
                "all rows have the same.",
                row=rows.given,
            )
        yield fields, values
