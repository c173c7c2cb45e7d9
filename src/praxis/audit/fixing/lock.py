"""One run of fixes at a time on a project."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from praxis.audit.fixing.journal import journal_folder
from praxis.errors import FixError

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def hold_lock(project: Path) -> Iterator[None]:
    """
    Keep other runs on *project* out; the system lets go of it even if this process is killed.

    Raises:
        FixError: if another run is under way, or the lock's file cannot be written.
    """
    path = journal_folder(project) / "lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise FixError(f"{path}: {error.strerror}. The lock of this project lies there") from error
    try:
        try:
            _take(descriptor)
        except OSError as error:
            raise FixError(
                f"{project}: another praxis fix is at work on it. Wait for it to end, then run "
                "this again"
            ) from error
        yield
    finally:
        os.close(descriptor)
