"""Why a query is cached or not: the decisions that the hooks take, asked for without a query."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.query import RawQuerySet
from django.db.models.sql.query import RawQuery

from praxis.announcements import BypassReason, CacheBypass, CacheEvent
from praxis.cache.advice import advice
from praxis.cache.explanation import Explanation, in_words
from praxis.cache.hooks.connections import CachedConnection, cached, is_in_transaction
from praxis.cache.hooks.obstacles import obstacle, reason_unasked, table_of
from praxis.cache.hooks.querysets import ttl_of
from praxis.cache.hooks.raw_queries import RawCompiler, raw_ttl_s
from praxis.cache.plans.select import Plan, plan

if TYPE_CHECKING:
    from django.db.models import QuerySet


def explain(queryset: "QuerySet[Any] | RawQuerySet[Any]") -> Explanation:
    """
    Return whether the queryset's query is cached, what ends its results, or why it is not.

    The query is not run, and Redis is not asked. What is fetched besides, by
    ``prefetch_related()``, are queries of their own.

    Args:
        queryset: What is about to be evaluated, on the connection and in the transaction of
            this thread.
    """
    if isinstance(queryset, RawQuerySet):
        return _of_raw(queryset.query, queryset.db)
    alias = queryset.db
    query = queryset._chain().query  # type: ignore[attr-defined]  # noqa: SLF001 - compiling changes it
    database = connections[alias]
    locks = query.select_for_update and database.features.has_select_for_update
    query.select_for_update = False  # outside of a transaction it would not even be compiled
    try:
        sql, params = query.get_compiler(alias).as_sql()
    except EmptyResultSet:
        return Explanation(alias, "", None)
    connection = cached(database)
    if connection is None:
        return _off(alias, sql)
    known = connection.watched.tables.get(table_of(query.model))
    ttl_s = ttl_of(query, 0 if known is not None and known.automatic else None)
    reason = reason_unasked(connection, query) if ttl_s is None else None
    if locks:
        reason = BypassReason.LOCKS
    found = _explained(connection, database, sql, params, ttl_s or 0, reason)
    prefetched = queryset._prefetch_related_lookups  # type: ignore[attr-defined]  # noqa: SLF001
    return _noting_prefetches(found, prefetched)


def explain_sql(
    sql: str, params: Any = (), *, using: str = DEFAULT_DB_ALIAS, ttl_s: float | None = None
) -> Explanation:
    """
    Return the same for a text that is given to ``raw()``.

    Args:
        sql: The text.
        params: Its parameters.
        using: The alias of the database.
        ttl_s: As of ``cached(ttl_s=…)``; None if it does not ask.
    """
    query = RawQuery(sql, using, params)
    if ttl_s is not None:
        query.praxis_ttl_s = ttl_s  # type: ignore[attr-defined]  # as `cached` does
    return _of_raw(query, using)


def explain_event(event: CacheEvent) -> Explanation:
    """Return what an event tells of the query that it is about, whose parameters are not known."""
    connection = cached(connections[event.database])
    if connection is None:
        return _off(event.database, event.sql)
    sql = event.sql or f"({event.model or 'a query'})"
    if isinstance(event, CacheBypass):
        to_do = advice(event.reason, connection.watched, event.tables, "")
        return Explanation(event.database, sql, event.reason, to_do, tables=event.tables)
    select = plan(event.sql, connections[event.database].vendor, connection.catalog)
    narrow = {one.table: f"rows of one {', '.join(one.columns)}" for one in select.narrowed}
    joined = {one.table: f"rows whose {one.column} is in the result" for one, _ in select.joined}
    words = dict.fromkeys(sorted(select.tables), "any row") | joined | narrow
    return _cached(
        event.database, sql, select, connection, 0, [f"{t}: {w}" for t, w in words.items()]
    )


def _of_raw(query: Any, alias: str) -> Explanation:
    compiler = RawCompiler(query)
    connection = cached(compiler.connection)
    if connection is None:
        return _off(alias, query.sql)
    tables = plan(query.sql, compiler.connection.vendor, connection.catalog).tables
    ttl_s = raw_ttl_s(connection, query, tables)
    reason = None
    if ttl_s is None:
        asked = ttl_of(query, 0) is None
        reason = BypassReason.ASKED_FOR if asked else BypassReason.NOT_AUTOMATIC
    params = query.params or ()
    if isinstance(params, dict):
        params = sorted(params.items())
    return _explained(connection, compiler.connection, query.sql, params, ttl_s or 0, reason)


def _explained(
    connection: CachedConnection,
    database: Any,
    sql: str,
    params: Sequence[Any],
    asked_s: float,
    reason: BypassReason | None,
) -> Explanation:
    """As a look-up of it would go; *reason* if none is made."""
    select = plan(sql, database.vendor, connection.catalog)
    in_transaction = is_in_transaction(database, connection.state)
    if reason is None or reason is BypassReason.UNWATCHED_TABLE:
        found = obstacle(connection, database, select, in_transaction=in_transaction)
        reason = found or reason
    if reason is None:
        prepared = connection.texts.prepared(sql, single=False, width=0)
        reason = None if prepared.reading(params) else BypassReason.PARAMETER_TYPE
    if reason is not None:
        functions = ", ".join(sorted(select.statement.functions))
        to_do = advice(reason, connection.watched, select.tables, functions)
        return Explanation(database.alias, sql, reason, to_do, tables=select.tables)
    words = map(in_words, select.dependencies(params))
    return _cached(database.alias, sql, select, connection, asked_s, words)


def _cached(
    alias: str,
    sql: str,
    select: Plan,
    connection: CachedConnection,
    asked_s: float,
    dependencies: Iterable[str],
) -> Explanation:
    tables, patterns = connection.watched.tables, connection.watched.patterns
    shortest = min(sorted(select.tables), key=lambda table: tables[table].ttl_s)
    by = "cached()" if asked_s else f'PRAXIS["cache"]["models"]["{patterns[shortest]}"]'
    notes = []
    if select.keyed:
        notes.append(
            f"A result that lacks a row of {select.keyed} which it asked for waits for any write "
            "to that table."
        )
    return Explanation(
        alias,
        sql,
        None,
        ttl_s=asked_s or tables[shortest].ttl_s,
        decided_by=by,
        tables=select.tables,
        dependencies=tuple(dependencies),
        notes=tuple(notes),
    )


def _off(alias: str, sql: str) -> Explanation:
    database: Any = connections[alias]
    if database.vendor == "sqlite" and database.settings_dict["NAME"] == ":memory:":
        to_do = "Give the SQLite database a file: one in memory is its connection's own."
    elif not apps.is_installed("praxis"):
        to_do = 'Add "praxis" to INSTALLED_APPS.'
    else:
        to_do = 'Name models in PRAXIS["cache"]["models"]; manage.py check tells of mistakes there.'
    return Explanation(alias, sql, BypassReason.OFF, to_do)


def _noting_prefetches(found: Explanation, lookups: Sequence[Any]) -> Explanation:
    if not lookups:
        return found
    names = ", ".join(str(getattr(one, "prefetch_through", one)) for one in lookups)
    note = f"What is prefetched are queries of their own, cached or not by themselves: {names}."
    return replace(found, notes=(*found.notes, note))
