"""
Summaries kept between runs, so that the second run reads only what changed.

One SQLite file a project in the user's cache folder: the audited project stays untouched, and
two runs at once do not disturb each other. A cache that cannot be used is done without.
"""

import os
import sqlite3
import sys
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Self

FOLDER_VARIABLE = "PRAXIS_CACHE_DIR"


def cache_folder() -> Path:
    """Where caches lie: ``$PRAXIS_CACHE_DIR``, else the user's cache folder."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path("~/.cache").expanduser()) / "praxis"


@cache
def engine_version() -> str:
    """A digest of the auditor's own code and interpreter: another one makes another cache."""
    digest = blake2b(digest_size=16)
    digest.update(repr((sys.version_info, sys.implementation.name)).encode())
    package = Path(__file__).parent
    for path in sorted(package.rglob("*.py")):
        status = path.stat()
        digest.update(f"{path.relative_to(package)} {status.st_size} {status.st_mtime_ns}".encode())
    return digest.hexdigest()


_TABLES = """
CREATE TABLE IF NOT EXISTS engine (version TEXT);
CREATE TABLE IF NOT EXISTS entry (
    kind TEXT, path TEXT, digest TEXT, value BLOB, PRIMARY KEY (kind, path)
) WITHOUT ROWID;
"""

#: Path to (digest of what the value was made from, value).
Entries = dict[str, tuple[str, bytes]]


class Cache:
    """
    Encoded values by kind and path, each with the digest of what it was made from.

    Every failure of the store reads as an empty cache.
    """

    def __init__(self, connection: sqlite3.Connection | None) -> None:
        self._connection = connection

    @classmethod
    def open(cls, project: Path) -> Self:
        """The cache of the project at the absolute path *project*."""
        name = blake2b(os.fsencode(project), digest_size=8).hexdigest()
        try:
            folder = cache_folder()
            folder.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(folder / f"{project.name}-{name}.sqlite3", timeout=2)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=OFF")  # losing it costs a slower run
            connection.executescript(_TABLES)
            if connection.execute("SELECT version FROM engine").fetchall() != [(engine_version(),)]:
                with connection:
                    connection.execute("DELETE FROM engine")
                    connection.execute("DELETE FROM entry")
                    connection.execute("INSERT INTO engine VALUES (?)", (engine_version(),))
        except (OSError, sqlite3.Error):
            return cls(None)
        return cls(connection)

    def load(self, kind: str) -> Entries:
        """Everything of one kind."""
        if self._connection is None:
            return {}
        query = "SELECT path, digest, value FROM entry WHERE kind = ?"
        try:
            return {
                path: (digest, value)
                for path, digest, value in self._connection.execute(query, (kind,))
            }
        except sqlite3.Error:
            return {}

    def store(self, kind: str, added: Entries, gone: Iterable[str] = ()) -> None:
        """Add entries of one kind and drop the paths *gone*."""
        if self._connection is None or not (added or gone):
            return
        try:
            with self._connection:
                self._connection.executemany(
                    "INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?)",
                    ((kind, path, digest, value) for path, (digest, value) in added.items()),
                )
                self._connection.executemany(
                    "DELETE FROM entry WHERE kind = ? AND path = ?",
                    ((kind, path) for path in gone),
                )
        except sqlite3.Error:
            return

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
