"""One query that may be answered from the cache: looked up, or asked and kept."""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self

from django.db.models.sql.constants import SINGLE

from praxis.announcements import (
    BypassReason,
    CacheBypass,
    CacheEvent,
    CacheFill,
    CacheHit,
    CacheMiss,
    CorruptEntry,
    NotStoredReason,
    heard,
)
from praxis.cache.codec import CorruptEntryError, UnsupportedTypeError, decode, encode
from praxis.cache.hooks.asking import asked
from praxis.cache.hooks.collecting import BEHIND, NO_ENTRY, Collector, covered
from praxis.cache.hooks.connections import CachedConnection, is_in_transaction
from praxis.cache.hooks.obstacles import obstacle_in_text, obstacle_now
from praxis.cache.hooks.once import Once
from praxis.cache.hooks.replicas import is_replica, shows_all
from praxis.cache.hooks.telling import Told, reason_of
from praxis.cache.hooks.verification import is_due, verify
from praxis.cache.plans.select import Plan
from praxis.cache.protocol.calls import Bypass, Hit, Keys, Miss, Reading
from praxis.cache.protocol.dependencies import Dependency

logger = logging.getLogger("praxis.cache")

#: Rows of ``iterator()`` that are kept; who streams more does so to hold few of them.
MAX_STREAMED = 2000
#: Milliseconds for which nobody waits for a result that turned out not to be one that can be kept.
_PAUSE_MS = 60_000
#: Types of columns that were met and cannot be kept.
_not_kept = Once()
#: What is wrong with entries that were met and are none.
_not_entries = Once()


