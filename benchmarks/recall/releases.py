"""The releases of the cases: fetched by pip, unpacked as far as an audit reads them."""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from praxis.audit.facts.sources import TEMPLATE_FOLDERS, TEMPLATE_SUFFIXES

#: Outside the repository: the code of others is not ours to keep there.
DEFAULT = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "praxis-recall"
_DONE = ".complete"


class ReleaseUnavailableError(Exception):
    """A release could not be fetched; the message says what pip said and what to do."""


def fetch(project: str, version: str, folder: Path = DEFAULT) -> Path:
    """
    The unpacked release; downloaded the first time.

    A wheel is preferred, since it needs no code of the project to be run; a source distribution is
    taken where there is none.

    Raises:
        ReleaseUnavailableError: if PyPI cannot be reached or has no such release.
    """
    home = folder / f"{project}-{version}"
    if (home / _DONE).exists():
        return home
    shutil.rmtree(home, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        archive = _download(f"{project}=={version}", Path(scratch))
        unpacked = Path(scratch) / "unpacked"
        _unpack(archive, unpacked)
        _root(unpacked, archive).rename(home)
    (home / "pyproject.toml").touch()  # so that the folder is taken for the project's root
    (home / _DONE).touch()
    return home


def _download(requirement: str, folder: Path) -> Path:
    said = ""
    for kind in ("--only-binary=:all:", "--no-binary=:all:"):
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                   "--ignore-requires-python", "--disable-pip-version-check",
                   kind, "--dest", str(folder), requirement]  # fmt: skip
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        archives = [path for path in folder.iterdir() if path.is_file()]
        if archives:
            return archives[0]
        said = result.stderr.strip() or said
    raise ReleaseUnavailableError(
        f"{requirement} was not fetched. pip said: {said.splitlines()[-1] if said else 'nothing'}. "
        "Check that pip reaches PyPI, then run `python -m benchmarks recall` again: releases that "
        "are unpacked already are kept."
    )


def _unpack(archive: Path, folder: Path) -> None:
    """Only what an audit reads: the rest of a release may be a hundred times as much."""
    with _opened(archive) as members:
        for name, data in members:
            target = folder / PurePosixPath(name)
            if _is_read(PurePosixPath(name)) and target.resolve().is_relative_to(folder.resolve()):
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data())


@contextmanager
def _opened(archive: Path) -> Iterator[Iterator[tuple[str, "_Data"]]]:
    if archive.suffix in {".whl", ".zip"}:
        with zipfile.ZipFile(archive) as zipped:
            yield ((name, _Data(zipped, name)) for name in zipped.namelist())
    else:
        with tarfile.open(archive) as tarred:
            yield ((member.name, _Data(tarred, member)) for member in tarred if member.isfile())


class _Data:
    """The content of a member, read when it is asked for."""

    def __init__(
        self, archive: zipfile.ZipFile | tarfile.TarFile, member: str | tarfile.TarInfo
    ) -> None:
        self._archive, self._member = archive, member

    def __call__(self) -> bytes:
        if isinstance(self._archive, zipfile.ZipFile):
            assert isinstance(self._member, str)
            return self._archive.read(self._member)
        assert isinstance(self._member, tarfile.TarInfo)
        file = self._archive.extractfile(self._member)
        return file.read() if file else b""


def _is_read(path: PurePosixPath) -> bool:
    return (
        path.suffix == ".py"
        or path.suffix in TEMPLATE_SUFFIXES
        or (path.suffix == ".txt" and not TEMPLATE_FOLDERS.isdisjoint(path.parts))
    )


def _root(unpacked: Path, archive: Path) -> Path:
    """A source distribution has one folder around everything, a wheel has none."""
    inner = list(unpacked.iterdir())
    return inner[0] if archive.suffix != ".whl" and len(inner) == 1 else unpacked
