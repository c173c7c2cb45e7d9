"""Queries that are answered from the cache: what Django's compilers call to run a SELECT."""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from functools import partial
from typing import Any, Self

from django.core.exceptions import EmptyResultSet
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.constants import MULTI, SINGLE

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
from praxis.cache.hooks.collecting import NO_ENTRY, Collector, collector, covered
from praxis.cache.hooks.connections import CachedConnection, cached, is_in_transaction
from praxis.cache.hooks.looking import look
from praxis.cache.hooks.obstacles import obstacle_in_text, obstacle_now, reason_unasked
from praxis.cache.hooks.once import Once
from praxis.cache.hooks.querysets import ttl_of
from praxis.cache.hooks.telling import Told, reason_of, tell_unasked
from praxis.cache.hooks.verification import is_due, verify
from praxis.cache.hooks.waiting import pauses
from praxis.cache.plans.select import Plan
from praxis.cache.protocol.calls import WAIT, Bypass, Hit, Keys, LookFirst, Miss, Reading
from praxis.cache.protocol.dependencies import Dependency

logger = logging.getLogger("praxis.cache")

#: Rows of ``iterator()`` that are kept; who streams more does so to hold few of them.
MAX_STREAMED = 2000
#: Milliseconds for which nobody waits for a result that turned out not to be one that can be kept.
_PAUSE_MS = 60_000
_bypassed: ContextVar[bool] = ContextVar("praxis_cache_bypassed", default=False)
#: Types of columns that were met and cannot be kept.
_not_kept = Once()
#: What is wrong with entries that were met and are none.
_not_entries = Once()


@contextlib.contextmanager
def bypass() -> Iterator[None]:
    """Ask the database for everything inside the block; what is written is told as ever."""
    token = _bypassed.set(True)
    try:
        yield
    finally:
        _bypassed.reset(token)


def is_bypassed() -> bool:
    """Whether this runs inside of `bypass`."""
    return _bypassed.get()


def install() -> None:
    """Have Django's compilers ask the cache first; once a process."""
    if not hasattr(SQLCompiler.execute_sql, "praxis_original"):
        compiler: Any = SQLCompiler
        compiler.execute_sql = _through_the_cache(compiler.execute_sql)


def _through_the_cache(original: Callable[..., Any]) -> Callable[..., Any]:
    def execute_sql(
        self: SQLCompiler,
        result_type: Any = MULTI,
        chunked_fetch: bool = False,
        chunk_size: int = 100,
    ) -> Any:
        connection = cached(self.connection)
        if (
            connection is None
            # what writes asks for a count of rows or a cursor
            or (result_type is not MULTI and result_type is not SINGLE)
        ):
            return original(self, result_type, chunked_fetch, chunk_size)
        ttl_s = _ttl_s(connection, self.query)
        found = collector()
        if ttl_s is None and found is None:
            return original(self, result_type, chunked_fetch, chunk_size)
        try:
            sql, params = connection.texts.compiled(self, verify_share=connection.verify_share)
        except EmptyResultSet:
            return iter([]) if result_type is MULTI else None
        lookup = _Lookup.of(self, connection, ttl_s, sql, params, result_type)
        with _compiled(self, sql, params):
            if lookup is None:
                return original(self, result_type, chunked_fetch, chunk_size)

            def ask() -> Any:
                return original(self, result_type, chunked_fetch, chunk_size)

            if found is not None:
                return lookup.collected(ask, found, streamed=chunked_fetch)
            return lookup.answer(ask, streamed=chunked_fetch)

    execute_sql.praxis_original = original  # type: ignore[attr-defined]  # how `install` knows
    return execute_sql


def _ttl_s(connection: CachedConnection, query: Any) -> float | None:
    """Seconds for which a query is cached at most, 0 if its tables decide; None if it is not."""
    if _bypassed.get():
        if CacheBypass in heard:
            tell_unasked(connection, query, BypassReason.ASKED_FOR)
        return None
    model = query.model
    try:
        automatic = connection.models[model]
    except KeyError:
        table = model._meta.db_table if model is not None else ""  # noqa: SLF001 - public
        found = connection.watched.tables.get(table)
        automatic = connection.models[model] = 0 if found is not None and found.automatic else None
    ttl_s = ttl_of(query, automatic)
    if ttl_s is None and CacheBypass in heard:
        tell_unasked(connection, query, reason_unasked(connection, query))
    return ttl_s


@contextlib.contextmanager
def _compiled(compiler: SQLCompiler, sql: str, params: Any) -> Iterator[None]:
    """Let Django take the text that was compiled already."""
    compiler.__dict__["as_sql"] = lambda *_, **__: (sql, params)
    try:
        yield
    finally:
        del compiler.__dict__["as_sql"]


class _Lookup:
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
            if is_due(self._connection.verify_share):
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
        store = self._connection.store
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
                found.add(store, keys, self._reading, answer, None)
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
        store = self._connection.store
        self._tell(CacheMiss)
        with self._leading(miss, keys), covered():
            result = ask()
            rows_of = self._rows_known(result, streamed=streamed)
            if rows_of is None:
                keyed = [self._plan.keyed] if self._plan.keyed else []
                found.add(store, keys, self._reading, miss, None, keyed)
                self._unfilled(miss, keys, NotStoredReason.MANY_ROWS)
                return result
            whole = self._plan.unproven(self._dependencies, rows_of)
            joined = self._joined(rows_of)
            found.add(store, keys, self._reading, miss, joined, [whole] if whole else [])
            if not self._fills:
                self._filled(NotStoredReason.TRANSACTION_WROTE)
            elif self._is_kept:
                self._fill(miss, keys, rows_of)
        return result

    def _rows_known(self, result: Any, *, streamed: bool) -> list[Sequence[Any]] | None:
        """All rows, if they are here."""
        return None if streamed else self._rows_of(result)

    def _read(
        self, *, leads: bool, told: bool = False, has_looked: bool = False
    ) -> tuple[Hit | Miss | Bypass, Keys] | None:
        """
        What the cache says; where another one asks the same of the database, once that is known.

        Args:
            leads: Whether this one may ask for the others.
            told: As of `Store.read`.
            has_looked: Whether it has looked for words of writes that Redis was not told of.
        """
        connection = self._connection
        lease_ms = connection.wait_ms if leads and self._fills else 0
        look_up = partial(
            connection.store.read, self._reading, ttl_ms=self._ttl_ms, lease_ms=lease_ms, told=told
        )
        read = look_up()
        if _has_leader(read):
            for pause_s in pauses(connection.wait_ms / 1000):
                time.sleep(pause_s)
                read = look_up()
                if not _has_leader(read):
                    break
        if read is None:
            return None
        answer, keys = read
        if not isinstance(answer, LookFirst):
            return answer, keys
        model, database = self._compiler.query.model, self._compiler.connection
        if has_looked or not look(connection, database, model, keys, answer.begun_ms):
            return None
        return self._read(leads=leads, told=told, has_looked=True)

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


def _has_leader(read: tuple[object, Keys] | None) -> bool:
    """Whether another one is asking the database for what was looked up."""
    return read is not None and isinstance(read[0], Miss) and read[0].lease == WAIT
