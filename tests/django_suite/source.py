"""The source distribution of the Django that is installed: fetched by pip, kept for the user."""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

#: Outside the repository: the code of others is not ours to keep there.
DEFAULT = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "praxis-django-suite"
_DONE = ".complete"


class SourceUnavailableError(Exception):
    """The tests could not be fetched; the message says what pip said and what to do."""


def fetch(version: str, folder: Path = DEFAULT) -> Path:
    """
    The folder of Django's tests, with ``runtests.py``; downloaded the first time.

    Args:
        version: Of Django.
        folder: Where releases are kept.

    Raises:
        SourceUnavailableError: if PyPI cannot be reached or has no such release.
    """
    home = folder / f"django-{version}"
    if (home / _DONE).exists():
        return home / "tests"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        with tarfile.open(_download(version, Path(scratch))) as archive:
            archive.extractall(Path(scratch) / "unpacked", filter="data")
        (root,) = (Path(scratch) / "unpacked").iterdir()
        (root / _DONE).touch()
        shutil.rmtree(home, ignore_errors=True)  # what another process was interrupted at
        root.rename(home)
    return home / "tests"


def _download(version: str, folder: Path) -> Path:
    requirement = f"Django=={version}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
               "--disable-pip-version-check", "--no-binary=:all:",
               "--dest", str(folder), requirement]  # fmt: skip
    result = subprocess.run(command, capture_output=True, text=True)
    archives = list(folder.glob("*.tar.gz"))
    if not archives:
        said = result.stderr.strip().splitlines()[-1:] or ["nothing"]
        raise SourceUnavailableError(
            f"The source distribution of {requirement} was not fetched. pip said: {said[0]}. "
            f"Check that pip reaches PyPI and try again, or unpack it to {DEFAULT} yourself and "
            f"make an empty file {_DONE} in its folder django-{version}."
        )
    return archives[0]
