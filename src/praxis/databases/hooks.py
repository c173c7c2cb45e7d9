"""
What stands around Django's connections: what is written is noticed, and a read whose replica fails
is answered by another server.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import Error, connections
from django.db.backends.signals import connection_created

from praxis.databases.asking import limit_connecting
from praxis.databases.clusters import Cluster, Replica
from praxis.databases.failures import Failure, failure_of
from praxis.databases.flights import flights
from praxis.databases.reading import alias_in, first_line, lost
from praxis.databases.scopes import current_scope, wrote
from praxis.databases.statements import may_write
from praxis.databases.topology import topology

logger = logging.getLogger("praxis.databases")

_ATTRIBUTE = "_praxis_databases_hooks"


def hook(connection: Any) -> None:
    """Stand around a connection of a cluster. Again is no error."""
    if _ATTRIBUTE in connection.__dict__:
        return
    replica = topology().replica(connection.alias)
    if replica is None and topology().cluster_of(connection.alias) is None:
        return
    connection.__dict__[_ATTRIBUTE] = True
    # in front: whoever has put a wrapper there for a while takes the last one away again
    if replica is None:
        connection.execute_wrappers.insert(0, _notice_writes)
    else:
        limit_connecting(connection)
        connection.execute_wrappers.insert(0, _answer_elsewhere)
        connection._cursor = _opening(connection)  # noqa: SLF001 - all cursors are made there


def _notice_writes(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
) -> Any:
    if many or not isinstance(sql, str) or may_write(sql):
        wrote(context["connection"].alias)
    return execute(sql, params, many, context)


def _answer_elsewhere(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
) -> Any:
    connection = context["connection"]
    try:
        with flights.of(connection.alias, connection.connection):
            return execute(sql, params, many, context)
    except Error as error:
        cursor = context["cursor"]
        if many or cursor.db is not connection:
            raise
        alias = _next(connection, error)
        if alias is None:
            raise
        name = getattr(cursor.cursor, "name", None)
        other = connections[alias]
        answered = other.chunked_cursor() if name else other.cursor()
        result = answered.execute(sql, params)
        with suppress(connection.Database.Error):
            cursor.cursor.close()
        # whoever holds the cursor fetches from the other server now
        cursor.cursor, cursor.db = answered.cursor, answered.db
        return result


def _opening(connection: Any) -> Callable[..., Any]:
    original = connection._cursor  # noqa: SLF001 - see hook()

    def cursor(name: str | None = None) -> Any:
        try:
            with flights.of(connection.alias, connection.connection):
                return original(name)
        except Error as error:
            alias = _next(connection, error)
            if alias is None:
                raise
            other = connections[alias]
            return other.chunked_cursor() if name else other.cursor()

    return cursor


def _next(connection: Any, error: Error) -> str | None:
    """The alias that answers instead of a replica that failed; None if none would do better."""
    failure = failure_of(error)
    if failure is Failure.OF_STATEMENT or connection.in_atomic_block:
        return None
    cluster, replica = _place(connection.alias)
    if cluster is None or replica is None:
        return None  # the settings have changed
    scope = current_scope()
    if failure is Failure.GONE:
        lost(replica, error)
        alias = cluster.primary if scope is None else alias_in(cluster, scope)
    else:
        # another replica may be as busy, or as late
        alias = cluster.primary
    if alias == connection.alias:
        alias = cluster.primary  # it is back already; not to be relied on
    if scope is not None:
        scope.visit(cluster, alias)
    logger.info("A read of %r is answered by %r: %s.", connection.alias, alias, first_line(error))
    return alias


def _place(alias: str) -> tuple[Cluster | None, Replica | None]:
    known = topology()
    return known.cluster_of(alias), known.replica(alias)


def _hook_opened(*, connection: Any, **_: object) -> None:
    hook(connection)


def install() -> None:
    """Stand around each connection that is opened from now on. Again is no error."""
    connection_created.connect(_hook_opened, dispatch_uid="praxis.databases.hooks")
