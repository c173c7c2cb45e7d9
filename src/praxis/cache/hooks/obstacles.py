"""Why a query is not answered from the cache, as far as that is known before Redis is asked."""

from typing import Any

from praxis.announcements import BypassReason
from praxis.cache.hooks.connections import CachedConnection
from praxis.cache.hooks.isolation import sees_a_snapshot
from praxis.cache.plans.select import Plan
from praxis.cache.statements import Kind


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
    statement, state, tables = select.statement, connection.state, select.tables
    if statement.kind is not Kind.READ:
        return BypassReason.NOT_A_READ
    if statement.locks:
        return BypassReason.LOCKS
    if statement.volatile:
        return BypassReason.VOLATILE
    if not connection.watched.may_cache(tables):
        return BypassReason.UNWATCHED_TABLE
    if in_transaction:
        if database.needs_rollback:
            return BypassReason.BROKEN_TRANSACTION
        if sees_a_snapshot(database):
            return BypassReason.SNAPSHOT
    if state.may_read(tables):
        return None
    if state.session:
        return BypassReason.SESSION_CHANGED
    return BypassReason.SNAPSHOT if state.snapshot else BypassReason.OWN_WRITE
