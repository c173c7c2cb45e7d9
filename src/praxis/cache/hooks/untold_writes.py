"""Writes that Redis cannot be told of, where the settings let them go on: word is left of them."""

import contextlib
from collections.abc import Iterator
from typing import Any

from django.db import Error, connections, transaction

from praxis.cache.changes.outbox import Left, NoTableError
from praxis.cache.changes.table import TABLE
from praxis.cache.hooks.connections import CachedConnection, is_in_transaction
from praxis.cache.hooks.refusals import WriteRefusedError
from praxis.cache.protocol.calls import Writing


def leave(
    connection: CachedConnection,
    database: Any,
    writing: Writing,
    refused: WriteRefusedError,
    *,
    at_once: bool,
) -> Left | None:
    """
    Leave word of *writing* in the transaction that is about to be committed.

    Raises:
        WriteRefusedError: *refused*, where the settings say so; or because word cannot be left in
            one with what is written. The transaction is not committed.
    """
    outbox = connection.outbox
    if outbox is None:
        raise refused
    if not at_once or not is_in_transaction(database, connection.state):
        raise _refused(refused, "No word can be left of a statement that commits by itself.")
    try:
        return outbox.leave(database, writing.written)
    except NoTableError:
        hint = "Run manage.py migrate, so that writes can go on without Redis."
        raise _refused(refused, f"The database has no table {TABLE}. {hint}") from refused
    except Error as error:
        raise _refused(refused, f"No word of it can be left in {TABLE}: {error}") from error


@contextlib.contextmanager
def own_transaction(
    connection: CachedConnection, database: Any, refused: WriteRefusedError
) -> Iterator[None]:
    """
    A transaction for what would have committed by itself; at its end word is left, as of any.

    Raises:
        WriteRefusedError: *refused*, where the settings say so.
    """
    if connection.outbox is None or connections[database.alias] is not database:
        raise refused
    with transaction.atomic(using=database.alias):
        yield


def wait(connection: CachedConnection, database: Any, writing: Writing, left: Left | None) -> None:
    """
    Return when what was committed may be acknowledged, although Redis was not told of it.

    Args:
        connection: Of *database*.
        database: Django's connection.
        writing: What was written.
        left: The word that was left with it; None if it had a mark, which may be gone.
    """
    if left is not None:
        left.acknowledge()
    elif connection.outbox is not None:
        # Django has not yet said to the driver that the transaction is over
        other = database.copy()
        try:
            connection.outbox.leave_afterwards(other, writing.written)
        finally:
            other.close()


def _refused(refused: WriteRefusedError, more: str) -> WriteRefusedError:
    return WriteRefusedError(f"{refused} {more}")
