"""
What was just put into the cache is what the query answers with.

Tests rarely ask twice for the same, and would hardly ever see rows that come from the cache.
"""

from typing import Any

from praxis.cache.hooks import lookups
from praxis.cache.protocol.calls import Hit, Reading
from praxis.cache.store import Store


def echo() -> None:
    """Begin to do so; each query is made as often as ever."""
    fill, answer = Store.fill, lookups.Lookup.answer
    filled: list[Reading] = []

    def noted_fill(self: Store, reading: Reading, *args: Any, **options: Any) -> bool:
        done = fill(self, reading, *args, **options)
        if done:
            filled.append(reading)
        return done

    def echoed(self: Any, *args: Any, **options: Any) -> Any:
        filled.clear()
        result = answer(self, *args, **options)
        if self._reading not in filled:
            return result
        found = self._connection.store.read(self._reading, ttl_ms=self._ttl_ms)
        if found is None or not isinstance(found[0], Hit):
            return result  # written meanwhile, by another thread
        return self._shown(self._unpack(found[0].payload))

    Store.fill = noted_fill  # type: ignore[method-assign]
    lookups.Lookup.answer = echoed  # type: ignore[method-assign]
