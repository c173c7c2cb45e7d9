"""Marks around what commits, and the ends of transactions as Django brings them about."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from praxis.announcements import CacheWrite, announce, heard
from praxis.cache.changes.outbox import Left
from praxis.cache.hooks.connections import CachedConnection, is_in_transaction, known
from praxis.cache.hooks.refusals import WriteRefusedError, mark
from praxis.cache.hooks.untold_writes import leave, own_transaction, wait
from praxis.cache.protocol.calls import Writing, Written


def install() -> bool:
    """Have the ends of transactions told of; False if they were already."""
    wrapper: Any = BaseDatabaseWrapper
    if hasattr(wrapper._commit, "praxis_original"):  # noqa: SLF001 - see below
        return False
    # Django has no signal for the moments just before and just after COMMIT is sent.
    wrapper._commit = _committing(wrapper._commit)  # noqa: SLF001
    wrapper._rollback = _ending(wrapper._rollback)  # noqa: SLF001
    wrapper._close = _ending(wrapper._close)  # noqa: SLF001
    wrapper.set_autocommit = _committing_first(wrapper.set_autocommit)
    return True


@contextmanager
def told(
    connection: CachedConnection,
    database: Any,
    written: dict[str, Written],
    *,
    foreseen: dict[str, Written] | None = None,
) -> Iterator[None]:
    """
    Whatever runs inside writes these tables, at once or with the transaction around.

    Args:
        connection: Of *database*.
        database: Django's connection.
        written: What is written; nothing is told of if it is empty.
        foreseen: What readers are kept off, where what runs inside puts into *written* what it has
            learnt; None where *written* is known.
    """
    if not written:
        yield
    elif is_in_transaction(database, connection.state):
        try:
            yield
        finally:  # what failed may have written before: a trigger, a part of many rows
            connection.state.add_all(written)
    else:
        writing = Writing(written if foreseen is None else foreseen, connection.store.shapes)
        try:
            mark(connection.store, writing)
        except WriteRefusedError as refused:
            within = own_transaction(connection, database, refused)
        else:
            within = _settled(connection, database, writing)
        with within:
            yield
            if is_in_transaction(database, connection.state):
                connection.state.add_all(written)
            elif foreseen is not None and foreseen != written:
                writing.know(written)


@contextmanager
def marked(
    connection: CachedConnection, database: Any, writing: Writing, *, at_once: bool = True
) -> Iterator[None]:
    """
    Readers keep off until what runs inside is known to have ended.

    Args:
        connection: Of *database*.
        database: Django's connection.
        writing: What is written.
        at_once: Whether all of it is committed in one, and with what was written before.
    """
    try:
        mark(connection.store, writing)
    except WriteRefusedError as refused:
        left = leave(connection, database, writing, refused, at_once=at_once)
    else:
        left = None
    with _settled(connection, database, writing, left):
        yield


@contextmanager
def _settled(
    connection: CachedConnection, database: Any, writing: Writing, left: Left | None = None
) -> Iterator[None]:
    """What runs inside has a mark, or has *left* word; it is acknowledged after this."""
    store = connection.store
    try:
        yield
    except BaseException as error:
        if not _is_unknown(error, database.vendor):
            store.settle(writing, written=False)
        raise
    if not store.settle(writing, written=True):
        wait(connection, database, writing, left)
    if CacheWrite in heard:
        announce(CacheWrite(connection.alias, writing.conditions()))


def _committing(original: Callable[..., Any]) -> Callable[..., Any]:
    def _commit(self: Any) -> Any:
        connection = known(self)
        if connection is None:
            return original(self)
        return commit_by(connection, self, lambda: original(self))

    _commit.praxis_original = original  # type: ignore[attr-defined]  # how `install` knows
    return _commit


def _committing_first(original: Callable[..., Any]) -> Callable[..., Any]:
    def set_autocommit(self: Any, autocommit: bool, *args: Any, **options: Any) -> Any:
        connection = known(self)
        was_manual = not self.autocommit and not self.in_atomic_block
        # PostgreSQL's drivers refuse; the others commit what there is, which is to be told
        commits = autocommit and was_manual and self.vendor != "postgresql"
        if commits and connection is not None and connection.state.written:
            self.commit()
        result = original(self, autocommit, *args, **options)
        if autocommit and connection is not None and connection.looks is not None:
            connection.looks.tidy(self)
        return result

    return set_autocommit


def commit_by(connection: CachedConnection, database: Any, commit: Callable[[], Any]) -> Any:
    """Mark, commit, settle: before any hook that waits for the commit."""
    state = connection.state
    if not state.written:
        state.end()
        return commit()
    with marked(connection, database, Writing(state.written, connection.store.shapes)):
        result = commit()
        state.end()
    return result


def _ending(original: Callable[..., Any]) -> Callable[..., Any]:
    def end(self: Any) -> Any:
        connection = known(self)
        if connection is not None:
            connection.state.end()
        return original(self)

    return end


def _is_unknown(error: BaseException, vendor: str) -> bool:
    """Whether a statement may have been committed although it ended with this."""
    if not isinstance(error, DatabaseError | InterfaceError):
        return True
    if vendor == "sqlite":
        return False  # the statement ran in this process, and failed there
    state = getattr(error.__cause__, "sqlstate", None)
    if state is not None:  # the server said so; of class 08 and 57P it said that it goes
        return bool(state.startswith(("08", "57P")))
    return isinstance(error, OperationalError | InterfaceError)
