"""The look for words that a read may have to wait for, on a connection that can tell of them."""

from typing import Any

from django.db import connections, router

from praxis.cache.hooks.connections import CachedConnection, cached, is_in_transaction
from praxis.cache.hooks.isolation import sees_what_is_committed
from praxis.cache.protocol.calls import Keys


def look(
    connection: CachedConnection, database: Any, model: Any, keys: Keys, begun_ms: int
) -> bool:
    """
    Look for words, since a read was answered that it should.

    Args:
        connection: Of *database*.
        database: Django's, of the query.
        model: Of the query: what is written of it goes to where words are. None if there is none:
            then words are looked for in *database* only.
        keys: As the read answered.
        begun_ms: As the read answered.

    Returns:
        Whether the cache may be asked again.
    """
    looks = connection.looks
    if looks is None or not sees_what_is_committed(database, connection.state):
        return False
    in_transaction = is_in_transaction(database, connection.state)
    if looks.is_replica(database, in_transaction=in_transaction):
        # It may not have heard of words yet, and they cannot be deleted there.
        if model is None:
            return False
        primary = connections[router.db_for_write(model)]
        found = cached(primary)
        if (
            found is None
            or found.store.name != connection.store.name
            or not sees_what_is_committed(primary, found.state)
        ):
            return False
        database, in_transaction = primary, is_in_transaction(primary, found.state)
        if looks.is_replica(database, in_transaction=in_transaction):
            return False
    return looks.look(database, keys, begun_ms, in_transaction=in_transaction)
