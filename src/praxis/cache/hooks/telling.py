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
from praxis.cache.hooks.obstacles import table_of


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


def tell_unasked(connection: CachedConnection, query: Any, reason: BypassReason) -> None:
    """
    Announce a query that goes to the database before anybody looked at its text.

    Args:
        connection: The one that it runs on.
        query: As a compiler has it.
        reason: Why.
    """
    tables = frozenset({table_of(query.model)} - {""})
    Told(connection, query.model, tables, "").tell(CacheBypass, reason)
