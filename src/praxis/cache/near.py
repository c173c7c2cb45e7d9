"""
Entries in the memory of this process, dropped when Redis tells that they are void.

Redis is asked to tell of each change to the keys that entries depend on. What it tells comes a
moment later than the change, and not at all when the connection hangs; so entries are shown as long
as the connection is known to have told everything up to a moment that is not further back than the
bound. A message of our own makes that known: when the one that was sent after it comes back,
whatever was told before it has come, too.

Source: https://redis.io/docs/latest/develop/reference/client-side-caching/ (broadcasting mode).
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from praxis.cache.protocol.calls import Keys
from praxis.redis import FAILURES, Link
from praxis.redis.lifetime import outlive_forks

logger = logging.getLogger("praxis.cache")

_CHANNEL = b"__redis__:invalidate"
#: So many times within the bound it is asked whether the connection still tells.
_BEATS = 4
#: Voided keys that are remembered, against entries that are on their way in.
_MAX_REMEMBERED = 10_000
_RETRY_S = 0.5


class Near:
    """
    What one process holds of one database.

    Args:
        link: To the Redis that holds the entries.
        tag: The hash tag of their keys.
        bound_s: An entry is shown at most so many seconds after it was voided; above 0.
        max_entries: How many are held; the one that was not asked for the longest goes first.
        asks_again: Whether Redis has to be asked once in the bound: only who asks it hears that
            somebody has to look for words of writes that it was not told of, see `looks`. Behind
            Sentinels it has to be asked in any case: one that was replaced goes on telling.
    """

    def __init__(
        self, link: Link, tag: str, *, bound_s: float, max_entries: int, asks_again: bool = False
    ) -> None:
        self._link, self._tag = link, tag
        self._asks_again = asks_again or link.has_sentinels
        self._bound_s, self._max_entries = bound_s, max_entries
        self._begin()
        outlive_forks(self)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._entries: OrderedDict[bytes, tuple[Any, tuple[bytes, ...]]] = OrderedDict()
        #: By the key of what entries depend on the entries.
        self._dependants: dict[bytes, set[bytes]] = {}
        self._keys: Keys | None = None
        self._valid_until, self._asked_until = 0.0, 0.0
        #: How many messages came, and with which of them a key was voided last.
        self._count, self._floor = 0, 0
        self._voided: dict[bytes, int] = {}
        self._listener: threading.Thread | None = None
        self._is_closed = False

    def after_fork(self) -> None:
        """A child has memory and a listener of its own."""
        self._begin()

    def close(self) -> None:
        """Show nothing any more."""
        self._is_closed, self._valid_until = True, 0.0

    def get(self, key: bytes) -> Any:
        """What was put in under a key; None if it is not there, or may be void."""
        now = time.monotonic()
        if now > self._valid_until or (self._asks_again and now > self._asked_until):
            return None
        found = self._entries.get(key)
        if found is None:
            return None
        try:
            self._entries.move_to_end(key)
        except KeyError:  # it goes just now
            return None
        return found[0]

    def answered(self, asked_s: float, keys: Keys) -> None:
        """
        Redis was asked at *asked_s* and answered, so that no look was due then.

        Whoever writes without Redis acknowledges when no look counts that did not see its word:
        what is shown from then on is not older than that by more than the bound. If it answered
        in another era, that says nothing of what is held here: the server that this came from
        may go on, and tell of nothing.
        """
        if self._keys is None or self._keys.era != keys.era:
            self._follow(keys)
            return
        self._asked_until = max(self._asked_until, asked_s + self._bound_s)

    def moment(self) -> int:
        """What `put` has to be given that was called before Redis was asked."""
        return self._count

    def put(
        self, key: bytes, value: Any, keys: Keys, depends: Iterable[bytes], moment: int
    ) -> None:
        """
        Hold what Redis answered, unless it was voided since.

        Args:
            key: The name of the entry.
            value: What `get` is to return; it must not be changed by anybody.
            keys: The names that it was read by.
            depends: The keys of records and conditions that it depends on.
            moment: As it was before it was read.
        """
        if self._keys is None or self._keys.era != keys.era:
            self._follow(keys)
            return
        with self._lock:
            needed = tuple(depends)
            if moment < self._floor or time.monotonic() > self._valid_until:
                return
            if any(self._voided.get(each, -1) >= moment for each in needed):
                return
            self._drop(key)
            self._entries[key] = value, needed
            for each in needed:
                self._dependants.setdefault(each, set()).add(key)
            while len(self._entries) > self._max_entries:
                self._drop(next(iter(self._entries)))

    def _drop(self, key: bytes) -> None:
        found = self._entries.pop(key, None)
        for each in found[1] if found is not None else ():
            dependants = self._dependants.get(each)
            if dependants is not None:
                dependants.discard(key)
                if not dependants:
                    del self._dependants[each]

    def _follow(self, keys: Keys) -> None:
        """Listen to another era from now on."""
        with self._lock:
            self._keys, self._valid_until, self._asked_until = keys, 0.0, 0.0
            self._forget()
            if self._listener is None and not self._is_closed:
                self._listener = threading.Thread(
                    target=self._listen, name="praxis-cache-near", daemon=True
                )
                self._listener.start()

    def _forget(self) -> None:
        self._entries.clear()
        self._dependants.clear()
        self._voided.clear()
        self._count += 1
        self._floor = self._count

    def _listen(self) -> None:
        while not self._is_closed:
            keys = self._keys
            try:
                if keys is not None:
                    self._listen_to(keys)
            except FAILURES as error:
                logger.info(
                    "Nothing is shown from memory until Redis can be listened to: %s", error
                )
                with self._lock:
                    self._valid_until = 0.0
                    self._forget()
                time.sleep(_RETRY_S)

    def _listen_to(self, keys: Keys) -> None:
        """Take messages, as long as the era is this one."""
        with self._link.dedicated(self._tag, timeout_s=self._bound_s) as session:
            if not session.incarnation.encode().startswith(keys.run_id):
                # another server than the one that entries came from: it tells nothing of these
                time.sleep(_RETRY_S)
                return
            me = session.call("CLIENT", "ID")
            prefixes = [
                word for each in (keys.records, keys.conditions) for word in ("PREFIX", each)
            ]
            session.call("CLIENT", "TRACKING", "ON", "REDIRECT", me, "BCAST", *prefixes)
            session.call("SUBSCRIBE", _CHANNEL)
            with self._lock:
                self._forget()  # what was put in before is not told of
            beat_s = self._bound_s / _BEATS
            before: float | None = None
            while not self._is_closed and self._keys is keys:
                sent = time.monotonic()
                session.send("PING")
                if not self._take(session, sent + self._bound_s):
                    with self._lock:
                        self._valid_until = 0.0
                    before = None
                    self._take(session, float("inf"))
                if before is not None:
                    # the one before it was answered before this one was sent
                    self._valid_until = before + self._bound_s
                before = sent
                self._take(session, sent + beat_s, is_answered=False)

    def _take(self, session: Any, until: float, *, is_answered: bool = True) -> bool:
        """Take messages until the answer has come, or until a time; whether it has."""
        while True:
            left = until - time.monotonic()
            if left <= 0:
                return False
            session.set_timeout(min(left, 1.0))
            try:
                message = session.read()
            except TimeoutError:
                if self._is_closed:
                    return True
                continue
            if message[0] == b"pong":
                if is_answered:
                    return True
            elif message[0] == b"message":
                self._void(message[2])

    def _void(self, names: list[bytes] | None) -> None:
        with self._lock:
            if names is None:  # everything was emptied
                self._forget()
                return
            for name in names:
                for key in tuple(self._dependants.get(name, ())):
                    self._drop(key)
                self._voided[name] = self._count
            self._count += 1
            if len(self._voided) > _MAX_REMEMBERED:
                self._voided.clear()
                self._floor = self._count
