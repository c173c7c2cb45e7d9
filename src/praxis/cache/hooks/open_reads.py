"""
Reads of SQLite whose rows are still being fetched, as by ``iterator()``.

In the journal mode WAL all statements of a connection see what there was when the oldest of them
began, as long as one of them is not finished. What they read then may be older than what others
have committed, and is not kept.
"""

from collections.abc import Iterator
from typing import Any
from weakref import ref

from praxis.cache.hooks.connection_state import ConnectionState


def note_read(wrapper: Any, state: ConnectionState) -> None:
    """
    A cursor has just executed a statement that reads.

    Args:
        wrapper: Django's.
        state: Of its connection.
    """
    wrapper.cursor = _OpenRead(wrapper, wrapper.cursor, state)


class _OpenRead:
    """A cursor that tells when its rows are all fetched. Everything else is its own affair."""

    def __init__(self, wrapper: Any, cursor: Any, state: ConnectionState) -> None:
        self._wrapper, self._cursor, self._reads = ref(wrapper), cursor, state.reads
        self._reads.add(self)  # weakly, as all here: who drops a cursor ends its statement

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def _end(self) -> None:
        self._reads.discard(self)

    def __iter__(self) -> Iterator[Any]:
        yield from self._cursor
        self._end()

    def execute(self, *args: Any) -> Any:
        self._give_way()
        return self._cursor.execute(*args)

    def executemany(self, *args: Any) -> Any:
        self._give_way()
        return self._cursor.executemany(*args)

    def _give_way(self) -> None:
        self._end()
        wrapper = self._wrapper()
        if wrapper is not None:
            wrapper.cursor = self._cursor

    def fetchone(self) -> Any:
        row = self._cursor.fetchone()
        if row is None:
            self._end()
        return row

    def fetchmany(self, size: int | None = None) -> list[Any]:
        wanted = self._cursor.arraysize if size is None else size
        rows: list[Any] = self._cursor.fetchmany(wanted)
        if len(rows) < wanted:
            self._end()
        return rows

    def fetchall(self) -> list[Any]:
        rows: list[Any] = self._cursor.fetchall()
        self._end()
        return rows

    def close(self) -> None:
        self._end()
        self._cursor.close()
