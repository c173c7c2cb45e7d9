"""``Model.objects.raw(sql)`` from the cache: rows, and the names of their columns."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from django.db import connections
from django.db.models.query import RawQuerySet
from django.db.models.sql.constants import SINGLE
from django.db.models.sql.query import RawQuery

from praxis.announcements import BypassReason, CacheBypass, NotStoredReason, heard
from praxis.cache.codec import decode, encode
from praxis.cache.hooks import querysets
from praxis.cache.hooks.collecting import collector
from praxis.cache.hooks.connections import CachedConnection, cached
from praxis.cache.hooks.lookups import MAX_STREAMED, Lookup
from praxis.cache.hooks.queries import is_bypassed
from praxis.cache.hooks.telling import Told
from praxis.cache.plans.select import plan
from praxis.cache.protocol.calls import Keys, Miss

#: Bytes before the names of the columns that tell how long these are.
_LENGTH_BYTES = 4


def install() -> None:
    """Have raw queries ask the cache first; once a process."""
    query: Any = RawQuery
    if hasattr(query._execute_query, "praxis_original"):  # noqa: SLF001 - there is no other place
        return
    query._execute_query = _through_the_cache(query._execute_query)  # noqa: SLF001
    query.clone = _keeping_what_was_asked(query.clone)
    raw: Any = RawQuerySet
    raw.cached, raw.uncached = querysets.cached_queryset, querysets.uncached_queryset


def raw_ttl_s(connection: CachedConnection, query: Any, tables: frozenset[str]) -> float | None:
    """
    Seconds for which a raw query is cached at most, 0 if its tables decide; None if it is not.

    Which of its tables it is about nobody knows: unasked it is cached if all of them are.
    """
    watched = connection.watched.tables
    automatic = all(watched[table].automatic for table in tables & watched.keys())
    return querysets.ttl_of(query, 0 if automatic else None)


def _keeping_what_was_asked(original: Callable[..., Any]) -> Callable[..., Any]:
    def clone(self: Any, using: str) -> Any:
        return querysets.ask_likewise(self, original(self, using))

    return clone


def _through_the_cache(original: Callable[..., Any]) -> Callable[..., Any]:
    def _execute_query(self: Any) -> None:
        connection = cached(connections[self.using])
        lookup = None if connection is None else _lookup_of(self, connection)
        if lookup is None:
            original(self)
            return

        def ask() -> _Rows:
            original(self)
            return _Rows.of(self.cursor)

        found = collector()
        if found is not None:
            self.cursor = _Cursor(lookup.collected(ask, found, streamed=False))
        else:
            self.cursor = _Cursor(lookup.answer(ask, streamed=False))

    _execute_query.praxis_original = original  # type: ignore[attr-defined]  # how `install` knows
    return _execute_query


def _lookup_of(query: Any, connection: CachedConnection) -> "_RawLookup | None":
    params = query.params
    if isinstance(params, Mapping):
        params = sorted(params.items())
    elif not isinstance(params, list | tuple | None):
        return None  # it can be gone through once
    compiler = RawCompiler(query)
    tables = plan(query.sql, compiler.connection.vendor, connection.catalog).tables
    ttl_s = None if is_bypassed() else raw_ttl_s(connection, query, tables)
    if ttl_s is not None:
        return _RawLookup.of(compiler, connection, ttl_s, query.sql, params or (), SINGLE)
    if CacheBypass in heard:
        asked = is_bypassed() or querysets.ttl_of(query, 0) is None
        reason = BypassReason.ASKED_FOR if asked else BypassReason.NOT_AUTOMATIC
        Told(connection, None, tables, query.sql).tell(CacheBypass, reason)
    return None


class RawCompiler:
    """What a look-up asks of a compiler."""

    def __init__(self, query: Any) -> None:
        self.connection: Any = connections[query.using]
        self.query = self
        self.model = None
        self._sql, self._params = query.sql, query.params
        #: Of no compiled query. Without parameters, per cent signs are the database's own.
        self.col_count = "raw", query.params is None

    def as_sql(self) -> tuple[str, Any]:
        return self._sql, self._params


class _Rows(list[Sequence[Any]]):
    """Rows with the names of their columns; *rest* goes on where they are not all."""

    def __init__(self, names: Sequence[str], rows: Sequence[Sequence[Any]], rest: Any) -> None:
        super().__init__(rows)
        self.names, self.rest = names, rest

    @classmethod
    def of(cls, cursor: Any) -> "_Rows":
        """What a cursor that has executed the query answers."""
        names = [column[0] for column in cursor.description]
        rows = cursor.fetchmany(MAX_STREAMED + 1)
        if len(rows) > MAX_STREAMED:
            return cls(names, rows, cursor)
        cursor.close()
        return cls(names, rows, None)


class _Cursor:
    """What a raw query does with its cursor."""

    def __init__(self, rows: _Rows) -> None:
        self.description = [(name,) for name in rows.names]
        self._rest = rows.rest
        self._rows = chain(rows, rows.rest or ())

    def __iter__(self) -> Iterator[Any]:
        return self._rows

    def close(self) -> None:
        if self._rest is not None:
            self._rest.close()


class _RawLookup(Lookup):
    """One raw query that may be answered from the cache."""

    __slots__ = ()

    def _rows_of(self, result: Any) -> Any:
        return result

    def _rows_known(self, result: Any, *, streamed: bool) -> Any:
        return None if streamed or result.rest is not None else result

    def _shown(self, rows: Any) -> Any:
        return rows

    def _held(self, rows: Any) -> Any:
        return rows.names, tuple(rows)

    def _recalled(self, held: Any) -> Any:
        names, rows = held
        return _Rows(names, rows, None)

    def _fill(self, miss: Miss, keys: Keys, rows: Any) -> None:
        if rows.rest is not None:
            self._unfilled(miss, keys, NotStoredReason.MANY_ROWS)
        else:
            super()._fill(miss, keys, rows)

    def _pack(self, rows: Any) -> bytes:
        names = encode([rows.names])
        return len(names).to_bytes(_LENGTH_BYTES, "big") + names + encode([*rows])

    def _unpack(self, payload: bytes) -> Any:
        start = _LENGTH_BYTES + int.from_bytes(payload[:_LENGTH_BYTES], "big")
        (names,) = decode(payload[_LENGTH_BYTES:start], self._zone)
        return _Rows(names, decode(payload[start:], self._zone), None)
