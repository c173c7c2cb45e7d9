"""Results of any kind, as bytes: looked up, or computed by one while others wait for it."""

import contextlib
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from django.db import DEFAULT_DB_ALIAS, connections

from praxis.cache.hooks.collecting import Collector, collecting, collector
from praxis.cache.hooks.connections import CachedConnection, cached
from praxis.cache.hooks.waiting import pauses
from praxis.cache.protocol.calls import WAIT, Keys
from praxis.cache.results.parts import (
    Part,
    Recalled,
    digest_of,
    keep_parts,
    recall_parts,
    recalled,
    sealed,
    unsealed,
    why_not,
)
from praxis.cache.store import FAILURES

logger = logging.getLogger("praxis.cache")

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
        using: The alias of the database that it is computed from, or most of it.
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
        digest: bytes = b"",
        connection: CachedConnection | None = None,
        keys: Keys | None = None,
        lease: bytes = b"",
    ) -> None:
        self._terms: Final = terms
        self._ttl_s = terms.ttl_s
        self._name, self._digest, self._lease = name, digest, lease
        self._connection, self._keys = connection, keys
        self._collector: Final = Collector()
        if reason:
            self._collector.forbid(reason)

    @property
    def reason(self) -> str:
        """Why the result cannot be kept; "" if nothing speaks against it so far."""
        return self._collector.reason

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
        if not connection.state.may_fill():
            self.forbid("its transaction sees what others do not")
        kept = not self.reason and self._keep(connection, keys, payload)
        if not kept and self.reason:  # else the lease has ended with the try
            self.abandon()
        return kept

    def _keep(self, connection: CachedConnection, keys: Keys, payload: bytes) -> bool:
        ttl_ms = max(int(self._ttl_s * 1000), 1)
        collected, others = self._collector.reads(connection.store)
        parts: list[Part] | None = []
        if others:  # before the result, which names them
            beside = connection.store.name
            parts = keep_parts(self._name, beside, others, ttl_ms=ttl_ms, forbid=self.forbid)
        if parts is None:
            self._release(connection, keys, pause_ms=0)
            return False
        return connection.store.keep(
            keys,
            self._digest,
            collected,
            sealed(payload, parts),
            lease=self._lease,
            ttl_ms=ttl_ms,
            stale_ms=int(self._terms.stale_s * 1000),
        )

    def abandon(self) -> None:
        """There is no result, or none that can be kept: let the others go on by themselves."""
        if self._connection is not None and self._keys is not None:
            self._release(self._connection, self._keys, pause_ms=_PAUSE_MS)

    def _release(self, connection: CachedConnection, keys: Keys, *, pause_ms: int) -> None:
        connection.store.release(keys, self._digest, self._lease, pause_ms=pause_ms)


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
    reason = why_not(database, connection)
    if reason:
        return Absent(terms, reason)
    digest = digest_of(name, connection)
    found = _found(name, digest, connection, terms)
    if found is None:  # a part of it was gone, and now it is, too
        found = _found(name, digest, connection, terms)
    return found or Absent(terms, "its parts are not of one computation")


def _found(
    name: bytes, digest: bytes, connection: CachedConnection, terms: Terms
) -> Found | Absent | None:
    """What is there; None if that did not count, and was taken away."""
    stale_ms = int(terms.stale_s * 1000)
    read = recalled(connection, digest, lease_ms=_LEASE_MS, stale_ms=stale_ms)
    if read is None:
        return Absent(terms, "Redis did not answer, or must not be asked")
    answer, keys = read
    if isinstance(answer, bytes):
        return Absent(terms, "", name, digest, connection, keys, answer)
    at, entry, anys = answer
    opened = unsealed(entry[abs(at) - 1 :])
    if opened is None:
        logger.warning(
            "A result in the cache is not one: its checksum is wrong. It is passed over."
        )
        return Absent(terms, "", name, digest, connection, keys)
    parts, payload = opened
    if at < 0 and parts:  # for how long they have not been current nobody knows
        return Absent(terms, "", name, digest, connection, keys, WAIT)
    recalled_parts = recall_parts(name, connection.store.name, parts)
    if recalled_parts == "":
        with contextlib.suppress(*FAILURES):
            connection.store.session().call("DEL", keys.result(digest))
        return None
    if isinstance(recalled_parts, str):
        return Absent(terms, recalled_parts)
    outer = collector()
    if outer is not None:
        if at < 0:
            outer.forbid("it shows a part that is not current")
        for one in (Recalled(connection, keys, entry, anys), *recalled_parts) if at > 0 else ():
            outer.add_result(one.connection, one.keys, one.entry, one.anys)
    return Found(payload, at < 0)


def forget(name: bytes, using: str = DEFAULT_DB_ALIAS) -> None:
    """
    Void what is kept under a name, also if it is being computed.

    Raises:
        CacheUnavailableError: if it may still be kept.
    """
    connection = cached(connections[using])
    if connection is not None:
        connection.store.forget(digest_of(name, connection))
