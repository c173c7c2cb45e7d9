"""Words that a writer leaves of writes that Redis cannot be told of."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import Error

from praxis.cache.changes import table
from praxis.cache.changes.hold import Holds
from praxis.cache.protocol.calls import Written

logger = logging.getLogger("praxis.cache")


class NoTableError(Exception):
    """The database has no table of words that this connection could write to."""


class Outbox:
    """
    What one process leaves in one database.

    Args:
        look_s: How long a look for words counts.
        clock: Seconds that only go forward.
        sleep: Lets seconds go by.
    """

    def __init__(
        self,
        look_s: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock, self._sleep, self._holds = clock, sleep, Holds(look_s, clock)

    def leave(self, database: Any, written: Mapping[str, Written]) -> "Left":
        """
        Leave word in the transaction that *database* is in, just before it is committed.

        Raises:
            NoTableError: if there is no table; the transaction is as before.
            django.db.Error: as of any statement that fails; the transaction may be void.
        """
        place = table.place_of(database)
        if place is None or place.is_replica:
            raise NoTableError
        held, begun_s = self._holds.is_wanted(), self._clock()
        table.leave(database, place, written, round(self._holds.life_s * 1000) if held else None)
        return Left(self, begun_s, held)

    def leave_afterwards(self, database: Any, written: Mapping[str, Written]) -> bool:
        """
        Leave word of what is committed already, and return when it may be acknowledged.

        Args:
            database: A connection outside of transactions.
            written: What was written.

        Returns:
            False if none could be left.
        """
        try:
            left = self.leave(database, written)
        except (NoTableError, Error):
            logger.exception("No word could be left of a write to %s.", ", ".join(sorted(written)))
            return False
        self.acknowledge(left)
        return True

    def acknowledge(self, left: "Left") -> None:
        """Return when what was committed with *left* may be acknowledged."""
        committed_s = self._clock()
        if left.held:
            self._holds.left(begun_s=left.begun_s, committed_s=committed_s)
        self._sleep(max(self._holds.acknowledgeable_s(committed_s) - self._clock(), 0))


@dataclass(frozen=True, slots=True)
class Left:
    """A word that was left by *outbox*; *held* if a hold was left with it, not before *begun_s*."""

    outbox: Outbox
    begun_s: float
    held: bool

    def acknowledge(self) -> None:
        """Return when what was committed with it may be acknowledged."""
        self.outbox.acknowledge(self)
