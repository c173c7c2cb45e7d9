"""Transactions whose statements see the moment at which they began."""

from functools import cache
from typing import Any

from django.core.signals import setting_changed

from praxis.cache.hooks.connection_state import ConnectionState
from praxis.cache.hooks.connections import is_in_transaction

_READ_COMMITTED = "read committed"
_levels: dict[tuple[str, str], str] = {}


def sees_what_is_committed(connection: Any, state: ConnectionState) -> bool:
    """Whether a statement sees, besides what its transaction wrote, all that others committed."""
    return not is_in_transaction(connection, state) or not (
        connection.needs_rollback or sees_a_snapshot(connection)
    )


def sees_a_snapshot(connection: Any) -> bool:
    """Whether a transaction that nothing else was said of reads what was there when it began."""
    if connection.vendor != "postgresql":
        return True  # SQLite, and MySQL unless it is told otherwise
    if connection.connection is None:
        return True  # closed within a transaction: Django has something to say about that
    options = connection.settings_dict["OPTIONS"]
    if "isolation_level" in options:
        return bool(connection.isolation_level != _read_committed())
    # The server, the role or the options of the connection may have another one: asked for once.
    place = (connection.alias, str(options.get("options", "")))
    level = _levels.get(place)
    if level is None:
        level = _levels[place] = _default_level(connection)
    return level != _READ_COMMITTED


def _default_level(connection: Any) -> str:
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        # past Django: it is no query of the project's
        cursor.execute("SHOW default_transaction_isolation")
        return str(cursor.fetchone()[0])


@cache
def _read_committed() -> Any:
    from django.db.backends.postgresql.psycopg_any import IsolationLevel

    return IsolationLevel.READ_COMMITTED


def _forget(*, setting: str, **_: object) -> None:
    if setting in {"PRAXIS", "DATABASES"}:
        _levels.clear()


setting_changed.connect(_forget, dispatch_uid="praxis.cache.isolation")
