"""The numbers that PostgreSQL gives to rows."""

from collections.abc import Iterator
from typing import Any

from praxis.databases.bulk.target import Target

#: How many numbers are taken at once; those that are left over are never used.
_TAKEN = 10_000


def sequence_of(target: Target, connection: Any) -> str | None:
    """The name of the sequence of the primary key; None if there is none."""
    if not target.has_automatic_pk:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_serial_sequence(%s, %s)",
            [connection.ops.quote_name(target.table), target.pk.column],
        )
        found: str | None = cursor.fetchone()[0]
        return found


def new_numbers(sequence: str, connection: Any) -> Iterator[int]:
    """Take numbers from a sequence. What is taken is nobody else's."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [sequence, _TAKEN]
            )
            yield from (number for (number,) in cursor.fetchall())


def pass_loaded(target: Target, connection: Any) -> None:
    """Move the sequence past the primary keys that were loaded, never back."""
    sequence = sequence_of(target, connection)
    if sequence is None:
        return
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT setval(%s::regclass, rows.last) "  # noqa: S608
            f"FROM (SELECT max({quote(target.pk.column)}) AS last "
            f"FROM {quote(target.table)}) AS rows, {sequence} AS numbers "
            "WHERE rows.last > numbers.last_value "
            "OR (rows.last = numbers.last_value AND NOT numbers.is_called)",
            [sequence],
        )
