"""BEGIN, COMMIT, SET and the like, where the project sends them as statements of its own."""

from collections.abc import Callable
from typing import Any

from praxis.cache.hooks.commits import commit_by
from praxis.cache.hooks.connection_state import ConnectionState
from praxis.cache.hooks.connections import (
    CachedConnection,
    is_in_transaction,
    is_open,
    note_change,
)
from praxis.cache.hooks.told_writes import all_of
from praxis.cache.statements import Action, Control, Kind, Statement

ENDS = frozenset({
    Action.COMMIT, Action.COMMIT_PREPARED, Action.PREPARE_TRANSACTION, Action.IMPLICIT_COMMIT,
})  # fmt: skip
#: Settings of a session that no result depends on. Others may be search paths, roles, or what
#: policies of row security go by.
_HARMLESS = frozenset({
    "application_name", "client_min_messages", "constraints", "deadlock_timeout", "foreign_keys",
    "foreign_key_checks", "foreign_key_check", "idle_in_transaction_session_timeout",
    "journal_mode", "lock_timeout", "log_statement", "statement_timeout", "synchronous_commit",
    "synchronous", "legacy_alter_table", "work_mem", "maintenance_work_mem",
    "transaction_timeout", "cache_size", "temp_store", "busy_timeout", "mmap_size",
})  # fmt: skip


def control(
    connection: CachedConnection, database: Any, statement: Statement, execute: Callable[[], Any]
) -> Any:
    """BEGIN, COMMIT, SET and the like, as statements of the project's own."""
    if statement.writes is None:
        connection.state.add_all(all_of(connection, statement))
    try:
        if any(control.action in ENDS for control in statement.control):
            return commit_by(connection, database, execute)
        return execute()
    finally:
        note_all(connection, database, statement)


def note_all(connection: CachedConnection, database: Any, statement: Statement) -> None:
    """What a text, or a part of it if it failed, has left of its transaction and session."""
    state = connection.state
    for control in statement.control:
        _note(state, control)
    if statement.kind is Kind.UNKNOWN and database.vendor == "postgresql":
        state.session = True  # by set_config, in whatever function was called
    if state.session:
        note_change(database)
    state.began = is_open(database, otherwise=state.began)
    if not is_in_transaction(database, state):
        state.end()


def _note(state: ConnectionState, control: Control) -> None:
    if control.action is Action.BEGIN:
        state.began = True
        state.snapshot = control.value not in {None, "read committed"}
    elif control.action is Action.ROLLBACK or control.action in ENDS:
        state.began = control.chain
        state.snapshot = state.snapshot and control.chain
        if control.action is Action.ROLLBACK:
            state.written = {}
    elif control.action is Action.ISOLATION:
        if control.name == "session":
            state.session = True
        else:
            state.snapshot = control.value != "read committed"
    elif control.action in {Action.SET, Action.RESET, Action.DISCARD}:
        if control.name in _HARMLESS:
            return
        if control.local:
            state.snapshot = True  # until the end of the transaction
        else:
            state.session = True
