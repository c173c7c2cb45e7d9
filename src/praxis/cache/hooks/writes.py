"""Everything that is executed, looked at for what it writes."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import connections
from django.db.backends.signals import connection_created
from django.db.backends.utils import CursorWrapper

from praxis.cache.hooks import commits
from praxis.cache.hooks.collecting import collector, is_covered
from praxis.cache.hooks.commits import marked, told
from praxis.cache.hooks.connections import CachedConnection, cached, forget
from praxis.cache.hooks.fetched_rows import fetch_at_once
from praxis.cache.hooks.once import Once
from praxis.cache.hooks.open_reads import note_read
from praxis.cache.hooks.returned_rows import Returning
from praxis.cache.hooks.session_changes import control, note_all
from praxis.cache.hooks.told_writes import all_of, written_by
from praxis.cache.protocol.calls import Writing, Written
from praxis.cache.statements import Kind, Statement, analyse
from praxis.cache.statements.statement import UNKNOWN

logger = logging.getLogger("praxis.cache")

#: Statements that were not understood.
_not_understood = Once()


def install() -> None:
    """Watch every connection, from the next time it is opened; once a process."""
    if not commits.install():
        return
    connection_created.connect(_watch, dispatch_uid="praxis.cache.writes")
    for connection in connections.all(initialized_only=True):
        _watch(connection=connection)  # it was opened before
    # What no wrapper of executions hears of.
    cursor: Any = CursorWrapper
    cursor.copy = _copy
    cursor.callproc = _calling(cursor.callproc)


def _watch(*, connection: Any, **_: object) -> None:
    forget(connection)  # what was said of the one before
    if _execute not in connection.execute_wrappers:
        # the first, since whoever adds one for a while takes the last away again
        connection.execute_wrappers.insert(0, _execute)


def _execute(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """What Django calls around each statement."""
    connection = cached(context["connection"])
    if connection is None:
        _forbid(f"{context['connection'].alias} is not cached")
        return execute(sql, params, many, context)
    database, text = context["connection"], _text(sql, context)
    statement = analyse(text, database.vendor)
    if statement.kind is Kind.READ:
        found = collector()
        if found is not None and not is_covered():
            found.read_by_statement(connection, database, statement)
        result = execute(sql, params, many, context)
        if database.vendor == "sqlite":
            note_read(context["cursor"], connection.state)
        return result
    if statement.kind in {Kind.TRANSACTION, Kind.SESSION}:
        plain = partial(execute, sql, params, many, context)
        return control(connection, database, statement, plain)
    _forbid("it writes")
    if statement.kind is Kind.UNKNOWN:
        _tell(text, statement)
    written, asked = written_by(connection, database, text, params, statement, many=many)

    if asked is not None:
        return _asked(execute, connection, asked, written, (sql, params, context))

    def run() -> Any:
        result = execute(sql, params, many, context)
        if database.vendor == "sqlite":
            fetch_at_once(context["cursor"])
        return result

    if statement.kind is Kind.UNKNOWN or statement.control:
        return _with_control(connection, database, statement, written, run)
    with told(connection, database, written):
        return run()


def _asked(
    execute: Callable[..., Any],
    connection: CachedConnection,
    asked: Returning,
    written: dict[str, Written],
    executed: tuple[Any, Any, dict[str, Any]],
) -> Any:
    """What Django would get of a statement that is asked what its rows were and are."""
    _, params, context = executed
    database, table = context["connection"], asked.table
    first = asked.first(params)
    if first is not None:
        tried = {table: Written(first.conditions)}
        with told(connection, database, tried, foreseen=tried.copy()):
            result = execute(first.sql, first.parameters, False, context)
            rows = context["cursor"].fetchall()
            asked.note(same=bool(rows))
            if rows:
                tried[table] = Written(first.found(rows[0]))
                return result
    with told(connection, database, written, foreseen={table: Written(None)}):
        result = execute(asked.asking.sql, params, False, context)
        written[table] = Written(asked.found(context["cursor"].fetchall()))
        return result


def _with_control(
    connection: CachedConnection,
    database: Any,
    statement: Statement,
    written: dict[str, Written],
    run: Callable[[], Any],
) -> Any:
    """A text that writes, and perhaps begins or ends transactions besides."""
    state = connection.state
    state.add_all(written)
    try:
        if not state.written:
            return run()
        # with what was written before, since that may be committed, too
        writing = Writing(state.written, connection.store.shapes)
        # what is committed in the midst of it does not bring along what comes after
        with marked(connection, database, writing, at_once=not statement.control):
            return run()
    finally:
        note_all(connection, database, statement)


@contextmanager
def _copy(self: Any, statement: Any, *args: Any, **options: Any) -> Iterator[Any]:
    """``with cursor.copy("COPY …") as copy:`` of psycopg, told of as any other statement."""
    connection = cached(self.db)
    copied = self.cursor.copy(statement, *args, **options)
    _forbid("it copies")
    if connection is None:
        with copied as copy:
            yield copy
        return
    found = analyse(_text(statement, {"cursor": self}), self.db.vendor)
    with told(connection, self.db, all_of(connection, found)), copied as copy:
        yield copy


def _calling(original: Callable[..., Any]) -> Callable[..., Any]:
    def callproc(self: Any, procname: str, *args: Any, **options: Any) -> Any:
        connection = cached(self.db)
        _forbid("it calls a procedure")
        if connection is None:
            return original(self, procname, *args, **options)
        with told(connection, self.db, all_of(connection, UNKNOWN)):
            return original(self, procname, *args, **options)

    return callproc


def _forbid(reason: str) -> None:
    """What is being computed here does more than read, so that its result is not all of it."""
    found = collector()
    if found is not None and not is_covered():
        found.forbid(reason)


def _text(sql: Any, context: dict[str, Any]) -> str:
    if isinstance(sql, str):
        return sql
    if isinstance(sql, bytes):
        return sql.decode("utf-8", "surrogateescape")
    composed: str = sql.as_string(context["cursor"].cursor)  # psycopg's objects
    return composed


def _tell(text: str, statement: Statement) -> None:
    key = ", ".join(sorted(statement.functions)) or text[:200]
    if _not_understood.is_new(key):
        logger.warning(
            "It is not known what this statement writes, so it empties the cache each time: %s", key
        )
