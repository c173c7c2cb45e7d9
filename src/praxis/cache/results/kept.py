"""Results of any kind, as bytes: looked up, or computed by one while others wait for it."""

import logging
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, connections

from praxis.cache.hooks.collecting import Collector, collecting, collector
from praxis.cache.hooks.connections import CachedConnection, cached
from praxis.cache.hooks.isolation import sees_what_is_committed
from praxis.cache.hooks.looking import look as look_for_words
from praxis.cache.hooks.queries import is_bypassed
from praxis.cache.hooks.waiting import pauses
from praxis.cache.protocol.calls import WAIT, Keys, LookFirst

logger = logging.getLogger("praxis.cache")

_NAME_BYTES = 16
_CHECKSUM_BYTES = 4
#: How long nobody waits for a result that turned out not to be one that can be kept.
_PAUSE_MS = 1000
#: How long one may compute before another one is let to try.
_LEASE_MS = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """
    How a result is kept.

    Attributes:
        ttl_s: Seconds at most; above 0. Whatever is written that it depends on ends it at once.
        stale_s: While one computes it anew, others may be shown one that was current so many
            seconds ago at most; from 0.
        wait_s: Seconds that others wait for the one who computes, before they compute themselves.
        using: The alias of the database that it is computed from.
    """

    ttl_s: float
    stale_s: float = 0.0
    wait_s: float = 1.0
    using: str = DEFAULT_DB_ALIAS

    def __post_init__(self) -> None:
        if self.ttl_s <= 0 or self.stale_s < 0 or self.wait_s < 0:
            raise ValueError(f"need ttl_s > 0, stale_s >= 0 and wait_s >= 0: {self}")


@dataclass(frozen=True, slots=True)
class Found:
    """A result that was kept; *is_stale* if another one is being computed."""

    payload: bytes
    is_stale: bool = False


