"""``bulk_update``: new values for very many rows that are there."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from django.db import connections, router, transaction

from praxis.databases.bulk.created import ROWS
from praxis.databases.bulk.failures import failed_rows
from praxis.databases.bulk.loading import Loaded, can_copy
from praxis.databases.bulk.rows import UNFIT, Rows
from praxis.databases.bulk.staging import Staging, staged
from praxis.databases.bulk.target import Target
from praxis.databases.bulk.telling import tell
from praxis.errors import BulkLoadError
from praxis.written_rows import UPDATED


def bulk_update(
    model: Any,
    rows: Iterable[Any],
    fields: Sequence[str],
    *,
    match: Sequence[str] = ("pk",),
    using: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> Loaded:
    """
    Write fields of rows that are there: all of them or none.

    Rows that are not found are left out; ``written`` counts the others. Fields with ``auto_now``
    get the moment of the load. No signals are sent, ``save()`` is not called.

    Args:
        model: With one table.
        rows: Objects of the model; dicts with *match* and *fields*; tuples of the values of *match*
            and then of *fields*; or CsvRows that name them.
        fields: What is written.
        match: By which fields a row is found; a constraint makes them unique. Other databases than
            PostgreSQL take the primary key alone.
        using: The alias of the database; None asks the routers.
        progress: Called with the number of rows so far.

    Raises:
        BulkLoadError: if something is wrong with a row, or with what is asked for; nothing was
            written.
    """
    target = Target(model)
    alias = using or router.db_for_write(target.model)
    connection = connections[alias]
    matched = target.chosen(match, what="match")
    target.check_unique(matched)
    written = target.chosen(fields, what="fields")
    for field in written:
        if field in matched or field.primary_key:
            raise BulkLoadError(f"fields names {field.name!r}, by which rows are found.")
    names = [field.name for field in (*matched, *written)]
    read = Rows(target, rows, names, whole=False, only=[*matched, *written])
    update = _by_staging if can_copy(connection) else _by_django
    with failed_rows(lambda: f"Rows 1 to {read.given:,}"), transaction.atomic(using=alias):
        count = update(read, matched, written, connection, progress)
    return Loaded(read.given, count)


def _by_staging(
    rows: Rows,
    match: Sequence[Any],
    fields: Sequence[Any],
    connection: Any,
    progress: Callable[[int], None] | None,
) -> int:
    stream = rows.valued(connection)
    with staged(rows.target, connection, rows, stream, before=0, progress=progress) as staging:
        if staging is None:
            return 0
        staging.refuse_twins(match)
        pairs = [
            f"{staging.quote(field.column)} = staged.{staging.quote(field.column)}"
            for field in fields
        ]
        count = staging.run(
            f"UPDATE {staging.quote(rows.target.table)} "  # noqa: S608
            f"SET {', '.join([*pairs, *_moments(staging, fields)])} "
            f"FROM {staging.table} AS staged WHERE {staging.same(match)}"
        )
    if count:
        names = [field.name for field in fields]
        tell(rows.target.model, UPDATED, using=connection.alias, fields=names)
    return count


def _moments(staging: Staging, fields: Sequence[Any]) -> list[str]:
    """Of fields that say when a row was changed."""
    target, connection = staging.target, staging.connection
    blank = target.model()
    found = []
    for field in target.fields:
        if getattr(field, "auto_now", False) and field not in fields:
            value = field.get_db_prep_save(field.pre_save(blank, False), connection)
            text = connection.ops.compose_sql("%s", [value])
            found.append(f"{staging.quote(field.column)} = {text}")
    return found


def _by_django(
    rows: Rows,
    match: Sequence[Any],
    fields: Sequence[Any],
    connection: Any,
    progress: Callable[[int], None] | None,
) -> int:
    target = rows.target
    if list(match) != [target.pk]:
        raise BulkLoadError(
            f"match: on {connection.display_name} rows are found by their primary key alone."
        )
    manager = target.rows(connection)
    moments = [each for each in target.fields if getattr(each, "auto_now", False)]
    names = [field.name for field in {*fields, *moments}]
    stream, done, written = rows.objects(validate=False), 0, 0
    while objects := list(islice(stream, ROWS)):
        keys = [each.pk for each in objects]
        if None in keys:
            number = done + keys.index(None) + 1
            raise BulkLoadError(f"Row {number:,} has no primary key.", row=number)
        if len(set(keys)) < len(keys):
            twin = next(key for key in keys if keys.count(key) > 1)
            raise BulkLoadError(f"Several rows have the same {target.pk.name}={twin!r}.")
        for field in moments:
            for each in objects:
                if field not in fields:
                    field.pre_save(each, False)
        with failed_rows(lambda: f"Rows {done + 1:,} to {done + len(keys):,}"):  # noqa: B023
            try:
                written += manager.bulk_update(objects, names)
            except UNFIT as error:
                rows_said = f"Rows {done + 1:,} to {done + len(keys):,}"
                raise BulkLoadError(f"{rows_said}: {error}") from error
        done += len(keys)
        if progress is not None:
            progress(done)
    return written
