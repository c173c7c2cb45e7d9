"""Where a read goes: to a replica that shows enough, or to the primary."""

import logging
import threading
import time

from django.core import mail
from django.db import Error, connections

from praxis.databases.asking import ask, is_in_event_loop, is_in_transaction, limit_connecting
from praxis.databases.choosing import choose
from praxis.databases.clusters import Cluster, Replica
from praxis.databases.failures import Failure, failure_of
from praxis.databases.positions import UNKNOWN, Position
from praxis.databases.scopes import Scope, current_scope
from praxis.databases.watching import watch

logger = logging.getLogger("praxis.databases")

#: How many replicas one read asks at most before it goes to the primary.
_ASKED_AT_MOST = 2
_WARN_EVERY_S = 60.0


def read_alias(primary: str) -> str:
    """The alias that a read of a primary's data goes to now."""
    scope = current_scope()
    if scope is None or primary in scope.wrote:
        return primary
    cluster = watch().cluster_of(primary)
    if cluster is None or is_in_transaction(connections[primary]):
        return primary
    alias = alias_in(cluster, scope)
    scope.visit(cluster, alias)
    return alias


def alias_in(cluster: Cluster, scope: Scope) -> str:
    """A replica of a cluster that shows what the scope must see; else the primary."""
    floor = scope.floor(cluster)
    if floor == UNKNOWN:
        return cluster.primary
    preferred = scope.order(cluster)
    found, worth_asking = choose(preferred, floor)
    if found is not None:
        return _unless_mirrored(found.alias, cluster)
    if not any(one.is_up for one in preferred):
        _warnings.none_left(cluster)
        return cluster.primary
    if not is_in_event_loop():
        for one, needed in worth_asking[:_ASKED_AT_MOST]:
            position = None if needed == UNKNOWN else _position(one)
            if position is not None and position.shows(needed):
                return _unless_mirrored(one.alias, cluster)
    return cluster.primary


def _position(replica: Replica) -> Position | None:
    """How far a replica is; None if it does not say, and then it is out."""
    connection = connections[replica.alias]
    limit_connecting(connection)
    try:
        answer = ask(connection)
    except Error as error:
        if failure_of(error) is Failure.GONE:
            lost(replica, error)
        return None
    if not answer.is_replica:
        replica.put_out("it is no replica any more: it was promoted")
        return None
    if answer.position is not None:
        replica.saw(answer.position)
    return answer.position


def lost(replica: Replica, error: Error) -> None:
    """Put a replica out whose connection broke, and close that for the next time."""
    if replica.put_out(first_line(error)):
        logger.warning("Replica %r is not read: %s.", replica.alias, replica.reason)
    connection = connections[replica.alias]
    if not connection.in_atomic_block:
        try:
            connection.close()
        except Error:
            connection.connection = None


def first_line(error: BaseException) -> str:
    """What an error says, without the advice that libpq adds."""
    return str(error).strip().partition("\n")[0].rstrip(".")


def _unless_mirrored(alias: str, cluster: Cluster) -> str:
    """
    In Django's tests the primary for a ``MIRROR`` of it.

    Tests look at what is not committed, which another connection does not see.
    """
    if hasattr(mail, "outbox") and connections.settings[alias]["TEST"]["MIRROR"]:
        return cluster.primary
    return alias


class _Warnings:
    """Says that no replica is left, and not at each read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said_at: dict[str, float] = {}

    def none_left(self, cluster: Cluster) -> None:
        if not all(one.is_judged for one in cluster.replicas):
            return  # at the beginning, before they were asked
        now = time.monotonic()
        with self._lock:
            if now - self._said_at.get(cluster.primary, -_WARN_EVERY_S) < _WARN_EVERY_S:
                return
            self._said_at[cluster.primary] = now
        reasons = "; ".join(f"{one.alias}: {one.reason}" for one in cluster.replicas)
        logger.warning(
            "No replica of %r is left, so it is read itself. %s", cluster.primary, reasons
        )


_warnings = _Warnings()
