"""Queries that are answered from the cache: what Django's compilers call to run a SELECT."""

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.constants import MULTI, SINGLE

from praxis.announcements import BypassReason, CacheBypass, heard
from praxis.cache.hooks.collecting import collector
from praxis.cache.hooks.connections import CachedConnection, cached
from praxis.cache.hooks.lookups import Lookup
from praxis.cache.hooks.obstacles import reason_unasked
from praxis.cache.hooks.querysets import ttl_of
from praxis.cache.hooks.telling import tell_unasked

_bypassed: ContextVar[bool] = ContextVar("praxis_cache_bypassed", default=False)


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
        lookup = Lookup.of(self, connection, ttl_s, sql, params, result_type)
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
