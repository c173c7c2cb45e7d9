"""
What a result has read of further databases than the one that it is kept by.

A script compares stamps of one database: those of others may be in another slot of a cluster. So
for each further database a part is kept beside the result, with the stamps of what was read there
and a token that the result names. The result counts if each of its parts does, too, at a moment
after it was asked for; and so nothing in it is older than what was written before.
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from django.db import connections

from praxis.cache.hooks.connections import CachedConnection, cached
from praxis.cache.hooks.isolation import sees_what_is_committed
from praxis.cache.hooks.looking import look as look_for_words
from praxis.cache.hooks.queries import is_bypassed
from praxis.cache.protocol.calls import STAMP_BYTES, Keys, LookFirst, fresh_stamp
from praxis.cache.protocol.computations import Collected

_NAME_BYTES = 16
_CHECKSUM_BYTES = 4
#: How much longer a part lives than what it belongs to, which was stored after it.
_LONGER_MS = 1000
_MAX_BYTE = 255


@dataclass(frozen=True, slots=True)
class Part:
    """
    One further database.

    Attributes:
        alias: Of the database.
        token: What is kept there is of this computation, and of no other one.
    """

    alias: str
    token: bytes


@dataclass(frozen=True, slots=True)
class Recalled:
    """An entry that is current, with the names that it goes by; *anys* as of `Store.recall`."""

    connection: CachedConnection
    keys: Keys
    entry: bytes
    anys: bytes


def why_not(database: Any, connection: CachedConnection) -> str:
    """Why nothing is to be looked up or kept here and now; "" for no reason."""
    state = connection.state
    if is_bypassed():
        return "the cache is bypassed"
    if not state.may_fill():
        return "its transaction sees what others do not"
    if not sees_what_is_committed(database, state):
        return "its transaction sees the moment at which it began"
    return ""


def digest_of(name: bytes, connection: CachedConnection, *, beside: str = "") -> bytes:
    """What a result is called in one database, or the part of one that is kept *beside* it."""
    key = blake2b(connection.session_key, digest_size=_NAME_BYTES).digest()
    return blake2b(name + beside.encode(), digest_size=_NAME_BYTES, key=key).digest()


def recalled(
    connection: CachedConnection,
    digest: bytes,
    *,
    lease_ms: int = 0,
    stale_ms: int = 0,
    has_looked: bool = False,
) -> tuple[tuple[int, bytes, bytes] | bytes, Keys] | None:
    """`Store.recall`, once words were looked for if it says that somebody has to."""
    read = connection.store.recall(digest, lease_ms=lease_ms, stale_ms=stale_ms)
    if read is None:
        return None
    answer, keys = read
    if not isinstance(answer, LookFirst):
        return answer, keys
    database = connections[connection.alias]
    if has_looked or not look_for_words(connection, database, None, keys, answer.begun_ms):
        return None
    return recalled(connection, digest, lease_ms=lease_ms, stale_ms=stale_ms, has_looked=True)


def recall_parts(name: bytes, beside: str, parts: list[Part]) -> list[Recalled] | str:
    """
    The parts of a result, a trip for each.

    Args:
        name: Of the result.
        beside: The database that it is kept by.
        parts: As the result names them.

    Returns:
        The reason why it does not count, if it does not; "" if a part is gone, so that none does.
    """
    found = []
    for part in parts:
        if part.alias not in set(connections):
            return ""
        connection = cached(connections[part.alias])
        if connection is None:
            return f"nothing of the database {part.alias!r} is cached"
        reason = why_not(connections[part.alias], connection)
        if reason:
            return reason
        read = recalled(connection, digest_of(name, connection, beside=beside))
        if read is None:
            return "Redis did not answer, or must not be asked"
        answer, keys = read
        if isinstance(answer, bytes) or unsealed(answer[1][answer[0] - 1 :]) != ([], part.token):
            return ""
        found.append(Recalled(connection, keys, *answer[1:]))
    return found


def keep_parts(
    name: bytes,
    beside: str,
    reads: Mapping[str, Collected],
    *,
    ttl_ms: int,
    forbid: Callable[[str], None],
) -> list[Part] | None:
    """
    Keep what a result has read of further databases; a trip for each.

    Args:
        name: Of the result.
        beside: The database that it is kept by.
        reads: By alias what was read.
        ttl_ms: How long the result is kept.
        forbid: Told why it must not be kept, if that is so.

    Returns:
        None if they are not kept; with no reason if something was written meanwhile.
    """
    parts = []
    for alias, collected in reads.items():
        connection = cached(connections[alias])
        if connection is None or collected.keys is None or len(alias.encode()) > _MAX_BYTE:
            forbid(f"nothing of the database {alias!r} is cached")
            return None
        if not connection.state.may_fill():
            forbid("its transaction sees what others do not")
            return None
        token = fresh_stamp()
        is_kept = connection.store.keep(
            collected.keys,
            digest_of(name, connection, beside=beside),
            collected,
            sealed(token, []),
            lease=b"",
            ttl_ms=ttl_ms + _LONGER_MS,
            stale_ms=0,
        )
        if not is_kept:
            return None
        parts.append(Part(alias, token))
    return parts


def sealed(payload: bytes, parts: list[Part]) -> bytes:
    """A payload with the parts that belong to it, and a checksum."""
    told = [len(parts).to_bytes(1, "big")]
    for part in parts:
        alias = part.alias.encode()
        told += (len(alias).to_bytes(1, "big"), alias, part.token)
    body = b"".join([*told, payload])
    return zlib.crc32(body).to_bytes(_CHECKSUM_BYTES, "big") + body


def unsealed(data: bytes) -> tuple[list[Part], bytes] | None:
    """The parts, and the payload; None if these bytes are others."""
    body = data[_CHECKSUM_BYTES:]
    if not body or zlib.crc32(body).to_bytes(_CHECKSUM_BYTES, "big") != data[:_CHECKSUM_BYTES]:
        return None
    parts, at = [], 1
    for _ in range(body[0]):
        end = at + 1 + body[at]
        parts.append(Part(body[at + 1 : end].decode(), body[end : end + STAMP_BYTES]))
        at = end + STAMP_BYTES
    return parts, body[at:]
