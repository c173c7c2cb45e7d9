"""Why a query is not answered from the cache, as far as that is known before Redis is asked."""

from typing import Any

from praxis.announcements import BypassReason
from praxis.cache.hooks.connections import CachedConnection
from praxis.cache.hooks.isolation import sees_a_snapshot
from praxis.cache.hooks.querysets import ttl_of
from praxis.cache.plans.select import Plan
from praxis.cache.statements import Kind
from praxis.cache.watched import Watched


def obstacle(
    connection: CachedConnection, database: Any, select: Plan, *, in_transaction: bool
) -> BypassReason | None:
    """
    What keeps a query from the cache; None if nothing does.

    Args:
        connection: Of *database*.
        database: Django's connection.
        select: The plan of the query.
        in_transaction: Whether *database* is in the middle of one.
    """
    return obstacle_in_text(connection.watched, select) or obstacle_now(
        connection, database, select.tables, in_transaction=in_transaction
    )


def obstacle_in_text(watched: Watched, select: Plan) -> BypassReason | None:
    """What keeps a query from the cache whenever it is asked."""
    statement = select.statement
    if statement.kind is not Kind.READ:
        return BypassReason.NOT_A_READ
    if statement.locks:
        return BypassReason.LOCKS
    if statement.volatile:
        return BypassReason.VOLATILE
    return None if watched.may_cache(select.tables) else BypassReason.UNWATCHED_TABLE


def obstacle_now(
    connection: CachedConnection, database: Any, tables: frozenset[str], *, in_transaction: bool
) -> BypassReason | None:
    """What keeps results of *tables* from the cache as long as connection and transaction last."""
    if in_transaction:
        if database.needs_rollback:
            return BypassReason.BROKEN_TRANSACTION
        if sees_a_snapshot(database):
            return BypassReason.SNAPSHOT
    state = connection.state
    if state.may_read(tables):
        return None
    if state.session:
        return BypassReason.SESSION_CHANGED
    return BypassReason.SNAPSHOT if state.snapshot else BypassReason.OWN_WRITE


def reason_unasked(connection: CachedConnection, query: Any) -> BypassReason:
    """
    Why nobody asks the cache for a query, for which `ttl_of` has no time.

    Args:
        connection: The one that it runs on.
        query: As a compiler has it.
    """
    if ttl_of(query, 0) is None:
        return BypassReason.ASKED_FOR
    table = table_of(query.model)
    if table in connection.watched.tables:
        return BypassReason.NOT_AUTOMATIC
    return BypassReason.UNWATCHED_TABLE


def table_of(model: Any) -> str:
    """The model's table; "" for none."""
    return "" if model is None else str(model._meta.db_table)  # noqa: SLF001 - public since ever
