"""What happens to queries, told to whoever listens; who makes an event asks `heard` first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from praxis.announcements import (
    BypassReason,
    CacheBypass,
    CacheEvent,
    NotStoredReason,
    announce,
)
from praxis.cache.hooks.connections import CachedConnection


@dataclass(frozen=True, slots=True)
class Told:
    """
    One query, as events name it.

    Attributes:
        connection: The one that it runs on.
        model: Whose objects are asked for; None for ``raw()``.
        tables: See `CacheEvent`.
        sql: See `CacheEvent`.
    """

    connection: CachedConnection
    model: Any
    tables: frozenset[str]
    sql: str

    def tell(self, kind: Callable[..., CacheEvent], *more: object) -> None:
        """Announce an event of this *kind*."""
        label = "" if self.model is None else self.model._meta.label  # noqa: SLF001 - public
        announce(kind(self.connection.alias, label, self.tables, self.sql, *more))


def reason_of(stored: bool | NotStoredReason | None) -> NotStoredReason | None:
    """Why a result was not kept, from what the store says or why it was not asked."""
    return stored if isinstance(stored, NotStoredReason) else _REASONS[stored]


_REASONS = {
    True: None,
    False: NotStoredReason.WRITTEN_MEANWHILE,
    None: NotStoredReason.REDIS_DOWN,
}


def tell_unasked(connection: CachedConnection, query: Any, *, asked_for: bool) -> None:
    """
    Announce a query that goes to the database before anybody looked at its text.

    Args:
        connection: The one that it runs on.
        query: As a compiler has it.
        asked_for: Whether the project wants it so for this query.
    """
    model = query.model
    table = "" if model is None else model._meta.db_table  # noqa: SLF001 - public since ever
    if asked_for:
        reason = BypassReason.ASKED_FOR
    elif table in connection.watched.tables:
        reason = BypassReason.NOT_AUTOMATIC
    else:
        reason = BypassReason.UNWATCHED_TABLE
    Told(connection, model, frozenset({table} - {""}), "").tell(CacheBypass, reason)
