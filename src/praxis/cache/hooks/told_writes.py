"""What a statement writes of the watched tables, from its text, and from its rows where it must."""

from collections.abc import Sequence
from typing import Any

from praxis.cache.hooks.connections import CachedConnection
from praxis.cache.hooks.returned_rows import Returning, returning
from praxis.cache.plans.change import Change, Conditions, change
from praxis.cache.protocol.calls import MAX_CONDITIONS_WRITTEN, Written, columns_in
from praxis.cache.statements import Kind, Statement


def written_by(
    connection: CachedConnection,
    database: Any,
    text: str,
    params: Any,
    statement: Statement,
    *,
    many: bool,
) -> tuple[dict[str, Written], Returning | None]:
    """What a statement writes of the watched tables, and how the rows themselves can tell more."""
    seen = all_of(connection, statement)
    if not seen or statement.writes is None or statement.kind is not Kind.WRITE:
        return seen, None
    told = change(text, database.vendor, connection.catalog)
    if told.table not in seen:
        return seen, None
    shapes = _shapes(connection, told.table)
    found = _told_by_text(connection, told, shapes, params, many=many)
    seen[told.table] = Written(found)
    if not many and len(found) < len(shapes):
        return seen, returning(told, text, database, shapes, connection.catalog, found)
    return seen, None


def all_of(connection: CachedConnection, statement: Statement) -> dict[str, Written]:
    """The watched tables that a statement writes, with any of their rows."""
    tables = connection.watched.tables
    if statement.writes is None:
        return {table: Written(None) for table in tables}
    names = {table.name for table in statement.writes}
    return {name: Written(None) for name in names if name in tables}


def _told_by_text(
    connection: CachedConnection,
    told: Change,
    shapes: Sequence[tuple[str, ...]],
    params: Any,
    *,
    many: bool,
) -> Conditions:
    facts = connection.catalog[told.table]
    if not many:
        return told.told(shapes, params or (), facts)
    found: Conditions = {shape: set() for shape in shapes}
    rows = list(params)
    if len(rows) > MAX_CONDITIONS_WRITTEN:
        return {}
    for row in rows:
        one = told.told(shapes, row, facts)
        found = {shape: found[shape] | one[shape] for shape in found.keys() & one.keys()}
    return found


def _shapes(connection: CachedConnection, table: str) -> tuple[tuple[str, ...], ...]:
    return columns_in(connection.store.shapes.get(table, b""))
