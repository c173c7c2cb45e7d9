"""
What components tell whoever listens: a component announces and never asks who that is.

    from praxis.announcements import ServerDown, listen

    listen(ServerDown, lambda event: log.warning("%s is down", event.alias))
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

logger = logging.getLogger("praxis")

E = TypeVar("E")

_listeners: dict[type, tuple[Callable[[Any], None], ...]] = {}
#: The kinds of events that somebody listens to. Whoever would announce one often asks here before
#: it makes the event: ``if CacheHit in heard``.
heard: Mapping[type, object] = _listeners


@dataclass(frozen=True, slots=True)
class ServerDown:
    """
    A Redis server failed; calls to it fail at once until it answers again.

    Attributes:
        alias: Its name in the settings.
        address: ``host:port`` or the path of a socket.
    """

    alias: str
    address: str


@dataclass(frozen=True, slots=True)
class ServerBack:
    """
    A Redis server that was down answers again.

    Attributes:
        alias: Its name in the settings.
        address: ``host:port`` or the path of a socket.
    """

    alias: str
    address: str


@dataclass(frozen=True, slots=True)
class StaleResult:
    """
    An entry of the query cache differed from the database. It was dropped and not served.

    Attributes:
        database: The alias of the database.
        sql: The query, without its parameters, which may be personal.
        lacking: How many rows of the database were not in the entry as they are.
        surplus: How many rows of the entry were not in the database as they are.
    """

    database: str
    sql: str
    lacking: int
    surplus: int


class BypassReason(Enum):
    """Why a query of a watched model was answered by the database and is not kept."""

    OFF = "nothing of this database is cached"
    ASKED_FOR = "asked for: uncached() or bypass()"
    NOT_AUTOMATIC = "its model is cached only where cached() asks for it"
    UNWATCHED_TABLE = "it reads a table that is not watched"
    NOT_A_READ = "it calls functions that are not known, or does more than read"
    VOLATILE = "it depends on time, chance, the session or the system catalogues"
    LOCKS = "it locks rows"
    OWN_WRITE = "the transaction has written to a table that it reads"
    SNAPSHOT = "the transaction sees the moment at which it began"
    BROKEN_TRANSACTION = "the transaction can only be rolled back"
    SESSION_CHANGED = "the session was changed in a way that results may depend on"
    PARAMETER_TYPE = "a parameter has a type that only the database's adapter knows"
    WRITE_IN_FLIGHT = "what it reads is just being written"
    SHAPE_DURING_WRITE = "a new kind of condition, while its table is being written"
    TOO_MANY_SHAPES = "its table has as many kinds of conditions as it may"
    REDIS_DOWN = "Redis did not answer"


class NotStoredReason(Enum):
    """Why what the database answered was not kept."""

    COLUMN_TYPE = "a column's type cannot be read back exactly"
    MANY_ROWS = "it was read bit by bit, and is long"
    TRANSACTION_WROTE = "the transaction has written, to other tables"
    REPLICA_BEHIND = "it was read from a replica that may not show all that was written"
    WRITTEN_MEANWHILE = "what it depends on was written while it ran, or is about to be"
    REDIS_DOWN = "Redis did not answer"


@dataclass(frozen=True, slots=True)
class CacheEvent:
    """
    Something happened to one query of the query cache.

    Attributes:
        database: The alias of the database.
        model: The label of the model that was asked, as ``shop.Order``; "" for ``raw()``.
        tables: Those that the query reads, as far as is known.
        sql: The query, without its parameters, which may be personal; "" where it was not made.
    """

    database: str
    model: str
    tables: frozenset[str]
    sql: str


class CacheHit(CacheEvent):
    """It was answered from the cache."""

    __slots__ = ()


class CacheMiss(CacheEvent):
    """The cache had no answer; the database is asked, and then comes a `CacheFill`."""

    __slots__ = ()


class CorruptEntry(CacheEvent):
    """What was kept could not be read: it was dropped, and the database is asked."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class CacheFill(CacheEvent):
    """
    What the database answered after a miss was kept, or not.

    Attributes:
        reason: Why it was not kept; None if it was.
        size_bytes: Of the entry; 0 if it was not made.
    """

    reason: NotStoredReason | None
    size_bytes: int


