"""Queries that are answered from the cache: what Django's compilers call to run a SELECT."""

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from hashlib import blake2b
from typing import Any

import msgspec
from django.core.exceptions import EmptyResultSet
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.constants import MULTI, SINGLE

from praxis.cache.codec import CorruptEntryError, UnsupportedTypeError, decode, encode
from praxis.cache.hooks.connections import CachedConnection, cached, is_in_transaction
from praxis.cache.hooks.isolation import sees_a_snapshot
from praxis.cache.hooks.looking import look
from praxis.cache.hooks.once import Once
from praxis.cache.hooks.querysets import ttl_of
from praxis.cache.hooks.verification import is_due, verify
from praxis.cache.plans.select import Plan, plan
from praxis.cache.protocol.calls import Bypass, Hit, Keys, LookFirst, Miss, Reading
from praxis.cache.protocol.dependencies import Dependency
from praxis.cache.statements import Kind

logger = logging.getLogger("praxis.cache")

_KEY_BYTES = 16
#: Rows of ``iterator()`` that are kept; who streams more does so to hold few of them.
MAX_STREAMED = 2000
_bypassed: ContextVar[bool] = ContextVar("praxis_cache_bypassed", default=False)
#: Types of columns that were met and cannot be kept.
_not_kept = Once()


@contextlib.contextmanager
def bypass() -> Iterator[None]:
    """Ask the database for everything inside the block; what is written is told as ever."""
    token = _bypassed.set(True)
    try:
        yield
    finally:
        _bypassed.reset(token)


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
            or _bypassed.get()
        ):
            return original(self, result_type, chunked_fetch, chunk_size)
        ttl_s = _ttl_s(connection, self.query)
        if ttl_s is None:
            return original(self, result_type, chunked_fetch, chunk_size)
        try:
            sql, params = self.as_sql()
        except EmptyResultSet:
            return iter([]) if result_type is MULTI else None
        lookup = _Lookup.of(self, connection, ttl_s, sql, params, result_type)
        with _compiled(self, sql, params):
            if lookup is None:
                return original(self, result_type, chunked_fetch, chunk_size)
            return lookup.answer(
                lambda: original(self, result_type, chunked_fetch, chunk_size),
                streamed=chunked_fetch,
            )

    execute_sql.praxis_original = original  # type: ignore[attr-defined]  # how `install` knows
    return execute_sql


