"""
What one request or task has seen and written: a scope, which ends with it.

It is held in a context variable: tasks of asyncio and what ``sync_to_async`` runs in a thread share
it, and no other request sees it. Where there is none, nothing is read from a replica.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

from django.db import DEFAULT_DB_ALIAS, Error, connections

from praxis.conf import config
from praxis.databases.asking import ask, ask_identifier, is_in_transaction
from praxis.databases.choosing import order
from praxis.databases.clusters import Cluster, Replica
from praxis.databases.positions import UNKNOWN, Position
from praxis.databases.tokens import read_token, write_token
from praxis.databases.topology import topology

logger = logging.getLogger("praxis.databases")

#: Stands for the identifier of a cluster that could not be asked for its own.
UNPLACED = 0
#: Where a connection keeps that it has written outside of any scope.
_ATTRIBUTE = "_praxis_databases_wrote"


@dataclass(slots=True)
class Scope:
    """
    One request or task.

    Attributes:
        session: Whose it is: the same text leads to the same replica.
        is_known: Whether whoever asks can bring back what it is given.
        floors: How much has to be shown at least, by the identifier of the cluster.
        wrote: The primaries that were written to; they are read until the scope ends.
        dirty: Those of which it is not known how far the log was after that.
        visited: The aliases that were read, by the primary of their cluster.
    """

    session: str = field(default_factory=lambda: token_hex(8))
    is_known: bool = True
    floors: dict[int, Position] = field(default_factory=dict)
    wrote: set[str] = field(default_factory=set)
    dirty: set[str] = field(default_factory=set)
    visited: dict[str, set[str]] = field(default_factory=dict)
    _orders: dict[str, tuple[tuple[Replica, ...], list[Replica]]] = field(default_factory=dict)

    def floor(self, cluster: Cluster) -> Position | None:
        """What a replica of a cluster has to show; None if anything will do."""
        floor = self.floors.get(cluster.identifier or UNPLACED)
        unplaced = self.floors.get(UNPLACED)
        if floor is None or unplaced is None:
            return floor or unplaced
        return max(floor, unplaced)

    def raise_floor(self, cluster: Cluster, position: Position) -> None:
        """Let replicas be as far as that from now on."""
        identifier = cluster.identifier or UNPLACED
        known = self.floors.get(identifier)
        self.floors[identifier] = position if known is None else max(known, position)

    def order(self, cluster: Cluster) -> list[Replica]:
        """The replicas of a cluster, this session's home first."""
        of, found = self._orders.get(cluster.primary, ((), []))
        if of is not cluster.replicas:
            found = order(self.session, cluster.replicas)
            self._orders[cluster.primary] = cluster.replicas, found
        return found

    def visit(self, cluster: Cluster, alias: str) -> None:
        """Remember that something is read from there."""
        self.visited.setdefault(cluster.primary, set()).add(alias)


_current: ContextVar[Scope | None] = ContextVar("praxis_databases_scope", default=None)
_primary_only: ContextVar[bool] = ContextVar("praxis_databases_primary_only", default=False)


def current_scope() -> Scope | None:
    """The scope that reads may go to replicas in; None where there is none."""
    return None if _primary_only.get() else _current.get()


@contextmanager
def entered(scope: Scope) -> Iterator[None]:
    """Let *scope* be the one of all that is done in the block."""
    before = _current.set(scope)
    try:
        yield
    finally:
        _current.reset(before)


@contextmanager
def read_session(token: str = "", *, session: str = "") -> Iterator[None]:
    """
    Let what is read in the block come from replicas: for commands, scripts and other tasks.

    Args:
        token: Of `current_token`, where something else was done before this; reads then show all
            that it had written and seen.
        session: The same text leads to the same replica.
    """
    scope = Scope(session=session) if session else Scope()
    scope.floors.update(accepted(token))
    with entered(scope):
        yield


@contextmanager
def reading_primary() -> Iterator[None]:
    """Let all that is read in the block come from the primary."""
    before = _primary_only.set(True)
    try:
        yield
    finally:
        _primary_only.reset(before)


def wrote(using: str = DEFAULT_DB_ALIAS) -> None:
    """
    Say that something was written in ways that are not seen: by ``COPY``, or past Django.

    The request or task reads the primary from here on, and others that it tells see the write.
    """
    scope = _current.get()
    if scope is None:
        connections[using].__dict__[_ATTRIBUTE] = True
        return
    scope.wrote.add(using)
    scope.dirty.add(using)


