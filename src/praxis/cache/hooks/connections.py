"""What belongs to each database connection: the watched tables, the store, its transaction."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any
from weakref import WeakSet

from django.core.signals import setting_changed
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from praxis.cache.catalog import Catalog, catalog
from praxis.cache.changes.looks import Looks
from praxis.cache.changes.outbox import Outbox
from praxis.cache.changes.table import VENDORS as VENDORS_OF_WORDS
from praxis.cache.hooks.connection_state import ConnectionState
from praxis.cache.hooks.database_names import database_name
from praxis.cache.hooks.dead_writers import DeadWriters
from praxis.cache.hooks.texts import Texts
from praxis.cache.near import Near
from praxis.cache.store import Store, tag_of
from praxis.cache.watched import Watched, watched
from praxis.conf import config
from praxis.redis import link

_ATTRIBUTE = "_praxis_cache"
#: Vendors on whose servers the cache was tried. Of others nothing is cached, since nobody knows
#: whether all of their writes would be told.
VENDORS = frozenset({"postgresql", "sqlite"})


@dataclass(slots=True, eq=False)
class CachedConnection:
    """One connection with what it needs; `made_for` is the life of the settings it was made in."""

    alias: str
    store: Store
    dead_writers: DeadWriters
    watched: Watched
    catalog: Catalog
    made_for: object
    verify_share: float
    #: Looks for words of writes that Redis was not told of; None where nobody leaves any.
    looks: Looks | None
    #: Where this process leaves such words; None where it refuses to write instead.
    outbox: Outbox | None
    #: What this process holds itself; None where it is to ask Redis each time.
    near: Near | None
    #: How long one who asks the database may keep others waiting who ask the same.
    wait_ms: int
    #: What makes one query answer differently for it than for others of the same database.
    session_key: bytes
    texts: Texts
    #: By model whether it is cached unasked (0) or not (None): one look-up lets others go.
    models: dict[type[Model], float | None] = field(default_factory=dict)
    state: ConnectionState = field(default_factory=ConnectionState)


class _Settings:
    """Another object after each change of the settings."""


_settings = _Settings()


def cached(connection: Any) -> CachedConnection | None:
    """What belongs to *connection*; None where nothing of its database is cached."""
    found: CachedConnection | None = connection.__dict__.get(_ATTRIBUTE, _MISSING)
    if found is _MISSING or (found is not None and found.made_for is not _settings):
        found = connection.__dict__[_ATTRIBUTE] = _made(connection)
    return found


_MISSING: Any = object()


def known(connection: Any) -> CachedConnection | None:
    """What was found out of *connection* so far: nothing is asked, and nothing is opened."""
    found: CachedConnection | None = connection.__dict__.get(_ATTRIBUTE)
    return found


def _made(connection: BaseDatabaseWrapper) -> CachedConnection | None:
    vendor = connection.vendor
    seen = watched(vendor) if vendor in VENDORS else None
    if seen is None or not seen.tables:
        return None
    database: Any = connection
    if vendor == "sqlite" and database.settings_dict["NAME"] == ":memory:":
        return None  # each connection has one of its own, which ends with it
    database.__dict__[_ATTRIBUTE] = None  # while it is asked who it is
    try:
        name = database_name(database)
    except BaseException:
        forget(database)  # else its writes would be told to nobody for as long as it is open
        raise
    state = ConnectionState(session=_is_changed(database))
    dead, settings = _dead_writers(name, vendor), config().cache
    looks, outbox = _words(name, vendor)
    key = _session_key(database)
    return CachedConnection(
        database.alias,
        dead.store,
        dead,
        seen,
        catalog(vendor),
        _settings,
        settings.verify_share,
        looks,
        outbox,
        _near(name, vendor),
        int(settings.wait_s * 1000),
        key,
        _texts(vendor, _kind_of(database), key),
        state=state,
    )


#: Options of a connection that may choose a schema, a role, or how values are compared.
_TELLING = ("options", "service", "init_command", "sql_mode", "charset", "collation")


def _session_key(connection: Any) -> bytes:
    """The user, whose policies and defaults decide, the options, and the time zone."""
    entry = connection.settings_dict
    options = entry.get("OPTIONS") or {}
    told = [entry.get("USER"), connection.timezone_name, *(options.get(name) for name in _TELLING)]
    return repr(told).encode()


def _is_changed(connection: Any) -> bool:
    """Whether the session was changed before this wrapper had it, or may have been."""
    if connection.vendor != "postgresql":
        return False
    if connection.connection is None:  # nobody knows which one a pool is going to hand out
        return "pool" in connection.settings_dict["OPTIONS"] and bool(_changed)
    return connection.connection in _changed


def forget(connection: Any) -> None:
    """A wrapper has a new connection, of which nothing is known yet."""
    connection.__dict__.pop(_ATTRIBUTE, None)


#: PostgreSQL's connections whose sessions were changed: a pool hands them to others.
_changed: WeakSet[Any] = WeakSet()


def note_change(connection: Any) -> None:
    """The session was changed in a way that results depend on."""
    if connection.vendor == "postgresql" and connection.connection is not None:
        _changed.add(connection.connection)


def _kind_of(connection: Any) -> tuple[str, ...]:
    return connection.alias, type(connection).__module__, type(connection).__qualname__


@cache
def _texts(vendor: str, kind: tuple[str, ...], session_key: bytes) -> Texts:
    """Of all connections that compile alike, since they are of one *kind*."""
    del kind
    return Texts(vendor, catalog(vendor), watched(vendor).tables, session_key)


#: By the name of the database.
_nears: dict[str, Near] = {}


def _near(name: str, vendor: str) -> Near | None:
    settings = config().cache
    if not settings.near_s:
        return None
    if name not in _nears:
        made = Near(
            link(settings.redis),
            tag_of(name),
            bound_s=settings.near_s,
            max_entries=settings.near_entries,
            asks_again=_may_hold_words(vendor),
        )
        _nears.setdefault(name, made)
    return _nears[name]


@cache
def _dead_writers(name: str, vendor: str) -> DeadWriters:
    settings = config().cache
    look_ms = settings.look_every_ms if _may_hold_words(vendor) else None
    store = Store(link(settings.redis), name, strict=settings.strict, look_ms=look_ms)
    return DeadWriters(store)


@cache
def _words(name: str, vendor: str) -> tuple[Looks | None, Outbox | None]:
    """What looks for words, and what leaves them; one for the process, however many connections."""
    settings = config().cache
    if not _may_hold_words(vendor):
        return None, None
    leaves = settings.when_unreachable == "bypass"
    outbox = Outbox(settings.look_every_ms / 1000) if leaves else None
    return Looks(_dead_writers(name, vendor).store), outbox


def _may_hold_words(vendor: str) -> bool:
    """Whether a database of this kind may hold words of writes that Redis was not told of."""
    settings = config().cache
    leaves = settings.when_unreachable == "bypass" and vendor in VENDORS_OF_WORDS
    return leaves or (settings.outside_writes and vendor == "postgresql")


def _forget(*, setting: str, **_: object) -> None:
    global _settings  # noqa: PLW0603 - one for the process, as the settings are
    if setting in {"PRAXIS", "CACHES", "INSTALLED_APPS", "DATABASES"}:
        _settings = _Settings()
        _dead_writers.cache_clear()
        _words.cache_clear()
        for near in _nears.values():
            near.close()
        _nears.clear()
        _texts.cache_clear()


setting_changed.connect(_forget, dispatch_uid="praxis.cache.connections")


def is_in_transaction(connection: Any, state: ConnectionState) -> bool:
    """Whether what a statement does is not yet committed when it returns."""
    if connection.connection is None:  # and says that it does not commit by itself
        return bool(connection.in_atomic_block)
    return bool(connection.in_atomic_block or not connection.autocommit or state.began)


def is_open(connection: Any, *, otherwise: bool) -> bool:
    """
    Whether the database holds a transaction open, as the driver knows without asking.

    Args:
        connection: Django's.
        otherwise: The answer if the driver does not tell.
    """
    driver = connection.connection
    if driver is None:
        return False
    if connection.vendor == "postgresql":
        return bool(driver.info.transaction_status)  # 0 is idle
    return bool(getattr(driver, "in_transaction", otherwise))
