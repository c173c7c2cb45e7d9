"""How often the cache was asked, and what it said."""

from collections import Counter
from typing import Any

from praxis.cache.hooks import lookups
from praxis.cache.protocol.calls import Hit, Miss
from praxis.cache.store import Store

#: "passed" for queries that are not for the cache; "lookups", which are "hits", "misses" or
#: "busy"; "fills" and "refused" ones.
COUNTS: Counter[str] = Counter()


_KINDS: dict[type, str] = {Hit: "hits", Miss: "misses"}


def count() -> None:
    """Count from now on."""
    lookup, store = lookups.Lookup, Store
    of, read, fill = lookup.of.__func__, store.read, store.fill

    def counted_of(cls: Any, *args: Any) -> Any:
        found = of(cls, *args)
        COUNTS["passed"] += found is None
        return found

    def counted_read(self: Store, *args: Any, **options: Any) -> Any:
        found = read(self, *args, **options)
        answer = found[0] if found else None
        kind = (
            "hits" if isinstance(answer, Hit) else "misses" if isinstance(answer, Miss) else "busy"
        )
        COUNTS["lookups"] += 1
        COUNTS[kind] += 1
        return found

    def counted_fill(self: Store, *args: Any, **options: Any) -> bool:
        filled = fill(self, *args, **options)
        COUNTS["fills" if filled else "refused"] += 1
        return filled

    kind: Any = lookup
    kind.of = classmethod(counted_of)
    store.read, store.fill = counted_read, counted_fill  # type: ignore[method-assign]
