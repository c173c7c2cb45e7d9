"""Looks for words: what a reader does before it trusts the cache."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from django.db import Error

from praxis.cache.changes import table
from praxis.cache.changes.table import Place, Word
from praxis.cache.hooks.connection_state import ConnectionState
from praxis.cache.hooks.once import Once
from praxis.cache.protocol.calls import Keys
from praxis.cache.store import FAILURES, Store

logger = logging.getLogger("praxis.cache")

#: Batches of words that one look deals with; who comes next goes on.
_MOST_BATCHES = 20
#: Seconds for which readers do without a table that was not there, before they ask again.
_ASKS_AGAIN_S = 5.0
_not_there = Once()
#: Where a connection keeps the place of the table, with the driver's connection it was asked by.
_PLACE = "_praxis_cache_changes"


class Looks:
    """
    What one process has found in one database.

    Args:
        store: Of that database.
        clock: Seconds that only go forward.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._clock = store, clock
        self._busy = threading.Lock()
        self._not_before_s = float("-inf")
        #: Numbers of words that are void and were not deleted yet.
        self._void_words: list[int] = []

    def look(self, database: Any, keys: Keys, begun_ms: int, *, in_transaction: bool) -> bool:
        """
        Void all that the words in the database tell of, and say so in Redis.

        Args:
            database: Django's connection, which sees what is committed and can be written to.
            keys: With which it was said that somebody has to look.
            begun_ms: The server's time then.
            in_transaction: Whether *database* is in one.

        Returns:
            Whether the cache may be asked again. If not, the database is to be asked: somebody is
            looking already, a hold stands, or something did not answer.
        """
        if not self._busy.acquire(blocking=False):
            return False
        try:
            place = self._place(database, in_transaction=in_transaction)
            return place is not None and self._looked(
                database, place, keys, begun_ms, in_transaction=in_transaction
            )
        except (Error, *FAILURES):
            logger.warning(
                "Words could not be looked for; queries go past the cache.", exc_info=True
            )
            return False
        finally:
            self._busy.release()

    def is_replica(self, database: Any, *, in_transaction: bool) -> bool:
        """Whether *database* can only be read, as far as it answers."""
        with suppress(Error):
            place = self._place(database, in_transaction=in_transaction)
            return place is not None and place.is_replica
        return False

    def void(self, database: Any) -> int:
        """
        Void what the words in the database tell of, outside of transactions and of reads.

        Returns:
            Of how many words; there may be more.

        Raises:
            django.db.Error, RedisUnavailableError, RedisReplyError: as the servers do.
        """
        place = self._place(database, in_transaction=False)
        words = table.waiting(database, place) if place is not None else []
        if place is None or not words or not self._void(self._store.keys(), words):
            return 0
        over = _over(words)
        if over:
            table.delete(database, place, over)
        return len(over)

    def _place(self, database: Any, *, in_transaction: bool) -> Place | None:
        if self._clock() < self._not_before_s:
            return None
        known: object
        place: Place | None
        known, place = database.__dict__.get(_PLACE, (None, None))
        if known is None or known is not database.connection:
            place = _kept(database, lambda: table.place_of(database), in_transaction=in_transaction)
            if place is not None:
                database.__dict__[_PLACE] = database.connection, place
        if place is None:
            self._not_before_s = self._clock() + _ASKS_AGAIN_S
            if _not_there.is_new(database.alias):
                logger.warning(
                    "Nothing is cached of the database %r: it has no table %s. Put "
                    '"praxis.cache.changes" into INSTALLED_APPS, and run manage.py migrate.',
                    database.alias,
                    table.TABLE,
                )
        return place

    def _looked(
        self, database: Any, place: Place, keys: Keys, begun_ms: int, *, in_transaction: bool
    ) -> bool:
        # What is committed after the first question is for another look to see. So it may go on
        # by number from one question to the next, although lower ones are committed meanwhile.
        void, held_ms, after = list[int](), 0, 0
        for _ in range(_MOST_BATCHES):
            words: list[Word] = _kept(
                database,
                partial(table.waiting, database, place, after),
                in_transaction=in_transaction,
            )
            if words and not self._void(keys, words):
                return False
            void += _over(words)
            held_ms = max([held_ms, *(word.left_ms or 0 for word in words)])
            is_all = len(words) < table.BATCH_ROWS
            if is_all:
                break
            after = words[-1].number
        counts = is_all and held_ms <= 0 and self._store.look(keys, begun_ms)
        if held_ms > 0:
            # no look would count: whoever asks the database meanwhile is right in any case
            self._not_before_s = self._clock() + held_ms / 1000
        self._void_words = void
        if not in_transaction:
            self.tidy(database)
        return counts

    def tidy(self, database: Any) -> None:
        """
        Delete words that are void, outside of transactions; if they stay, that harms nobody.

        A look within a transaction leaves them to its end: a deletion would belong to it.
        """
        _, place = database.__dict__.get(_PLACE, (None, None))
        if self._void_words and place is not None and not place.is_replica:
            numbers, self._void_words = self._void_words, []
            with suppress(Error):
                table.delete(database, place, numbers)

    def _void(self, keys: Keys, words: Sequence[Word]) -> bool:
        state = ConnectionState()
        for word in words:
            if word.left_ms is None:
                state.add(word.table, word.conditions)
        return not state.written or self._store.void_untold(keys, state.written)


def _over(words: Sequence[Word]) -> list[int]:
    """The numbers of those that nobody needs once they are void: not of holds that stand."""
    return [word.number for word in words if word.left_ms is None or word.left_ms <= 0]


def _kept(database: Any, work: Callable[[], Any], *, in_transaction: bool) -> Any:
    """What *work* answers; a transaction around it goes on even if it fails."""
    if not in_transaction:
        return work()
    table.run(database, "SAVEPOINT praxis_look")
    try:
        return work()
    except Error:
        table.run(database, "ROLLBACK TO SAVEPOINT praxis_look")
        raise
    finally:
        table.run(database, "RELEASE SAVEPOINT praxis_look")
