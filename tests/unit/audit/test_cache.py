"""What is kept between runs, for whom, and for how long."""

import os
import sqlite3
import time
from pathlib import Path

import pytest

from praxis.audit import cache as cache_module
from praxis.audit.cache import FOLDER_VARIABLE, KEPT_DAYS, KEPT_VERSIONS, Cache, cache_folder
from praxis.errors import ConfigError

PROJECT = Path("/srv/shop")
OTHER = Path("/srv/other")
ENTRIES = {"views.py": ("digest", b"value")}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    return folder


@pytest.fixture
def version(monkeypatch):
    """Let another version of Praxis run from now on."""

    def become(name: str) -> None:
        monkeypatch.setattr(cache_module, "engine_version", lambda: name)

    become("v1")
    return become


def store(entries, project: Path = PROJECT) -> None:
    opened = Cache.open(project)
    opened.store("summary", entries)
    opened.close()


def load(project: Path = PROJECT):
    opened = Cache.open(project)
    try:
        return opened.load("summary")
    finally:
        opened.close()


def make_older(folder: Path, days: float, pattern: str = "*") -> None:
    past_s = time.time() - days * 86_400
    for path in folder.glob(pattern):
        os.utime(path, (past_s, past_s))


def test_versions_that_take_turns_each_find_what_they_stored(version):
    store(ENTRIES)
    version("v2")
    assert load() == {}
    store({"views.py": ("digest", b"another form")})
    version("v1")
    assert load() == ENTRIES
    version("v2")
    assert load() == {"views.py": ("digest", b"another form")}


def test_what_an_older_version_stores_while_a_newer_one_starts_is_not_taken_for_the_newers(version):
    older = Cache.open(PROJECT)
    version("v2")
    newer = Cache.open(PROJECT)
    older.store("summary", ENTRIES)
    older.close()
    assert newer.load("summary") == {}
    newer.close()
    assert load() == {}


def test_does_not_wait_long_for_a_store_that_is_locked_and_loses_nothing(
    version, folder, monkeypatch
):
    store(ENTRIES)
    (database,) = folder.glob("*.sqlite3")
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, timeout: connect(path, timeout=0))
    holder = connect(database)
    holder.execute("BEGIN IMMEDIATE")
    store({"urls.py": ("digest", b"value")})
    assert load() == ENTRIES
    holder.rollback()
    holder.close()
    store({"urls.py": ("digest", b"value")})
    assert load().keys() == {"views.py", "urls.py"}


def test_does_without_a_cache_that_cannot_be_opened(version, folder):
    folder.mkdir()
    store(ENTRIES)
    (database,) = folder.glob("*.sqlite3")
    database.unlink()
    database.mkdir()
    store(ENTRIES)
    assert load() == {}


def test_does_without_a_cache_where_the_user_has_no_home(monkeypatch, version):
    monkeypatch.delenv(FOLDER_VARIABLE)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    def homeless(_path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", homeless)
    store(ENTRIES)
    assert load() == {}
    with pytest.raises(ConfigError, match=f"no home .*{FOLDER_VARIABLE}=FOLDER"):
        cache_folder()


def test_a_project_that_nobody_checks_any_more_is_forgotten(version, folder):
    store(ENTRIES)
    make_older(folder, KEPT_DAYS + 1)
    store(ENTRIES, OTHER)
    assert [path.name.partition("-")[0] for path in folder.iterdir()] == ["other"]


def test_a_project_that_is_still_checked_is_kept_though_nothing_changes(version, folder):
    store(ENTRIES)
    make_older(folder, KEPT_DAYS + 1)
    assert load() == ENTRIES
    store(ENTRIES, OTHER)
    assert load() == ENTRIES


def test_originals_of_fixes_are_never_removed(version, folder):
    original = folder / "fixes" / "shop-1" / "original"
    original.parent.mkdir(parents=True)
    original.write_bytes(b"")
    make_older(folder, KEPT_DAYS * 10)
    store(ENTRIES)
    assert original.exists()


def test_few_versions_are_kept_of_one_project_and_all_projects(version, folder):
    store(ENTRIES, OTHER)
    for number in range(KEPT_VERSIONS + 2):
        version(f"v{number}")
        store(ENTRIES)
        make_older(folder, 10 - number, f"*-v{number}.sqlite3")
    left = {path.stem.rpartition("-")[2] for path in folder.glob("shop-*")}
    assert left == {f"v{number}" for number in range(2, KEPT_VERSIONS + 2)}
    assert list(folder.glob("other-*"))
