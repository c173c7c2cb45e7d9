"""
Replicas of PostgreSQL, which may show less than was acknowledged.

What is read from one may be kept if it shows all that the stamps stand for. Whoever sees a stamp
knows that the writes before it are committed; so a position in the primary's log that is asked for
after that lies behind them. Once the replica has replayed up to there, its rows are as new as the
stamps.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.apps import apps
from django.core.signals import setting_changed
from django.db import Error, connections, router

from praxis.cache.hooks.connections import CachedConnection, cached
from praxis.cache.protocol.calls import STAMP_BYTES
from praxis.cache.statements import table_named

logger = logging.getLogger("praxis.cache")

_VENDOR = "postgresql"
_IS_REPLICA = "SELECT pg_is_in_recovery()"
#: As late as any record that was written, also those that are not on disk yet.
_POSITION = "SELECT pg_current_wal_insert_lsn()::text"
#: NULL where a replica does not replay the log, as with servers that share their storage.
_REPLAYED = "SELECT pg_last_wal_replay_lsn()::text"
#: Where a connection keeps what it leads to, with the driver's connection that was asked.
_ATTRIBUTE = "_praxis_cache_replica"


@dataclass(slots=True)
class Positions:
    """
    Of one primary, as this process knows it: by table the stamp of any write, and a position in
    the log behind all writes that it stands for.
    """

    known: dict[str, tuple[bytes, int]] = field(default_factory=dict)

    def lacking(self, stamps: dict[str, bytes]) -> list[str]:
        """The tables that have another stamp than the one that a position is known for."""
        known = self.known
        return [table for table, stamp in stamps.items() if known.get(table, (b"", 0))[0] != stamp]


#: By the name of the database.
_positions: dict[str, Positions] = {}


def is_replica(database: Any) -> bool:
    """Whether the server that a connection leads to can only be read; it is opened for that."""
    if database.vendor != _VENDOR:
        return False
    if database.connection is None:
        with database.cursor():  # which opens it, or says that it must not be used here
            pass
    driver = database.connection
    told = _parameter(driver, "in_hot_standby")
    if told is not None:  # by PostgreSQL 14 and later, without asking; by a pooler perhaps not
        return told == "on"
    known, answer = database.__dict__.get(_ATTRIBUTE, (None, False))
    if known is not driver:
        answer = bool(_asked(database, _IS_REPLICA))
        database.__dict__[_ATTRIBUTE] = driver, answer
    return bool(answer)


def shows_all(
    connection: CachedConnection, database: Any, tables: Iterable[str], anys: bytes
) -> bool:
    """
    Whether what is read from now on is as new as stamps that were read before; on a primary it is.

    On a replica one query asks how far it is, and another one the primary if one of the tables was
    written since that was last asked.

    Args:
        connection: Of *database*.
        database: Django's, on which is going to be read.
        tables: Those that are read.
        anys: The stamps of any write to each of them.
    """
    if not is_replica(database):
        return True
    stamps = {
        table: anys[STAMP_BYTES * at : STAMP_BYTES * (at + 1)] for at, table in enumerate(tables)
    }
    try:
        needed = _position_behind(connection, stamps)
        if needed is None:
            return False
        replayed = _asked(database, _REPLAYED)
    except Error:
        logger.warning("It is not known how far a replica is, so nothing is kept.", exc_info=True)
        return False
    return replayed is not None and _number(replayed) >= needed


def _position_behind(connection: CachedConnection, stamps: dict[str, bytes]) -> int | None:
    """A position in the primary's log behind all that the stamps stand for; None if unknown."""
    positions = _positions.setdefault(connection.store.name, Positions())
    lacking = positions.lacking(stamps)
    if lacking:
        primary = _primary_of(connection, lacking[0])
        if primary is None:
            return None
        position = _number(_asked(primary, _POSITION))
        positions.known.update({table: (stamps[table], position) for table in lacking})
    found = [positions.known[table] for table in stamps]
    # another thread may have met other stamps meanwhile
    if [stamp for stamp, _ in found] != list(stamps.values()):
        return None
    return max(position for _, position in found)


def _primary_of(connection: CachedConnection, table: str) -> Any:
    """Django's connection to where a table is written; None if that is not known."""
    model = _models().get(table)
    alias = None if model is None else router.db_for_write(model)
    if alias is None or alias == connection.alias:
        return None
    primary = connections[alias]
    found = cached(primary)
    if found is None or found.store.name != connection.store.name or is_replica(primary):
        return None
    return primary if primary.in_atomic_block or primary.get_autocommit() else None


@cache
def _models() -> dict[str, Any]:
    """A model of each table."""
    return {
        table_named(model._meta.db_table, _VENDOR).name: model  # noqa: SLF001 - public since ever
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy  # noqa: SLF001 - public since ever
    }


def _parameter(driver: Any, name: str) -> str | None:
    """What the server has told of one of its parameters."""
    of_psycopg2 = getattr(driver, "get_parameter_status", None)
    told: str | None = (of_psycopg2 or driver.info.parameter_status)(name)
    return told


def _asked(database: Any, query: str) -> Any:
    """The one value that a query answers with, past Django: it is no query of the site."""
    database.ensure_connection()
    with database.wrap_database_errors, database.connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def _number(position: str) -> int:
    high, low = position.split("/")
    return (int(high, 16) << 32) + int(low, 16)


def _forget(*, setting: str, **_: object) -> None:
    if setting in {"PRAXIS", "DATABASES", "INSTALLED_APPS"}:
        _positions.clear()
        _models.cache_clear()


setting_changed.connect(_forget, dispatch_uid="praxis.cache.replicas")