def current_token() -> str:
    """
    What somebody has to bring along who is to see all that was written here; "" if nothing was.

    It costs one trip to each primary that was written to since the last time. In a transaction
    nobody knows yet where it will end: who brings such a token reads the primary.
    """
    scope = _current.get()
    if scope is not None:
        settle_writes(scope)
        return write_token(scope.floors) if scope.floors else ""
    floors = Scope()
    for cluster in list(topology().clusters.values()):
        connection = connections[cluster.primary]
        if connection.__dict__.get(_ATTRIBUTE):
            position = position_of(cluster)  # which also tells the identifier
            floors.raise_floor(cluster, position)
    return write_token(floors.floors) if floors.floors else ""


def settle_writes(scope: Scope) -> None:
    """Find out behind which position all is that the scope has written."""
    for primary in list(scope.dirty):
        cluster = topology().cluster_of(primary)
        if cluster is None:
            scope.dirty.discard(primary)
            continue
        if not is_in_transaction(connections[primary]):
            scope.dirty.discard(primary)  # before it is asked: another thread may write meanwhile
        position = position_of(cluster)  # which also tells the identifier
        scope.raise_floor(cluster, position)


def settle_reads(scope: Scope) -> None:
    """
    Find out what the scope has seen where it did not read from its home.

    Its home shows more and more; another server may be ahead of it, and what was seen there must
    be seen again.
    """
    for primary, aliases in list(scope.visited.items()):
        cluster = topology().cluster_of(primary)
        preferred = scope.order(cluster) if cluster else []
        if cluster is None or not preferred:
            continue
        # of a home that is out it is only known what it had shown before that
        home = {preferred[0].alias} if preferred[0].is_up else set[str]()
        for alias in aliases - home:
            if alias == primary:
                _settle_primary(scope, cluster)
                continue
            # one that is out would not answer, and has shown no more than the primary has
            is_up = any(one.is_up for one in preferred if one.alias == alias)
            seen = _replayed(alias) if is_up else None
            scope.raise_floor(cluster, position_of(cluster) if seen is None else seen)
    scope.visited.clear()


def _settle_primary(scope: Scope, cluster: Cluster) -> None:
    """Remember how far the primary is; a floor above it belongs to a history that is lost."""
    position = position_of(cluster)
    floor = scope.floor(cluster)
    if floor is None or position is UNKNOWN:
        scope.raise_floor(cluster, position)
        return
    if floor > position and floor != UNKNOWN:
        logger.warning(
            "A token names %s of %r, which is only at %s: what was written behind that was lost "
            "in a fail-over or by a restore. The token is replaced.",
            floor,
            cluster.primary,
            position,
        )
    scope.floors.pop(UNPLACED, None)
    scope.floors[cluster.identifier or UNPLACED] = position


def position_of(cluster: Cluster) -> Position:
    """How far the log of a primary is; `UNKNOWN` if it cannot be told now."""
    connection = connections[cluster.primary]
    if is_in_transaction(connection):
        return UNKNOWN
    try:
        if cluster.identifier is None:  # nobody has looked at it yet in this process
            cluster.identifier = ask_identifier(connection)
        answer = ask(connection)
    except (Error, ValueError):
        logger.warning("The position of %r is not known.", cluster.primary, exc_info=True)
        return UNKNOWN
    connection.__dict__.pop(_ATTRIBUTE, None)
    return UNKNOWN if answer.is_replica or answer.position is None else answer.position


def _replayed(alias: str) -> Position | None:
    try:
        return ask(connections[alias]).position
    except (Error, ValueError):
        return None


def accepted(token: str) -> Mapping[int, Position]:
    """The positions in a token that belong to clusters of this site."""
    if not token:
        return {}
    positions = read_token(token, max_age_s=config().databases.token_age_s)
    known: set[Any] = {cluster.identifier for cluster in list(topology().clusters.values())}
    if None in known or not known:
        return positions  # not all of them are reached yet
    known.add(UNPLACED)
    for identifier in positions.keys() - known:
        logger.info(
            "A token is refused: it belongs to the cluster %d, and here there are %s.",
            identifier,
            sorted(known),
        )
    return {one: position for one, position in positions.items() if one in known}
