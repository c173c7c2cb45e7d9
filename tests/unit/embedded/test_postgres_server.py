import os
from pathlib import Path

import pytest

from praxis.embedded import postgres_server
from praxis.embedded.binaries import PostgresBinaries
from praxis.embedded.postgres_server import runnable_binaries
from praxis.embedded.processes import Account
from praxis.errors import ServerError

NOBODY = Account(65534, 65534)


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """A wheel that only its owner can reach, and an empty folder for copies."""
    closed = tmp_path / "closed"
    folder = closed / "package" / "pginstall18" / "bin"
    folder.mkdir(parents=True)
    (folder / "postgres").write_text("the server")
    (closed / "package.libs").mkdir()
    (closed / "package.libs" / "library.so").write_text("its library")
    closed.chmod(0o700)
    copies = tmp_path / "copies"
    copies.mkdir()
    monkeypatch.setattr(postgres_server, "COPIES", copies)
    found = PostgresBinaries(folder, (18, 4), "in the wheel")
    monkeypatch.setattr(postgres_server, "find_postgres", lambda: found)
    return found


def test_runs_the_found_programs_as_ourselves(wheel):
    assert runnable_binaries(None) is wheel


def test_copies_once_what_the_other_user_cannot_reach(wheel):
    copy = runnable_binaries(NOBODY)
    assert (copy.folder / "postgres").read_text() == "the server"
    root = copy.folder.parents[2]
    assert (root / "package.libs" / "library.so").exists()
    assert root.stat().st_mode & 0o777 == 0o755
    before = root.stat().st_ino
    assert runnable_binaries(NOBODY) == copy
    assert root.stat().st_ino == before
    assert [path.name for path in root.parent.iterdir()] == ["praxis-postgresql-18.4-65534"]


def test_takes_the_copy_of_a_process_that_was_faster(wheel, monkeypatch):
    rename = Path.rename

    def lose(self, target):
        (target / "already").mkdir(parents=True)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", lose)
    root = runnable_binaries(NOBODY).folder.parents[2]
    assert [path.name for path in root.parent.iterdir()] == [root.name]


def test_does_not_run_what_another_user_has_put_there(wheel, monkeypatch):
    runnable_binaries(NOBODY)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(ServerError, match="belongs to another user"):
        runnable_binaries(NOBODY)
