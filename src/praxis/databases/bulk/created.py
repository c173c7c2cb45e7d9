"""Rows into any database: by ``bulk_create``, in parts that fit into memory."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from praxis.databases.bulk.failures import failed_rows
from praxis.databases.bulk.rows import UNFIT, Rows
from praxis.databases.bulk.wishes import Wish
from praxis.errors import BulkLoadError

#: How many objects are in memory at a time.
ROWS = 1000


def stream(rows: Rows, wish: Wish, connection: Any) -> Iterator[Any]:
    """Return the rows as `load` takes them."""
    if wish.returning and wish.on_conflict:
        raise BulkLoadError("returning with on_conflict needs PostgreSQL.")
    if wish.returning and not connection.features.can_return_rows_from_bulk_insert:
        raise BulkLoadError(f"returning: {connection.display_name} does not tell new keys.")
    return rows.objects(validate=wish.validate)


def load(
    rows: Rows, part: Iterator[Any], wish: Wish, connection: Any, *, before: int
) -> tuple[int, list[Any]]:
    """Load a part of the rows; return how many were written, and their primary keys if wanted."""
    manager = rows.target.rows(connection)
    done, pks = before, list[Any]()
    options: dict[str, Any] = {}
    while objects := list(islice(part, ROWS)):
        options = options or _options(rows, wish, connection)
        first, last = done + 1, done + len(objects)
        with failed_rows(lambda: f"Rows {first:,} to {last:,}"):  # noqa: B023 - called at once
            try:
                made = manager.bulk_create(objects, **options)
            except BulkLoadError:
                raise
            except UNFIT as error:
                raise BulkLoadError(f"Rows {first:,} to {last:,}: {error}") from error
        if wish.returning:
            pks += [each.pk for each in made]
        done = last
        if wish.progress is not None:
            wish.progress(done)
    return done - before, pks


def _options(rows: Rows, wish: Wish, connection: Any) -> dict[str, Any]:
    """What ``bulk_create`` is told about rows that are there already."""
    if wish.on_conflict is None:
        return {}
    if wish.on_conflict == "ignore":
        return {"ignore_conflicts": True}
    options: dict[str, Any] = {
        "update_conflicts": True,
        "update_fields": [field.name for field in wish.updated(rows.named, rows.target.fields)],
    }
    if connection.features.supports_update_conflicts_with_target:
        options["unique_fields"] = [field.name for field in wish.match]
    return options
