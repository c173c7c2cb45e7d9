"""
Marks whose writers died between their mark and their settlement.

No clock says when such a mark may go: a writer that was only slow could still commit. The database
knows. In PostgreSQL, once every transaction that was running when the mark was noticed has ended,
the one that it stands for has ended, too. In SQLite one transaction writes at a time: who gets the
lock knows that nobody is in the middle of one. Then the mark goes, and all rows of its table get
a new stamp, since nobody knows which way it ended.
"""

import logging
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

from praxis.cache.changes.table import run
from praxis.cache.store import FAILURES, Store

logger = logging.getLogger("praxis.cache")

#: Seconds after which a mark is looked into: far more than a commit takes, and until then readers
#: of those rows ask the database, which costs them what it cost without a cache.
SUSPICIOUS_AFTER_S = 5.0
#: Seconds between two looks of one process at one table.
LOOKS_EVERY_S = 1.0

_XMAX = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text"
_XMIN = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text"


class DeadWriters:
    """
    What one process has noticed of old marks of one database.

    Args:
        store: Where the marks are.
        clock: Seconds that only go forward.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self.store, self._clock = store, clock
        self._looked_s: dict[str, float] = {}
        #: Of each old mark the first transaction that had not begun when it was noticed.
        self._bounds: dict[bytes, int] = {}

    def look(self, database: Any, table: str) -> int:
        """
        Look for marks of *table* that stand for nothing any more, and let go of them.

        Call it outside of transactions. It asks Redis at most once every `LOOKS_EVERY_S`, and the
        database only about marks that are older than `SUSPICIOUS_AFTER_S`.

        Returns:
            How many marks went.
        """
        now = self._clock()
        if now - self._looked_s.get(table, -LOOKS_EVERY_S) < LOOKS_EVERY_S:
            return 0
        self._looked_s[table] = now
        try:
            old = [
                token
                for token, age_s in self.store.marks(table).items()
                if age_s > SUSPICIOUS_AFTER_S
            ]
            over = self._over(database, old) if old else []
            if over:
                self.store.resolve(table, over)
                logger.warning(
                    "%d writes to %s ended without a word, as when a process is killed: "
                    "all that was cached of the table is void.",
                    len(over),
                    table,
                )
        except FAILURES:
            return 0
        return len(over)

    def _over(self, database: Any, tokens: list[bytes]) -> list[bytes]:
        if database.vendor == "sqlite":
            return tokens if _may_write(database) else []
        if database.vendor != "postgresql":
            return []
        bounds = {token: self._bounds[token] for token in tokens if token in self._bounds}
        if len(bounds) < len(tokens):
            bound = _number(database, _XMAX)
            self._bounds = bounds | dict.fromkeys(tokens - bounds.keys(), bound)
        return _below(bounds, _number(database, _XMIN)) if bounds else []


def _below(bounds: Mapping[bytes, int], oldest_running: int) -> list[bytes]:
    return [token for token, bound in bounds.items() if bound <= oldest_running]


def _number(database: Any, query: str) -> int:
    """The number that a query answers with, past Django: it is no query of the site."""
    ((number,),) = run(database, query, is_read=True)
    return int(number)


def _may_write(database: Any) -> bool:
    """Whether nobody is in the middle of writing to the file."""
    if database.is_in_memory_db():
        return False
    with closing(
        sqlite3.connect(database.settings_dict["NAME"], timeout=0, uri=True)
    ) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        connection.rollback()
    return True