@dataclass(frozen=True, slots=True)
class CacheBypass(CacheEvent):
    """It was answered by the database, past the cache."""

    reason: BypassReason


@dataclass(frozen=True, slots=True)
class CacheWrite:
    """
    Something was written to watched tables; what depended on it is void.

    Attributes:
        database: The alias of the database.
        conditions: By table how many conditions the written rows met or meet; None where all that
            is cached of the table is void.
    """

    database: str
    conditions: Mapping[str, int | None]


class ResultKind(Enum):
    """What a kept result is of."""

    PAGE = "page"
    FRAGMENT = "fragment"
    FUNCTION = "function"


@dataclass(frozen=True, slots=True)
class ResultEvent:
    """
    Something happened to a page, a fragment or the result of a function that is to be kept.

    Attributes:
        kind: Which of them.
        name: Of the view or the function, with its module; of a fragment as its template says; the
            pattern of paths by which `CacheMiddleware` keeps a page. Of `remember` the function
            that computes: keys may be personal.
    """

    kind: ResultKind
    name: str


@dataclass(frozen=True, slots=True)
class ResultHit(ResultEvent):
    """
    It was answered from the cache.

    Attributes:
        is_stale: Whether it was the one before, shown while another one is computed.
    """

    is_stale: bool


class ResultMiss(ResultEvent):
    """It is not there, and is computed now; then comes a `ResultFill`, unless that fails."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ResultFill(ResultEvent):
    """
    What was computed after a miss was kept, or not.

    Attributes:
        reason: Why it was not kept, in words; "" if it was.
        size_bytes: Of the entry; 0 if it was not made.
    """

    reason: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ResultBypass(ResultEvent):
    """
    It was computed as if nothing were kept.

    Attributes:
        reason: Why, in words.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class RateLimited:
    """
    A limiter refused something, or would have.

    Attributes:
        limiter: Its name.
        by: Who decided: ``REDIS``, ``KNOWN``, ``PROCESS``, ``POLICY`` or ``LIST``.
        retry_after_s: Seconds until it may be tried again; infinity if it never may.
        is_dry: Whether it was let in all the same, since the limiter only looks on.
    """

    limiter: str
    by: str
    retry_after_s: float
    is_dry: bool


@dataclass(frozen=True, slots=True)
class RankingUnavailable:
    """
    A board with the policy ``open`` was asked or told something while Redis did not answer.

    Attributes:
        board: Its name.
        dropped: How many scores were not written, as far as is known; 0 of what only reads.
    """

    board: str
    dropped: int


@dataclass(frozen=True, slots=True)
class EventDropped:
    """
    `praxis.realtime` did not publish an event, since Redis did not answer.

    Attributes:
        channel: Its channel.
        may_have_run: Whether it may have been published all the same.
    """

    channel: str
    may_have_run: bool


@dataclass(frozen=True, slots=True)
class ClientDropped:
    """
    `praxis.realtime` cut a client off.

    Attributes:
        channels: What it had subscribed.
        reason: ``slow``, ``forbidden`` or ``drain``.
    """

    channels: tuple[str, ...]
    reason: str


def listen(kind: type[E], callback: Callable[[E], None]) -> Callable[[], None]:
    """
    Call back with each event of this kind, in the thread that announces it; return the way out.

    The callback must be quick and must not wait: a request is waiting for it.
    """
    _listeners[kind] = (*_listeners.get(kind, ()), callback)

    def stop() -> None:
        others = tuple(each for each in _listeners.get(kind, ()) if each is not callback)
        if others:
            _listeners[kind] = others
        else:
            _listeners.pop(kind, None)

    return stop


def announce(event: object) -> None:
    """Tell the listeners. One that fails is logged; the others and the announcer go on."""
    for callback in _listeners.get(type(event), ()):
        try:
            callback(event)
        except Exception:
            logger.exception("A listener failed on %r", event)
