"""``bulk_load``: very many new rows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from django.db import connections, router, transaction

from praxis.databases.bulk import copied, created
from praxis.databases.bulk.failures import failed_rows
from praxis.databases.bulk.rows import Rows
from praxis.databases.bulk.target import Target
from praxis.databases.bulk.wishes import Wish
from praxis.errors import BulkLoadError


@dataclass(frozen=True, slots=True)
class Loaded:
    """
    What was loaded.

    Attributes:
        rows: How many were given.
        written: How many were inserted or updated; of ``on_conflict="ignore"`` on SQLite and MySQL,
            which do not tell, as many as were given.
        pks: Their primary keys in the order of the rows, if they were asked for.
    """

    rows: int
    written: int
    pks: list[Any] | None = None


def bulk_load(
    model: Any,
    rows: Iterable[Any],
    *,
    fields: Sequence[str] | None = None,
    using: str | None = None,
    validate: bool = False,
    on_conflict: str | None = None,
    match: Sequence[str] | None = None,
    update: Sequence[str] | None = None,
    returning: bool = False,
    commit_every: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Loaded:
    """
    Load rows into the table of a model: all of them or none.

    Fields that a row does not name get the defaults of the model; ``auto_now`` and ``auto_now_add``
    the moment of the load. No signals are sent, ``save()`` is not called. Rows are read one by one
    as they are sent, so that a generator needs no memory for all of them. Objects are left as they
    are: they learn no primary keys.

    Args:
        model: With one table.
        rows: Objects of the model, dicts, tuples, or `praxis.databases.bulk.CsvRows`.
        fields: What the values of tuples are.
        using: The alias of the database; None asks the routers.
        validate: Clean each row as a form would (``clean_fields``, ``clean``), and refuse all if
            one is invalid; the message lists up to twenty. Constraints are left to the database.
        on_conflict: ``ignore`` leaves a row that is there as it is, ``update`` gives it the new
            values; None refuses it. All rows have the same fields then.
        match: By which fields a row is the same; a constraint makes them unique. ``update`` needs
            them.
        update: Which fields ``update`` writes; None for all that the rows name but *match*.
        returning: Whether to return the primary keys, which are then in memory.
        commit_every: Commit after so many rows, which then stay whatever becomes of the rest. Not
            within ``atomic()``.
        progress: Called with the number of rows so far, every 50,000 rows or fewer.

    Raises:
        BulkLoadError: if something is wrong with a row, or with what is asked for. Nothing stays
            loaded but what *commit_every* committed, which ``loaded`` counts.
        django.db.OperationalError: if the database went away; as before.
    """
    target = Target(model)
    alias = using or router.db_for_write(target.model)
    connection = connections[alias]
    asked = Wish.of(
        target,
        on_conflict=on_conflict,
        match=match,
        update=update,
        returning=returning,
        validate=validate,
        progress=progress,
    )
    read = Rows(target, rows, fields)
    if commit_every is not None:
        _check_parts(commit_every, connection)
    way: Any = copied if can_copy(connection) else created
    written, done = 0, 0
    pks: list[Any] | None = [] if returning else None
    try:
        for part in _parts(way.stream(read, asked, connection), commit_every):
            with (
                failed_rows(lambda: f"Rows {done + 1:,} to {read.given:,}"),  # noqa: B023 - of now
                transaction.atomic(using=alias),
            ):
                count, found = way.load(read, part, asked, connection, before=done)
            written, done = written + count, read.given
            if pks is not None:
                pks += found
    except BulkLoadError as error:
        error.loaded = done
        raise
    return Loaded(read.given, written, pks)


def can_copy(connection: Any) -> bool:
    """Whether rows go in by COPY: PostgreSQL, with psycopg 3."""
    return bool(connection.vendor == "postgresql" and connection.Database.__name__ == "psycopg")


def _check_parts(commit_every: int, connection: Any) -> None:
    if commit_every < 1:
        raise BulkLoadError(f"commit_every must be at least 1, not {commit_every}.")
    if connection.in_atomic_block:
        raise BulkLoadError(
            "commit_every commits nothing within atomic(). Call it outside, or without."
        )


def _parts(stream: Iterator[Any], size: int | None) -> Iterator[Iterator[Any]]:
    """Divide the stream; a part must be read before the next one is asked for."""
    if size is None:
        yield stream
        return
    for first in stream:
        yield chain([first], islice(stream, size - 1))
