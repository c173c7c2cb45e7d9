"""What Redis says of a query, once somebody has looked for words and no other one asks the same."""

import time
from functools import partial
from typing import Any

from praxis.cache.hooks.connections import CachedConnection
from praxis.cache.hooks.looking import look
from praxis.cache.hooks.waiting import pauses
from praxis.cache.protocol.calls import WAIT, Bypass, Hit, Keys, LookFirst, Miss, Reading


def asked(
    connection: CachedConnection,
    database: Any,
    model: Any,
    reading: Reading,
    *,
    ttl_ms: int,
    wait_ms: int,
    told: bool,
    has_looked: bool = False,
) -> tuple[Hit | Miss | Bypass, Keys] | None:
    """
    What the cache says; where another one asks the same of the database, once that is known.

    Args:
        connection: Of *database*.
        database: Django's.
        model: Of the query; see `look`.
        reading: What is looked up.
        ttl_ms: How long it is going to be kept.
        wait_ms: How long to wait for another one, or to keep others waiting; 0 for not at all.
        told: As of `Store.read`.
        has_looked: Whether words of writes that Redis was not told of were looked for.

    Returns:
        None if Redis did not answer, or must not be asked.
    """
    look_up = partial(connection.store.read, reading, ttl_ms=ttl_ms, lease_ms=wait_ms, told=told)
    read = look_up()
    if _has_leader(read):
        for pause_s in pauses(wait_ms / 1000):
            time.sleep(pause_s)
            read = look_up()
            if not _has_leader(read):
                break
    if read is None:
        return None
    answer, keys = read
    if not isinstance(answer, LookFirst):
        return answer, keys
    if has_looked or not look(connection, database, model, keys, answer.begun_ms):
        return None
    return asked(
        connection, database, model, reading,
        ttl_ms=ttl_ms, wait_ms=wait_ms, told=told, has_looked=True,
    )  # fmt: skip


def _has_leader(read: tuple[object, Keys] | None) -> bool:
    """Whether another one is asking the database for what was looked up."""
    return read is not None and isinstance(read[0], Miss) and read[0].lease == WAIT
