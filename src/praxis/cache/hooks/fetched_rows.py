"""
Rows that are fetched as soon as a statement has run, for whoever asks for them later.

SQLite commits a statement that answers with rows, such as an INSERT with RETURNING, when the last
of them is fetched. Until then others do not see what it wrote.
"""

from collections import deque
from collections.abc import Iterator
from typing import Any


def fetch_at_once(wrapper: Any) -> None:
    """
    Finish the statement that a cursor has just executed.

    Args:
        wrapper: Django's; its next fetches answer with what was fetched.

    Raises:
        DatabaseError: Django's, as a fetch would: constraints are checked when the last row is had.
    """
    cursor = wrapper.cursor
    if cursor.description is not None:
        wrapper.cursor = _Fetched(wrapper, cursor)


class _Fetched:
    """A cursor whose rows are all here. Everything else is the cursor's own affair."""

    def __init__(self, wrapper: Any, cursor: Any) -> None:
        self._wrapper, self._cursor = wrapper, cursor
        with wrapper.db.wrap_database_errors:
            self._rows: deque[Any] = deque(cursor.fetchall())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def __iter__(self) -> Iterator[Any]:
        while self._rows:
            yield self._rows.popleft()

    def execute(self, *args: Any) -> Any:
        self._wrapper.cursor = self._cursor
        return self._cursor.execute(*args)

    def executemany(self, *args: Any) -> Any:
        self._wrapper.cursor = self._cursor
        return self._cursor.executemany(*args)

    def fetchone(self) -> Any:
        return self._rows.popleft() if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[Any]:
        count = min(self._cursor.arraysize if size is None else size, len(self._rows))
        return [self._rows.popleft() for _ in range(count)]

    def fetchall(self) -> list[Any]:
        return self.fetchmany(len(self._rows))
