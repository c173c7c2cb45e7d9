"""
Everything that was put into the cache is asked for again after each write.

What is a hit still must be what the database answers now: a write that the cache was not told of,
or that it took for another row's, shows at once and not only if a test happens to ask again.
"""

import threading
from collections import Counter, OrderedDict
from contextlib import closing
from typing import Any

from django.db.models.sql.compiler import SQLCompiler

from praxis.cache.codec import decode
from praxis.cache.hooks import lookups
from praxis.cache.hooks.connections import CachedConnection, is_in_transaction, known
from praxis.cache.hooks.verification import differences
from praxis.cache.protocol.calls import Hit, Reading
from praxis.cache.store import Store

#: The latest so many are remembered.
MAX_REMEMBERED = 40

#: What was found: the SQL, the parameters, the entry's rows and the database's.
STALE: list[str] = []
#: How many hits were "replayed"; "unanswered" are those that the database refused, as of tables
#: that are gone.
CHECKED: Counter[str] = Counter()


#: As it was before anybody counted.
_read = Store.read


class _Remembered:
    def __init__(self, lookup: Any) -> None:
        compiler = lookup._compiler
        self.sql, self.params = compiler.as_sql()
        self.reading: Reading = lookup._reading
        self.single: bool = lookup._single
        extra = getattr(compiler, "has_extra_select", False)  # an aggregate has none
        self.columns: int | None = compiler.col_count if self.single or extra else None

    def check(self, connection: CachedConnection, database: Any) -> None:
        found = _read(connection.store, self.reading, ttl_ms=60_000)
        if found is None or not isinstance(found[0], Hit):
            return
        CHECKED["replayed"] += 1
        kept = decode(found[0].payload, database.timezone)
        with closing(
            database.create_cursor()
        ) as cursor:  # past Django: nothing is counted or logged
            cursor.execute(self.sql, self.params)
            rows = [cursor.fetchone()] if self.single else cursor.fetchall()
        rows = [row[: self.columns] for row in rows if row is not None]
        if any(differences(kept, rows)):
            STALE.append(f"{self.sql} {self.params!r}: {kept[:5]!r} for {rows[:5]!r}")


_remembered: dict[str, OrderedDict[Any, _Remembered]] = {}
_written = threading.local()


def replay() -> None:
    """Begin to remember."""
    settle, answer = Store.settle, lookups.Lookup.answer

    def noted_settle(self: Store, *args: Any, **options: Any) -> bool:
        _written.stores = {*getattr(_written, "stores", ()), self}
        return settle(self, *args, **options)

    def noted_answer(self: Any, *args: Any, **options: Any) -> Any:
        database = self._compiler.connection
        check(database)
        result = answer(self, *args, **options)
        entries = _remembered.setdefault(database.alias, OrderedDict())
        if isinstance(self._compiler, SQLCompiler):  # a raw query has none
            entries[self._reading._entry] = _Remembered(self)
            entries.move_to_end(self._reading._entry)
        while len(entries) > MAX_REMEMBERED:
            entries.popitem(last=False)
        return result

    Store.settle = noted_settle  # type: ignore[method-assign]
    lookups.Lookup.answer = noted_answer  # type: ignore[method-assign]


def check(database: Any) -> None:
    """Ask again for what is remembered, if something was written since."""
    connection = known(database)
    if connection is None or connection.store not in getattr(_written, "stores", ()):
        return
    if database.connection is None or is_in_transaction(database, connection.state):
        return  # later
    _written.stores.discard(connection.store)
    for one in list(_remembered.get(database.alias, {}).values()):
        try:
            one.check(connection, database)
        except database.Database.Error:  # its table was dropped meanwhile, perhaps
            CHECKED["unanswered"] += 1


def forget() -> None:
    """At the end of each test."""
    STALE.clear()
    _remembered.clear()
