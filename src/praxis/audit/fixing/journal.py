"""
What a run of fixes changed, and the originals: the way back, also after a crash.

It lies in the cache folder, one folder a project. Originals are stored under their digest and
reach the disk before the first file of the project is replaced; the list of them is replaced
atomically. The last run's is kept for ``praxis fix --undo`` until the next run begins.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from praxis.audit.cache import FOLDER_VARIABLE, cache_folder, folder_name
from praxis.audit.facts.sources import digest_of, read_bytes
from praxis.audit.findings import Problem
from praxis.audit.fixing.writing import remove_leftovers
from praxis.errors import FixError

_LIST = "run.json"
#: What the folder holds besides originals.
_OWN = frozenset({_LIST, "lock"})


class Entry(Struct):
    """One file: the digest of its original, and of every content that the run gave it."""

    original: str
    written: list[str]


class Run(Struct):
    """A run; *finished* is false from its first write to its end."""

    started_at: str
    finished: bool
    command: str
    files: dict[str, Entry]


def journal_folder(project: Path) -> Path:
    """Where the journal of the project at the absolute path *project* lies."""
    return cache_folder() / "fixes" / folder_name(project)


class Journal:
    """
    The journal of the project at *root*.

    Raises:
        FixError: wherever it cannot be kept; no file of the project was touched by that step.
    """

    def __init__(self, root: Path) -> None:
        self.root, self.folder = root, journal_folder(root)
        self.run = self._load()

    def _load(self) -> Run | None:
        try:
            data = (self.folder / _LIST).read_bytes()
            return msgspec.json.decode(data, type=Run)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, msgspec.MsgspecError) as error:
            raise FixError(
                f"{self.folder / 'run.json'} cannot be read ({error}). It tells how to take back "
                "the last run; the originals lie beside it. Move the folder away to go on"
            ) from error

    def interrupted(self) -> list[str]:
        """The files that a run which did not end left changed."""
        if self.run is None or self.run.finished:
            return []
        return [
            path for path, entry in self.run.files.items() if self._digest(path) != entry.original
        ]

    def begin(self, command: str = "") -> None:
        """Start the list of a new run; the last one's is dropped."""
        started_at = datetime.now(UTC).isoformat(timespec="seconds")
        self.run = Run(started_at, finished=False, command=command, files={})
        self._save()
        self._drop_originals(keep=set())

    def intend(self, originals: Mapping[str, bytes], digests: Mapping[str, str]) -> None:
        """Keep the originals of files that are about to be written for the first time."""
        assert self.run is not None  # noqa: S101 - a run has begun
        for path, digest in digests.items():
            entry = self.run.files.get(path)
            if entry is None:
                original = originals[path]
                entry = self.run.files[path] = Entry(digest_of(original), [])
                self._put(self.folder / entry.original, original)
            if digest not in entry.written:
                entry.written.append(digest)
        self._save()

    def finish(self, changed: set[str]) -> None:
        """The run ended; what it gave *changed* stays and can be taken back."""
        assert self.run is not None  # noqa: S101 - a run has begun
        for path in set(self.run.files) - changed:
            del self.run.files[path]
        self.run.finished = True
        self._save()
        self._drop_originals(keep={entry.original for entry in self.run.files.values()})

    def close(self) -> None:
        """Forget the run: there is nothing left to take back."""
        if self.run is None:
            return
        for path in self.run.files:
            remove_leftovers(self.root, path)
        self.run = None
        (self.folder / _LIST).unlink(missing_ok=True)
        self._drop_originals(keep=set())

    def original(self, path: str) -> bytes:
        """What the file held before the run."""
        assert self.run is not None  # noqa: S101 - only asked for files of a run
        stored = self.folder / self.run.files[path].original
        try:
            data = stored.read_bytes()
        except OSError as error:
            raise FixError(
                f"{path}: its original {stored} cannot be read ({error.strerror})"
            ) from error
        if digest_of(data) != stored.name:
            raise FixError(f"{path}: its original {stored} is damaged; the file was left as it is")
        return data

    def _digest(self, path: str) -> str:
        data = read_bytes(self.root, path)
        return "" if isinstance(data, Problem) else digest_of(data)

    def _save(self) -> None:
        self._put(self.folder / _LIST, msgspec.json.encode(self.run))

    def _put(self, target: Path, data: bytes) -> None:
        """Write *target* atomically, and on the disk before this returns."""
        beside = target.with_name(f"{target.name}.new")
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with beside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(target)
        except OSError as error:
            raise FixError(
                f"{target}: {error.strerror}. Originals are kept there before a file is changed; "
                f"name a folder that can be written: {FOLDER_VARIABLE}=FOLDER praxis fix"
            ) from error

    def _drop_originals(self, keep: set[str]) -> None:
        for stored in self.folder.glob("*"):
            if stored.name not in keep | _OWN:
                stored.unlink(missing_ok=True)
