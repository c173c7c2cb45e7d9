"""Putting new content in the place of a file, so that at no moment it is half written."""

import contextlib
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

from praxis.audit.facts.sources import digest_of, read_bytes
from praxis.audit.findings import Problem

#: What the names of files in the making end with; a killed run may leave one behind.
SUFFIX = ".praxis-new"
_SECOND_NS = 1_000_000_000


def real_path(root: Path, path: str) -> str | Problem:
    """The relative path of the file that *path* leads to, through links inside of the project."""
    try:
        real = (root / path).resolve(strict=True)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "a loop of links"
        return Problem.at_file(path, reason)
    if not real.is_relative_to(root):
        return Problem.at_file(path, "a link that leaves the project; mend it where it lies")
    return real.relative_to(root).as_posix()


def refusal_to_write(root: Path, path: str) -> str | None:
    """Why the file cannot be replaced; None where it can. A link is never replaced."""
    full = root / path
    try:
        status, folder = full.lstat(), full.parent.stat()
    except OSError as error:
        return f"{path}: {error.strerror}"
    if not stat.S_ISREG(status.st_mode):
        return f"{path} is not a plain file"
    if not (status.st_mode & 0o222 and os.access(full, os.W_OK)):  # for root the mode counts too
        return f"{path} is read-only"
    if not (folder.st_mode & 0o222 and os.access(full.parent, os.W_OK | os.X_OK)):
        return f"the folder of {path} is read-only"
    return None


class Replacement:
    """
    New content for one file, written beside it and ready to take its place.

    Args:
        root: The project's folder.
        path: Of the file, relative; not a link.
        expected: The digest of what the file must still hold when it is replaced.
        data: The new content.

    Raises:
        OSError: if it cannot be written beside; the file is as it was.
    """

    def __init__(self, root: Path, path: str, expected: str, data: bytes) -> None:
        self.path = path
        self._root, self._expected = root, expected
        full = root / path
        descriptor, name = tempfile.mkstemp(dir=full.parent, prefix=f".{full.name}.", suffix=SUFFIX)
        self._beside = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                self._take_over(full)
                os.fsync(file.fileno())
        except BaseException:
            self.discard()
            raise

    def _take_over(self, full: Path) -> None:
        """
        Keep mode, owner and extended attributes; make the modification time a later second.

        Compiled files name the time of their source in whole seconds and its size: two versions
        of the same size within a second would be taken for one.
        """
        status = full.stat()
        if hasattr(os, "chown"):
            with contextlib.suppress(PermissionError):  # only root may give files away
                os.chown(self._beside, status.st_uid, status.st_gid)
        shutil.copystat(full, self._beside)  # after the owner: a change of that drops mode bits
        later = (status.st_mtime_ns // _SECOND_NS + 1) * _SECOND_NS
        now = time.time_ns()
        os.utime(self._beside, ns=(now, max(now, later)))

    def commit(self) -> str | None:
        """Take the file's place; or say why not, and leave everything as it was."""
        reason = refusal_to_write(self._root, self.path) or self._changed()
        if reason is None:
            try:
                self._beside.replace(self._root / self.path)
                _sync_folder(self._beside.parent)
                return None
            except OSError as error:
                reason = f"{self.path}: {error.strerror}"
        self.discard()
        return reason

    def _changed(self) -> str | None:
        data = read_bytes(self._root, self.path)
        if isinstance(data, Problem) or digest_of(data) != self._expected:
            return f"{self.path} changed since it was read: run praxis fix again"
        return None

    def discard(self) -> None:
        """Remove what was written beside."""
        with contextlib.suppress(OSError):  # gone already, or the folder became read-only
            self._beside.unlink()


def remove_leftovers(root: Path, path: str) -> None:
    """Remove what a killed run left beside the file at *path*."""
    full = root / path
    with contextlib.suppress(OSError):
        for left in full.parent.iterdir():
            if left.name.startswith(f".{full.name}.") and left.name.endswith(SUFFIX):
                left.unlink()


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.suppress(OSError):  # some file systems cannot; the rename stands
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
