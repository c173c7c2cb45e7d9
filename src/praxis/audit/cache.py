"""
Summaries kept between runs, so that the second run reads only what changed.

One SQLite file a project and version of Praxis in the user's cache folder: the audited project
stays untouched, and two runs at once do not disturb each other, also where the editor's Praxis is
another than the shell's. A cache that cannot be used is done without; one that is damaged is made
anew; one that nobody asks for any more is removed when another is begun.
"""

import contextlib
import os
import sqlite3
import sys
import time
import zlib
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Self

from praxis.errors import ConfigError

FOLDER_VARIABLE = "PRAXIS_CACHE_DIR"
#: Of the project's own name so many characters: a file's name is at most 255 bytes.
_NAME_LENGTH = 40
_SUFFIX = ".sqlite3"
#: What was not asked for during so long goes; the project is probably gone, too.
KEPT_DAYS = 60
#: So many versions of Praxis may take turns at one project; the caches of older ones go.
KEPT_VERSIONS = 3


def cache_folder() -> Path:
    """
    Where caches lie: ``$PRAXIS_CACHE_DIR``, else the user's cache folder.

    Raises:
        ConfigError: if neither is known.
    """
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path("~/.cache").expanduser()) / "praxis"
    except RuntimeError as error:  # a user without a home, as in some containers
        raise ConfigError(
            f"this user has no home to keep things in: name a folder, {FOLDER_VARIABLE}=FOLDER"
        ) from error


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


#: *checksum* is of the value: SQLite does not notice a page that holds something else.
_TABLES = """
DROP TABLE IF EXISTS entry;
CREATE TABLE entry (
    kind TEXT, path TEXT, digest TEXT, checksum INTEGER, value BLOB, PRIMARY KEY (kind, path)
) WITHOUT ROWID;
"""

#: Path to (digest of what the value was made from, value).
Entries = dict[str, tuple[str, bytes]]


class Cache:
    """
    Encoded values by kind and path, each with the digest of what it was made from.

    Every failure of the store reads as an empty cache. None for *database* keeps nothing.
    """

    def __init__(self, database: Path | None) -> None:
        self._database = database
        self._connection: sqlite3.Connection | None = None
        if database is not None:
            with self._repaired():
                self._connection = _connect(database)

    @classmethod
    def open(cls, project: Path) -> Self:
        """The cache of the project at the absolute path *project*."""
        try:
            folder = cache_folder()
            folder.mkdir(parents=True, exist_ok=True)
            database = folder / f"{folder_name(project)}-{engine_version()}{_SUFFIX}"
            if not database.exists():
                _make_room(folder, f"{folder_name(project)}-")
        except (OSError, ConfigError):
            return cls(None)
        with contextlib.suppress(OSError):
            os.utime(database)  # it is asked for, though nothing may be written
        return cls(database)

    def load(self, kind: str) -> Entries:
        """Everything of one kind."""
        found: Entries = {}
        if self._connection is None:
            return found
        query = "SELECT path, digest, checksum, value FROM entry WHERE kind = ?"
        with self._repaired():
            for path, digest, checksum, value in self._connection.execute(query, (kind,)):
                if isinstance(value, bytes) and zlib.crc32(value) == checksum:
                    found[path] = (digest, value)
        return found

    def store(self, kind: str, added: Entries, gone: Iterable[str] = ()) -> None:
        """Add entries of one kind and drop the paths *gone*."""
        gone = tuple(gone)
        if self._connection is None or not (added or gone):
            return
        with self._repaired(), self._connection:
            self._connection.executemany(
                "INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?)",
                (
                    (kind, path, digest, zlib.crc32(value), value)
                    for path, (digest, value) in added.items()
                ),
            )
            self._connection.executemany(
                "DELETE FROM entry WHERE kind = ? AND path = ?", ((kind, path) for path in gone)
            )

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()

    @contextlib.contextmanager
    def _repaired(self) -> Iterator[None]:
        """Swallow failures of the store; a damaged file makes room for a new one."""
        try:
            yield
        except sqlite3.OperationalError:  # locked, or no room
            return
        except sqlite3.Error:
            self.close()
            self._connection = None
            if self._database is not None:
                with contextlib.suppress(OSError, sqlite3.Error):
                    _remove(self._database)
                    self._connection = _connect(self._database)


def folder_name(project: Path) -> str:
    """What the cache calls the project at the absolute path *project*: short, and its alone."""
    digest = blake2b(os.fsencode(project), digest_size=8).hexdigest()
    return f"{project.name[:_NAME_LENGTH]}-{digest}"


def _connect(database: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(database, timeout=2)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")  # losing it costs a slower run
        if not _has_tables(connection):
            connection.executescript(f"BEGIN IMMEDIATE;{_TABLES}COMMIT;")
    except BaseException:
        connection.close()
        raise
    return connection


def _has_tables(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("SELECT kind, path, digest, checksum, value FROM entry LIMIT 0")
    except sqlite3.OperationalError:
        return False
    return True


def _make_room(folder: Path, prefix: str) -> None:
    """Remove what was not asked for in a long time, and old versions' caches of one project."""
    oldest_s = time.time() - KEPT_DAYS * 86_400
    asked_at_s: dict[Path, float] = {}
    for path in folder.glob(f"*{_SUFFIX}"):
        with contextlib.suppress(OSError):  # another run has removed it meanwhile
            asked_at_s[path] = path.stat().st_mtime
    versions = sorted(
        (path for path in asked_at_s if path.name.startswith(prefix)),
        key=lambda path: asked_at_s[path],
        reverse=True,
    )
    gone = {path for path, at_s in asked_at_s.items() if at_s < oldest_s}
    for path in gone.union(versions[KEPT_VERSIONS - 1 :]):
        with contextlib.suppress(OSError):  # in use, where the system minds
            _remove(path)


def _remove(database: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