def _ttl_s(connection: CachedConnection, query: Any) -> float | None:
    """Seconds for which a query is cached at most, 0 if its tables decide; None if it is not."""
    model = query.model
    try:
        automatic = connection.models[model]
    except KeyError:
        table = model._meta.db_table if model is not None else ""  # noqa: SLF001 - public
        found = connection.watched.tables.get(table)
        automatic = connection.models[model] = 0 if found is not None and found.automatic else None
    return ttl_of(query, automatic)


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
        "_compiler", "_connection", "_dependencies", "_fills", "_in_transaction", "_plan",
        "_reading", "_single", "_ttl_ms", "_zone",
    )  # fmt: skip

    def __init__(
        self,
        compiler: SQLCompiler,
        connection: CachedConnection,
        found: Plan,
        reading: Reading,
        dependencies: list[Dependency],
        *,
        single: bool,
        ttl_ms: int,
        fills: bool,
        in_transaction: bool,
    ) -> None:
        self._compiler, self._connection, self._plan = compiler, connection, found
        self._reading, self._dependencies, self._single = reading, dependencies, single
        self._ttl_ms, self._fills, self._in_transaction = ttl_ms, fills, in_transaction
        self._zone = compiler.connection.timezone

    @classmethod
    def of(
        cls,
        compiler: SQLCompiler,
        connection: CachedConnection,
        asked_s: float,
        sql: str,
        params: Sequence[Any],
        result_type: Any,
    ) -> "_Lookup | None":
        vendor = compiler.connection.vendor
        select = plan(sql, vendor, connection.catalog)
        statement = select.statement
        if (
            statement.kind is not Kind.READ
            or statement.volatile
            or statement.locks
            or not connection.watched.may_cache(select.tables)
        ):
            return None
        state = connection.state
        in_transaction = is_in_transaction(compiler.connection, state)
        if in_transaction and (
            compiler.connection.needs_rollback or sees_a_snapshot(compiler.connection)
        ):
            return None
        if not state.may_read(select.tables):
            return None
        shape = result_type is SINGLE, compiler.col_count
        key = _key(sql, params, shape, connection.session_key)
        if key is None:
            return None
        dependencies = select.dependencies(params)
        tables = connection.watched.tables
        ttl_s = asked_s or min(tables[table].ttl_s for table in select.tables)
        return cls(
            compiler,
            connection,
            select,
            Reading(key, dependencies),
            dependencies,
            single=result_type is SINGLE,
            ttl_ms=max(int(ttl_s * 1000), 1),
            fills=state.may_fill(),
            in_transaction=in_transaction,
        )

    def answer(self, ask: Callable[[], Any], *, streamed: bool, has_looked: bool = False) -> Any:
        """The rows as Django expects them, from the cache or else from *ask*."""
        store = self._connection.store
        read = store.read(self._reading, ttl_ms=self._ttl_ms)
        if read is None:
            return ask()
        answer, keys = read
        if isinstance(answer, Hit):
            try:
                rows = decode(answer.payload, self._zone)
            except CorruptEntryError as error:
                logger.warning("An entry of the cache is not one: %s. It is passed over.", error)
                store.drop(self._reading, keys)
                return ask()
            if is_due(self._connection.verify_share):
                return self._verified(answer, keys, rows, ask)
            return self._shown(rows)
        if isinstance(answer, LookFirst):
            if has_looked or not self._look(answer, keys):
                return ask()
            return self.answer(ask, streamed=streamed, has_looked=True)
        if answer is Bypass.WRITE_IN_FLIGHT and not self._in_transaction:
            for table in self._plan.tables:
                self._connection.dead_writers.look(self._compiler.connection, table)
        result = ask()
        if not isinstance(answer, Miss) or not self._fills:
            return result
        if streamed:
            return self._filling(answer, keys, result)
        self._fill(answer, keys, self._rows_of(result))
        return result

    def _look(self, first: LookFirst, keys: Keys) -> bool:
        model, database = self._compiler.query.model, self._compiler.connection
        return look(self._connection, database, model, keys, first.begun_ms)

    def _filling(self, miss: Miss, keys: Keys, chunks: Iterator[Any]) -> Iterator[Any]:
        """Rows that are read bit by bit: kept if they are few, and read to their end."""
        rows: list[Sequence[Any]] | None = []
        for chunk in chunks:
            if rows is not None:
                rows = [*rows, *chunk] if len(rows) + len(chunk) <= MAX_STREAMED else None
            yield chunk
        if rows is not None:
            self._fill(miss, keys, rows)

    def _fill(self, miss: Miss, keys: Keys, rows: Sequence[Sequence[Any]]) -> None:
        payload = _payload(rows)
        if payload is None:
            return
        whole = self._plan.unproven(self._dependencies, rows)
        self._connection.store.fill(
            self._reading,
            keys,
            miss,
            payload,
            self._joined(rows),
            [whole] if whole else [],
            ttl_ms=self._ttl_ms,
        )

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
            database=self._compiler.connection.alias,
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


def _payload(rows: Sequence[Sequence[Any]]) -> bytes | None:
    try:
        return encode(rows)
    except UnsupportedTypeError as error:
        if _not_kept.is_new(str(error)):
            logger.warning("Queries with columns of this type are not cached: %s", error)
        return None


def _key(sql: str, params: Sequence[Any], shape: Sequence[Any], session: bytes) -> bytes | None:
    """What an entry is called: everything that its rows depend on, but for the tables."""
    typed = [_typed(param) for param in params]
    try:
        packed = _encoder.encode((sql, typed, shape, session))
    except (TypeError, OverflowError, ValueError):  # a parameter that only the adapter knows
        return None
    return blake2b(packed, digest_size=_KEY_BYTES).digest()


def _typed(param: object) -> tuple[str, object]:
    kind = type(param)
    inside = [_typed(one) for one in param] if isinstance(param, list | tuple) else param
    return kind.__name__, inside


def _plain(value: object) -> object:
    """A number or text of a class of its own, as adapters and enumerations have them."""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return str.__str__(value)
    raise TypeError


_encoder = msgspec.msgpack.Encoder(enc_hook=_plain)