class Lookup:
    """One query that may be answered from the cache."""

    __slots__ = (
        "_compiler", "_connection", "_fills", "_in_transaction", "_is_kept", "_params", "_plan",
        "_reading", "_single", "_ttl_ms", "_zone",
    )  # fmt: skip

    def __init__(
        self,
        compiler: Any,
        connection: CachedConnection,
        found: Plan,
        reading: Reading,
        params: Sequence[Any],
        *,
        single: bool,
        ttl_ms: int,
        is_kept: bool,
        fills: bool,
        in_transaction: bool,
    ) -> None:
        self._compiler, self._connection, self._plan = compiler, connection, found
        self._reading, self._params, self._single = reading, params, single
        self._ttl_ms, self._is_kept = ttl_ms, is_kept
        self._fills, self._in_transaction = fills, in_transaction
        self._zone = compiler.connection.timezone

    @classmethod
    def of(
        cls,
        compiler: Any,
        connection: CachedConnection,
        asked_s: float | None,
        sql: str,
        params: Sequence[Any],
        result_type: Any,
    ) -> Self | None:
        single, database = result_type is SINGLE, compiler.connection
        prepared = connection.texts.prepared(sql, single=single, width=compiler.col_count)
        select, is_kept = prepared.plan, asked_s is not None
        in_transaction = is_in_transaction(database, connection.state)
        if prepared.ttl_s is None:
            reason = obstacle_in_text(connection.watched, select)
        else:
            reason = obstacle_now(
                connection, database, select.tables, in_transaction=in_transaction
            )
        reading = None
        if reason is None:
            reading = prepared.reading(params, None if is_kept else NO_ENTRY)
        if reading is None or prepared.ttl_s is None:
            if is_kept and CacheBypass in heard:
                told = Told(connection, compiler.query.model, select.tables, sql)
                told.tell(CacheBypass, reason or BypassReason.PARAMETER_TYPE)
            return None
        return cls(
            compiler,
            connection,
            prepared.plan,
            reading,
            params,
            single=single,
            ttl_ms=max(int((asked_s or prepared.ttl_s) * 1000), 1),
            is_kept=is_kept,
            fills=connection.state.may_fill(),
            in_transaction=in_transaction,
        )

    def answer(self, ask: Callable[[], Any], *, streamed: bool) -> Any:
        """The rows as Django expects them, from the cache or else from *ask*."""
        near = self._connection.near
        if near is not None:
            known = near.get(self._reading.entry)
            if known is not None:
                if CacheHit in heard:
                    self._tell(CacheHit)
                return self._shown(self._recalled(known))
            moment, asked_s = near.moment(), time.monotonic()
        read = self._read(leads=not streamed, told=near is not None)
        if read is None:
            self._tell(CacheBypass, BypassReason.REDIS_DOWN)
            return ask()
        answer, keys = read
        if near is not None:
            near.answered(asked_s, keys)
        if isinstance(answer, Hit):
            try:
                rows = self._unpack(answer.payload)
            except CorruptEntryError as error:
                self._drop(keys, error)
                return ask()
            if CacheHit in heard:
                self._tell(CacheHit)
            if is_due(self._connection.verify_share) and not is_replica(self._compiler.connection):
                return self._verified(answer, keys, rows, ask)
            if near is not None:
                depends = self._reading.depends_on(keys, answer.named)
                near.put(self._reading.entry, self._held(rows), keys, depends, moment)
            return self._shown(rows)
        if not isinstance(answer, Miss):
            self._passed(answer)
            return ask()
        self._tell(CacheMiss)
        if not self._fills:
            result = ask()
            self._filled(NotStoredReason.TRANSACTION_WROTE)
            return result
        if not self._shows_all(answer, keys):
            result = ask()
            self._filled(NotStoredReason.REPLICA_BEHIND)
            return result
        if streamed:
            result = ask()
            if not isinstance(result, list):  # as of a database that does not read in parts
                return self._filling(answer, keys, result)
            self._fill(answer, keys, self._rows_of(result))
            return result
        with self._leading(answer, keys):
            result = ask()
            self._fill(answer, keys, self._rows_of(result))
        return result

    def collected(self, ask: Callable[[], Any], found: Collector, *, streamed: bool) -> Any:
        """As `answer`; and *found* is told what the rows depend on."""
        if not self._fills:
            found.forbid("its transaction sees what others do not")
        read = self._read(leads=self._is_kept and not streamed, told=True)
        if read is None:
            self._tell(CacheBypass, BypassReason.REDIS_DOWN)
            found.forbid("Redis did not answer")
            with covered():
                return ask()
        answer, keys = read
        if isinstance(answer, Hit):
            try:
                rows = self._unpack(answer.payload)
            except CorruptEntryError as error:
                self._drop(keys, error)
                found.forbid("an entry is not one")
            else:
                self._tell(CacheHit)
                found.add(self._connection, keys, self._reading, answer, None)
                return self._shown(rows)
        if not isinstance(answer, Miss):
            self._passed(answer)
            found.forbid("what it reads is being written")
            with covered():
                return ask()
        return self._collected_miss(ask, found, answer, keys, streamed=streamed)

    def _collected_miss(
        self, ask: Callable[[], Any], found: Collector, miss: Miss, keys: Keys, *, streamed: bool
    ) -> Any:
        """What the database answers; *found* is told by which stamps it was asked."""
        self._tell(CacheMiss)
        shows_all = self._shows_all(miss, keys)
        if not shows_all:
            found.forbid(BEHIND)
        with self._leading(miss, keys), covered():
            result = ask()
            rows_of = self._rows_known(result, streamed=streamed)
            if rows_of is None:
                keyed = [self._plan.keyed] if self._plan.keyed else []
                found.add(self._connection, keys, self._reading, miss, None, keyed)
                self._unfilled(miss, keys, NotStoredReason.MANY_ROWS)
                return result
            whole = self._plan.unproven(self._dependencies, rows_of)
            joined = self._joined(rows_of)
            found.add(self._connection, keys, self._reading, miss, joined, [whole] if whole else [])
            if not self._fills:
                self._filled(NotStoredReason.TRANSACTION_WROTE)
            elif not shows_all:
                self._filled(NotStoredReason.REPLICA_BEHIND)
            elif self._is_kept:
                self._fill(miss, keys, rows_of)
        return result

    def _shows_all(self, miss: Miss, keys: Keys) -> bool:
        """Whether rows that are read from now on may be kept; if not, nobody waits for them."""
        tables = [table for table, _ in self._reading.tables]
        with self._leading(miss, keys):
            found = shows_all(self._connection, self._compiler.connection, tables, miss.anys)
        if not found:
            self._connection.store.let_go(self._reading, keys, miss.lease)
        return found

    def _rows_known(self, result: Any, *, streamed: bool) -> list[Sequence[Any]] | None:
        """All rows, if they are here."""
        return None if streamed else self._rows_of(result)

    def _read(self, *, leads: bool, told: bool = False) -> tuple[Hit | Miss | Bypass, Keys] | None:
        """
        What the cache says; see `asked`.

        Args:
            leads: Whether this one may ask for the others.
            told: As of `Store.read`.
        """
        connection, compiler = self._connection, self._compiler
        return asked(
            connection,
            compiler.connection,
            compiler.query.model,
            self._reading,
            ttl_ms=self._ttl_ms,
            wait_ms=connection.wait_ms if leads and self._fills else 0,
            told=told,
        )

    @contextlib.contextmanager
    def _leading(self, miss: Miss, keys: Keys) -> Iterator[None]:
        """Let those who wait go on by themselves, if what runs inside fails."""
        try:
            yield
        except BaseException:
            self._connection.store.let_go(self._reading, keys, miss.lease)
            raise

    @property
    def _dependencies(self) -> list[Dependency]:
        return self._plan.dependencies(self._params)

    def _drop(self, keys: Keys, error: CorruptEntryError) -> None:
        """What is there is no entry: the next one who asks fills it."""
        if _not_entries.is_new(str(error)):
            logger.warning("Entries of the cache are none: %s. They are passed over.", error)
        self._connection.store.drop(self._reading, keys)
        self._tell(CorruptEntry)

    def _passed(self, answer: Hit | Bypass) -> None:
        """The cache is neither to answer nor to be filled."""
        if isinstance(answer, Bypass):
            self._tell(CacheBypass, BypassReason[answer.name])
        if answer is Bypass.WRITE_IN_FLIGHT and not self._in_transaction:
            for table in self._plan.tables:
                self._connection.dead_writers.look(self._compiler.connection, table)

    def _filling(self, miss: Miss, keys: Keys, chunks: Iterator[Any]) -> Iterator[Any]:
        """Rows that are read bit by bit: kept if they are few, and read to their end."""
        rows: list[Sequence[Any]] | None = []
        for chunk in chunks:
            if rows is not None:
                rows = [*rows, *chunk] if len(rows) + len(chunk) <= MAX_STREAMED else None
            yield chunk
        if rows is not None:
            self._fill(miss, keys, rows)
        else:
            self._filled(NotStoredReason.MANY_ROWS)

    def _fill(self, miss: Miss, keys: Keys, rows: Sequence[Sequence[Any]]) -> None:
        try:
            payload = self._pack(rows)
        except UnsupportedTypeError as error:
            if _not_kept.is_new(str(error)):
                logger.warning("Queries with columns of this type are not cached: %s", error)
            self._unfilled(miss, keys, NotStoredReason.COLUMN_TYPE)
            return
        whole = self._plan.unproven(self._dependencies, rows)
        stored = self._connection.store.fill(
            self._reading,
            keys,
            miss,
            payload,
            self._joined(rows),
            [whole] if whole else [],
            ttl_ms=self._ttl_ms,
        )
        self._filled(stored, len(payload))

    def _unfilled(self, miss: Miss, keys: Keys, reason: NotStoredReason) -> None:
        """The result cannot be kept, and neither could what others wait for."""
        self._connection.store.let_go(self._reading, keys, miss.lease, pause_ms=_PAUSE_MS)
        self._filled(reason)

    def _filled(self, stored: bool | NotStoredReason | None, size_bytes: int = 0) -> None:
        """Tell what became of a result: as the store says, or why it was not asked."""
        self._tell(CacheFill, reason_of(stored), size_bytes)

    def _tell(self, kind: type[CacheEvent], *more: object) -> None:
        """Announce what happened; where no entry is asked for, nothing does."""
        if self._is_kept and kind in heard:
            compiler = self._compiler
            sql, _ = compiler.as_sql()
            told = Told(self._connection, compiler.query.model, self._plan.tables, sql)
            told.tell(kind, *more)

    def _pack(self, rows: Sequence[Sequence[Any]]) -> bytes:
        return encode(rows)

    def _unpack(self, payload: bytes) -> list[tuple[Any, ...]]:
        return decode(payload, self._zone)

    def _held(self, rows: list[tuple[Any, ...]]) -> Any:
        """The rows as they are held in memory, where nobody may change them."""
        return tuple(rows)

    def _recalled(self, held: Any) -> list[tuple[Any, ...]]:
        """The rows that were held so."""
        return list(held)

    def _verified(
        self, hit: Hit, keys: Keys, kept: list[tuple[Any, ...]], ask: Callable[[], Any]
    ) -> Any:
        """What the database answers, once the entry was compared with it."""
        result = ask()
        if not self._single:
            result = list(result)  # in parts, perhaps
        store, reading = self._connection.store, self._reading

        def still_stands() -> bool:
            again = store.read(reading, ttl_ms=self._ttl_ms)
            return again is not None and again[0] == hit

        verify(
            kept,
            self._rows_of(result),
            database=self._connection.alias,
            sql=self._compiler.as_sql()[0],
            still_stands=still_stands,
            drop=lambda: store.drop(reading, keys),
        )
        return result

    def _rows_of(self, result: Any) -> list[Sequence[Any]]:
        if self._single:
            return [result] if result else []
        return [row for chunk in result for row in chunk]

    def _shown(self, rows: list[tuple[Any, ...]]) -> Any:
        if self._single:
            return rows[0] if rows else None
        return [rows] if rows else []

    def _joined(self, rows: Sequence[Sequence[Any]]) -> dict[str, list[object]]:
        """The keys of joined rows, by table, in the form that writers tell them in."""
        found: dict[str, list[object]] = {}
        for joined, place in self._plan.joined:
            form = self._connection.catalog[joined.table].columns[joined.column]
            keys = {row[place] for row in rows} - {None}
            found[joined.table] = [form(key) for key in keys]
        return found