class Absent:
    """
    There is no result: it is to be computed here.

    Run the computation in `collecting`, and end with `keep` or `abandon`, for which others wait.
    """

    def __init__(
        self,
        terms: Terms,
        reason: str = "",
        name: bytes = b"",
        connection: CachedConnection | None = None,
        keys: Keys | None = None,
        lease: bytes = b"",
    ) -> None:
        self._terms: Final = terms
        self._ttl_s = terms.ttl_s
        self._name, self._connection, self._keys, self._lease = name, connection, keys, lease
        self._collector: Final = Collector()
        if reason:
            self._collector.forbid(reason)

    @property
    def reason(self) -> str:
        """Why the result cannot be kept; "" if nothing speaks against it so far."""
        return self._collector.collected.reason

    @property
    def has_leader(self) -> bool:
        """Whether another one computes it, for whom one may wait."""
        return self._lease == WAIT

    def forbid(self, reason: str) -> None:
        """The result must not be kept; the first reason counts."""
        self._collector.forbid(reason)

    def keep_at_most(self, ttl_s: float) -> None:
        """The result holds a part that counts only so many seconds."""
        self._ttl_s = min(self._ttl_s, ttl_s)

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Queries inside the block are what the result depends on; threads it waits for, too."""
        with collecting(self._collector):
            yield

    def keep(self, payload: bytes) -> bool:
        """
        Keep the result, if nothing was written meanwhile that it depends on; one trip.

        Returns:
            Whether it is kept; `reason` may tell why not.
        """
        connection, keys = self._connection, self._keys
        if connection is None or keys is None:
            return False
        if self._collector.store not in {None, connection.store}:
            self.forbid(f"it reads from another database than {self._terms.using!r}: name it")
        if not connection.state.may_fill():
            self.forbid("its transaction sees what others do not")
        kept = connection.store.keep(
            keys,
            self._name,
            self._collector.collected,
            _checksum(payload) + payload,
            lease=self._lease,
            ttl_ms=max(int(self._ttl_s * 1000), 1),
            stale_ms=int(self._terms.stale_s * 1000),
        )
        if not kept and self.reason:  # else the lease has ended with the try
            self.abandon()
        return kept

    def abandon(self) -> None:
        """There is no result, or none that can be kept: let the others go on by themselves."""
        if self._connection is not None and self._keys is not None:
            self._connection.store.release(self._keys, self._name, self._lease, pause_ms=_PAUSE_MS)


def look(name: bytes, terms: Terms) -> Found | Absent:
    """
    Return what is kept under a name; if another one computes it, wait for that.

    One trip, and more while it waits. Where Redis does not answer, or nothing is cached, it is
    absent and is not going to be kept.
    """
    for pause_s in pauses(terms.wait_s):
        found = glance(name, terms)
        if found is not None:
            return found
        time.sleep(pause_s)
    return give_up(name, terms)


def glance(name: bytes, terms: Terms) -> Found | Absent | None:
    """`look` without waiting; one trip. None if another one computes it."""
    found = give_up(name, terms)
    return None if isinstance(found, Absent) and found.has_leader else found


def give_up(name: bytes, terms: Terms) -> Found | Absent:
    """`glance` once more at the end of waiting: absent, too, if another one still computes it."""
    database = connections[terms.using]
    connection = cached(database)
    if connection is None:
        return Absent(terms, f"nothing of the database {terms.using!r} is cached")
    reason = _why_not(database, connection)
    if reason:
        return Absent(terms, reason)
    digest = _digest(name, connection)
    read = _recalled(connection, digest, terms)
    if read is None:
        return Absent(terms, "Redis did not answer, or must not be asked")
    answer, keys = read
    if isinstance(answer, bytes):
        return Absent(terms, "", digest, connection, keys, answer)
    at, entry, anys = answer
    payload = _unsealed(entry[abs(at) - 1 :])
    if payload is None:
        logger.warning(
            "A result in the cache is not one: its checksum is wrong. It is passed over."
        )
        return Absent(terms, "", digest, connection, keys)
    outer = collector()
    if outer is not None:
        if at < 0:
            outer.forbid("it shows a part that is not current")
        else:
            outer.add_result(connection.store, keys, entry, anys)
    return Found(payload, at < 0)


def _recalled(
    connection: CachedConnection, digest: bytes, terms: Terms, *, has_looked: bool = False
) -> tuple[tuple[int, bytes, bytes] | bytes, Keys] | None:
    """What the cache says, once words were looked for if it says that somebody has to."""
    stale_ms = int(terms.stale_s * 1000)
    read = connection.store.recall(digest, lease_ms=_LEASE_MS, stale_ms=stale_ms)
    if read is None:
        return None
    answer, keys = read
    if not isinstance(answer, LookFirst):
        return answer, keys
    database = connections[terms.using]
    if has_looked or not look_for_words(connection, database, None, keys, answer.begun_ms):
        return None
    return _recalled(connection, digest, terms, has_looked=True)


def forget(name: bytes, using: str = DEFAULT_DB_ALIAS) -> None:
    """
    Void what is kept under a name, also if it is being computed.

    Raises:
        CacheUnavailableError: if it may still be kept.
    """
    connection = cached(connections[using])
    if connection is not None:
        connection.store.forget(_digest(name, connection))


def _why_not(database: Any, connection: CachedConnection) -> str:
    """Why nothing is to be looked up or kept here and now; "" for no reason."""
    state = connection.state
    if is_bypassed():
        return "the cache is bypassed"
    if not state.may_fill():
        return "its transaction sees what others do not"
    if not sees_what_is_committed(database, state):
        return "its transaction sees the moment at which it began"
    return ""


def _digest(name: bytes, connection: CachedConnection) -> bytes:
    return blake2b(name, digest_size=_NAME_BYTES, key=_short(connection.session_key)).digest()


def _short(key: bytes) -> bytes:
    return blake2b(key, digest_size=_NAME_BYTES).digest()


def _checksum(payload: bytes) -> bytes:
    return zlib.crc32(payload).to_bytes(_CHECKSUM_BYTES, "big")


def _unsealed(sealed: bytes) -> bytes | None:
    payload = sealed[_CHECKSUM_BYTES:]
    return payload if _checksum(payload) == sealed[:_CHECKSUM_BYTES] else None
