"""
The SQL of the table of words, sent to the driver: no statement of the project's, and not cached.

Every function raises `django.db.Error` if the database refuses; what that leaves of a transaction
is the caller's affair.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from praxis.cache.plans.change import Conditions
from praxis.cache.protocol.calls import Written

TABLE = "praxis_cache_change"
#: Vendors of databases that can hold it.
VENDORS = frozenset({"postgresql", "sqlite"})
#: Rows that are read at a time.
BATCH_ROWS = 1000

# Sites with a schema for each tenant may have made it in several: all have to mean the same one,
# since what they tell is told of one database. The oldest has the lowest number.
_PLACE = f"""
SELECT quote_ident(nspname), pg_is_in_recovery()
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relname = '{TABLE}' AND relkind = 'r' AND relpersistence <> 't'
ORDER BY pg_class.oid LIMIT 1
"""  # noqa: S608 - a constant
_NOW = {"postgresql": "clock_timestamp()", "sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now')"}
_AGE_MS = {
    "postgresql": "CAST(EXTRACT(EPOCH FROM clock_timestamp() - made_at) * 1000 AS bigint)",
    "sqlite": "CAST((julianday('now') - julianday(made_at)) * 86400000 AS integer)",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the table is, quoted; and whether this database can only be read."""

    name: str
    is_replica: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """One row; *left_ms* is what is left of a hold, and None of any other."""

    number: int
    table: str
    conditions: Conditions | None
    left_ms: int | None


def place_of(database: Any) -> Place | None:
    """Where the table is; None if it is nowhere."""
    if database.vendor == "postgresql":
        found = _rows(database, _PLACE)
        return Place(f"{found[0][0]}.{TABLE}", bool(found[0][1])) if found else None
    if database.vendor == "sqlite":
        query = f"SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '{TABLE}'"  # noqa: S608
        return Place(TABLE) if _rows(database, query) else None
    return None


def leave(database: Any, place: Place, written: Mapping[str, Written], hold_ms: int | None) -> None:
    """Leave word of a write, and a hold besides if *hold_ms* is given."""
    rows: list[tuple[str, str | None, int | None]] = [
        (table, packed(one.conditions), None) for table, one in written.items()
    ]
    if hold_ms is not None:
        rows.append(("", None, hold_ms))
    mark = "%s" if database.vendor == "postgresql" else "?"
    values = ", ".join([f"({mark}, {mark}, {mark}, {_NOW[database.vendor]})"] * len(rows))
    columns = "(table_name, conditions, hold_ms, made_at)"
    query = f"INSERT INTO {place.name} {columns} VALUES {values}"  # noqa: S608 - all constants
    run(database, query, [part for row in rows for part in row])


def waiting(database: Any, place: Place, after: int = 0) -> list[Word]:
    """
    The words with a number above *after*, in the order of these; at most `BATCH_ROWS`.

    They are those that are committed now, also if *database* is in the midst of reading something.
    """
    query = (
        f"SELECT id, table_name, conditions, hold_ms, {_AGE_MS[database.vendor]} "  # noqa: S608
        f"FROM {place.name} WHERE id > {int(after)} ORDER BY id LIMIT {BATCH_ROWS}"
    )
    return [
        Word(number, table, unpacked(conditions), None if hold_ms is None else hold_ms - age_ms)
        for number, table, conditions, hold_ms, age_ms in _apart(database, query)
    ]


def delete(database: Any, place: Place, numbers: Sequence[int]) -> None:
    """Delete words, outside of transactions; without waiting for who writes to an SQLite file."""
    listed = ", ".join(str(int(number)) for number in numbers)
    query = f"DELETE FROM {place.name} WHERE id IN ({listed})"  # noqa: S608 - numbers
    _apart(database, query, is_read=False)


def _apart(database: Any, query: str, *, is_read: bool = True) -> list[Any]:
    """
    The answer of the moment.

    A connection to an SQLite file sees what there was when the oldest statement began whose rows
    are still being read, so another one asks; and it does not wait.
    """
    if database.vendor != "sqlite" or database.is_in_memory_db():
        return run(database, query, is_read=is_read)
    name = database.settings_dict["NAME"]
    with (
        database.wrap_database_errors,
        closing(sqlite3.connect(name, timeout=0, uri=True)) as own,
        own,
    ):
        return own.execute(query).fetchall()


def packed(conditions: Conditions | None) -> str | None:
    """Conditions as the table holds them; None for any row."""
    if conditions is None:
        return None
    shapes = {
        ",".join(columns): sorted(map(list, rows), key=repr) for columns, rows in conditions.items()
    }
    return json.dumps(shapes)


def unpacked(text: str | None) -> Conditions | None:
    """What `packed` made; whatever else was put there stands for any row."""
    try:
        shapes = json.loads(text) if text else None
        if shapes is None:
            return None
        return {
            tuple(shape.split(",")): {tuple(row) for row in rows} for shape, rows in shapes.items()
        }
    except (ValueError, TypeError, AttributeError):
        return None


def _rows(database: Any, query: str) -> list[Any]:
    return run(database, query, is_read=True)


def run(
    database: Any, query: str, params: Sequence[object] = (), *, is_read: bool = False
) -> list[Any]:
    """Send a statement to the driver; its rows if *is_read*."""
    database.ensure_connection()
    with database.wrap_database_errors, closing(database.connection.cursor()) as cursor:
        if params:
            cursor.execute(query, params)
        else:
            cursor.execute(query)
        return list(cursor.fetchall()) if is_read else []
