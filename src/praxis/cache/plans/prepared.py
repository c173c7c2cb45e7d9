"""A SELECT of which all was worked out that is the same whenever it is asked."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b

import msgspec

from praxis.cache.catalog import Catalog, NotComparableError
from praxis.cache.plans.select import Plan, plan
from praxis.cache.protocol.calls import Reading
from praxis.cache.protocol.dependencies import digest_of
from praxis.cache.statements import Kind
from praxis.conf import ModelCacheConfig

KEY_BYTES = 16


class Prepared:
    """
    One text with what its results depend on.

    Args:
        sql: The text.
        vendor: Of the database.
        tables: What is known of its tables.
        watched: How each watched table is cached.
        shape: What tells apart results of the same rows: how many, and how wide.
        session: What makes one text answer differently for one connection than for others.

    Attributes:
        plan: Of the text.
        ttl_s: Seconds that its tables say a result is kept; None if they are not for the cache.
    """

    __slots__ = ("_known", "_named", "plan", "sql", "ttl_s")

    def __init__(
        self,
        sql: str,
        vendor: str,
        tables: Catalog,
        watched: Mapping[str, ModelCacheConfig],
        shape: tuple[bool, int],
        session: bytes,
    ) -> None:
        self.sql, self.plan = sql, plan(sql, vendor, tables)
        self.ttl_s = _ttl_s(self.plan, watched)
        self._named = blake2b(_encode((sql, shape, session)), digest_size=KEY_BYTES)
        #: A reading whose rows were all known by conditions: others differ by the conditions alone.
        self._known: Reading | None = None

    def reading(self, params: Sequence[object], entry: bytes | None = None) -> Reading | None:
        """
        What is read with these parameters; None if they cannot be named.

        Args:
            params: Of the text.
            entry: The name of the entry, if it has another one.
        """
        key = entry or self._key(params)
        if key is None:
            return None
        if self._known is not None:
            try:
                return self._known.like(key, self._digests(params))
            except (NotComparableError, IndexError, KeyError, TypeError):
                pass  # all rows of a table, then
        found = Reading(key, self.plan.dependencies(params))
        if self._known is None and found.count == self.plan.count:
            self._known = found
        return found

    def _digests(self, params: Sequence[object]) -> list[bytes]:
        return [
            digest_of(one.table, one.columns, row)
            for one in self.plan.narrowed
            for row in one.rows(params)
        ]

    def _key(self, params: Sequence[object]) -> bytes | None:
        """What an entry is called: everything that its rows depend on, but for the tables."""
        kinds = [type(param) for param in params]
        typed: object = [kind.__name__ for kind in kinds], params
        if list in kinds or tuple in kinds:
            typed = [_typed(param) for param in params]
        try:
            packed = _encode(typed)
        except (TypeError, OverflowError, ValueError):  # a parameter that only the adapter knows
            return None
        named = self._named.copy()
        named.update(packed)
        return named.digest()


def _ttl_s(found: Plan, watched: Mapping[str, ModelCacheConfig]) -> float | None:
    statement = found.statement
    if statement.kind is not Kind.READ or statement.volatile or statement.locks:
        return None
    if not found.tables or not found.tables <= watched.keys():
        return None
    return min(watched[table].ttl_s for table in found.tables)


def _typed(param: object) -> tuple[str, object]:
    inside = [_typed(one) for one in param] if isinstance(param, list | tuple) else param
    return type(param).__name__, inside


def _plain(value: object) -> object:
    """A number or text of a class of its own, as adapters and enumerations have them."""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return str.__str__(value)
    raise TypeError


_encode = msgspec.msgpack.Encoder(enc_hook=_plain).encode
