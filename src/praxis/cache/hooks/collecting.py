"""What is read while something is computed, gathered from all queries, so that it can be kept."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connections

from praxis.cache.hooks.connections import CachedConnection
from praxis.cache.hooks.isolation import sees_what_is_committed
from praxis.cache.hooks.replicas import shows_all
from praxis.cache.protocol.calls import Hit, Keys, LookFirst, Miss, Reading
from praxis.cache.protocol.computations import Collected
from praxis.cache.protocol.dependencies import Dependency, Whole
from praxis.cache.statements import Statement
from praxis.cache.store import Store

#: The entry that queries are read under which are not to be answered from the cache: it is never
#: filled, so that only stamps come back.
NO_ENTRY = b"~"
#: Why nothing is kept of what a replica shows that may be behind.
BEHIND = "it reads from a replica that may not show all that was written"
#: Conditions that are only looked up live so long, unless the result is kept.
_TTL_MS = 60_000

_current: ContextVar["Collector | None"] = ContextVar("praxis_cache_collector", default=None)
_covered: ContextVar[bool] = ContextVar("praxis_cache_covered", default=False)


class Collector:
    """What one computation reads; threads that it lets work for it add theirs."""

    __slots__ = ("_reads", "_reason")

    def __init__(self) -> None:
        self._reason = ""
        #: Of each database what was read, and the alias by which that was first.
        self._reads: dict[Store, tuple[str, Collected]] = {}

    @property
    def reason(self) -> str:
        """Why the result must not be kept; "" for none."""
        read = [one for _, one in self._reads.values()]  # at once: other threads may add theirs
        return self._reason or next((one.reason for one in read if one.reason), "")

    def forbid(self, reason: str) -> None:
        """The result must not be kept; the first reason counts."""
        self._reason = self.reason or reason

    def reads(self, store: Store) -> tuple[Collected, dict[str, Collected]]:
        """What was read from one database, and from others by their aliases."""
        own = self._reads.get(store)
        others = {alias: one for of, (alias, one) in self._reads.items() if of is not store}
        return (Collected() if own is None else own[1]), others

    def add(
        self,
        connection: CachedConnection,
        keys: Keys,
        reading: Reading,
        stamps: Miss | Hit,
        rows: Mapping[str, Sequence[object]] | None,
        whole: Sequence[str] = (),
    ) -> None:
        """A query was read; see `Collected.add`."""
        self._of(connection.store, connection.alias).add(keys, reading, stamps, rows, whole)

    def add_result(
        self, connection: CachedConnection, keys: Keys, entry: bytes, anys: bytes
    ) -> None:
        """A result that was computed before was shown."""
        self._of(connection.store, connection.alias).add_result(keys, entry, anys)

    def add_all(self, inner: "Collector") -> None:
        """What was computed inside has read this."""
        if inner.reason:
            self.forbid(inner.reason)
        for store, (alias, one) in inner._reads.items():  # noqa: SLF001 - it is one of these
            self._of(store, alias).add_all(one)

    def _of(self, store: Store, alias: str) -> Collected:
        found = self._reads.get(store)
        if found is None:  # or another thread was faster
            found = self._reads.setdefault(store, (alias, Collected()))
        return found[1]

    def depend(self, connection: CachedConnection, dependencies: Sequence[Dependency]) -> None:
        """The result depends on this, as it is from now on; one trip."""
        tables = {one.table for one in dependencies}
        if not tables <= connection.watched.tables.keys():
            self.forbid(unwatched(tables - connection.watched.tables.keys()))
            return
        reading = Reading(NO_ENTRY, dependencies)
        read = connection.store.read(reading, ttl_ms=_TTL_MS)
        if read is None:
            self.forbid("Redis did not answer")
        elif isinstance(read[0], Miss):
            tables_read = [table for table, _ in reading.tables]
            database = connections[connection.alias]
            if not shows_all(connection, database, tables_read, read[0].anys):
                self.forbid(BEHIND)
            self.add(connection, read[1], reading, read[0], None)
        elif isinstance(read[0], LookFirst):
            self.forbid("words of writes have to be looked for first")
        else:
            self.forbid("what it reads is being written")

    def read_by_statement(
        self, connection: CachedConnection, database: Any, statement: Statement
    ) -> None:
        """A text is about to be executed that reads: all of its tables count; one trip."""
        tables = frozenset(table.name for table in statement.reads)
        if statement.volatile:
            self.forbid("a query answers differently each time")
        elif statement.locks:
            self.forbid("a query locks rows")
        elif not connection.state.may_fill():
            self.forbid("its transaction sees what others do not")
        elif not sees_what_is_committed(database, connection.state):
            self.forbid("its transaction sees the moment at which it began")
        elif tables:
            self.depend(connection, [Whole(table) for table in tables])


def unwatched(tables: Any) -> str:
    """Why something is not kept that reads tables of which nobody tells."""
    named = ", ".join(sorted(tables))
    return f'nobody tells of what is written to {named}: name it in PRAXIS["cache"]["models"]'


def collector() -> Collector | None:
    """The one of what is being computed here; None if nothing is."""
    return _current.get()


def is_covered() -> bool:
    """Whether what is being executed was told of already."""
    return _covered.get()


@contextmanager
def covered() -> Iterator[None]:
    """What is executed inside was told of."""
    token = _covered.set(True)
    try:
        yield
    finally:
        _covered.reset(token)


@contextmanager
def collecting(inner: Collector) -> Iterator[None]:
    """Queries inside the block are told to *inner*, and then to what is computed around it."""
    outer = _current.get()
    token = _current.set(inner)
    try:
        yield
    finally:
        _current.reset(token)
        if outer is not None:
            outer.add_all(inner)
