"""Hits that are held against the database: whether an entry still tells what it would tell."""

import logging
import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from praxis.announcements import StaleResult, announce

logger = logging.getLogger("praxis.cache")

Rows = Sequence[Sequence[Any]]


def is_due(share: float) -> bool:
    """Whether this hit is one of the *share* that is compared."""
    return share > 0 and random.random() < share  # noqa: S311 - a sample, no secret


def verify(
    kept: Rows,
    found: Rows,
    *,
    database: str,
    sql: str,
    still_stands: Callable[[], bool],
    drop: Callable[[], None],
) -> bool:
    """
    Compare an entry with what the database answered after it; drop it where they differ.

    Rows in another order are no difference: without an ORDER BY that tells all rows apart a
    database may answer in any. A LIMIT over such an order, a sum of floating-point numbers or an
    aggregate of texts without an order may differ by themselves.

    Args:
        kept: The entry's rows.
        found: The database's rows, from a query that began after the entry was read.
        database: Its alias.
        sql: The query.
        still_stands: Whether the entry is a hit still. If not, something was written meanwhile,
            and nothing can be said.
        drop: Takes the entry out of the cache.

    Returns:
        Whether no difference was found.
    """
    lacking, surplus = differences(kept, found)
    if not (lacking or surplus) or not still_stands():
        return True
    drop()
    logger.error(
        "An entry of the cache was stale: it lacked %d rows that the database has, and had %d "
        "that the database has not. It was not served. Was something written past Django? %s",
        lacking,
        surplus,
        sql,
    )
    announce(StaleResult(database, sql, lacking, surplus))
    return False


def differences(kept: Rows, found: Rows) -> tuple[int, int]:
    """How many rows are only in *found*, and how many only in *kept*."""
    if len(kept) == len(found) and all(map(_same, kept, found)):
        return 0, 0
    ours, theirs = Counter(map(_form, kept)), Counter(map(_form, found))
    return (theirs - ours).total(), (ours - theirs).total()


def _same(one: Sequence[Any], other: Sequence[Any]) -> bool:
    return _form(one) == _form(other)


def _form(row: Sequence[Any]) -> tuple[tuple[type, str], ...]:
    """
    Types and texts: what is equal may not be the same.

    `Decimal` tells 1.0 from 1.00, times in two zones may be one moment, and a NaN equals nothing.
    """
    return tuple((type(value), str(value)) for value in row)
