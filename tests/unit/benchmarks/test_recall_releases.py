"""Fetching releases, with pip replaced: what is unpacked, and what is said when PyPI is away."""

import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from benchmarks.recall import releases
from benchmarks.recall.releases import ReleaseUnavailableError, fetch

FILES = {"shop/models.py": b"A = 1\n", "shop/templates/a.html": b"a", "shop/static/big.js": b"b"}


def _wheel(folder: Path) -> None:
    with zipfile.ZipFile(folder / "shop-1.0-py3-none-any.whl", "w") as archive:
        for name, data in FILES.items():
            archive.writestr(name, data)


def _source(folder: Path) -> None:
    for name, data in FILES.items():
        path = folder / "made" / "shop-1.0" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    with tarfile.open(folder / "shop-1.0.tar.gz", "w:gz") as archive:
        archive.add(folder / "made" / "shop-1.0", "shop-1.0")


@pytest.fixture
def pip(monkeypatch):
    """Replace pip by what a test makes it do, kind of distribution by kind; the calls it got."""

    def install(**makes):
        calls = []

        def run(command, **_):
            calls.append(command)
            kind = "wheel" if "--only-binary=:all:" in command else "source"
            if kind in makes:
                makes[kind](Path(command[command.index("--dest") + 1]))
            return subprocess.CompletedProcess(command, 0, "", "ERROR: no route to host")

        monkeypatch.setattr(releases.subprocess, "run", run)
        return calls

    return install


@pytest.mark.parametrize("makes", [{"wheel": _wheel}, {"source": _source}], ids=["wheel", "sdist"])
def test_unpacks_what_an_audit_reads(pip, tmp_path, makes):
    pip(**makes)

    home = fetch("shop", "1.0", tmp_path)

    assert home == tmp_path / "shop-1.0"
    assert (home / "shop/models.py").read_bytes() == FILES["shop/models.py"]
    assert (home / "shop/templates/a.html").exists()
    assert not (home / "shop/static").exists()


def test_fetches_a_release_once(pip, tmp_path):
    calls = pip(wheel=_wheel)

    fetch("shop", "1.0", tmp_path)
    fetch("shop", "1.0", tmp_path)

    assert len(calls) == 1


def test_tells_what_to_do_when_nothing_comes(pip, tmp_path):
    pip()

    with pytest.raises(ReleaseUnavailableError, match=r"shop==1\.0 .*no route to host.*PyPI"):
        fetch("shop", "1.0", tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_writes_nothing_outside_the_folder(pip, tmp_path):
    def hostile(folder):
        with zipfile.ZipFile(folder / "shop-1.0-py3-none-any.whl", "w") as archive:
            archive.writestr("../../../outside.py", b"")
            archive.writestr("shop/models.py", b"")

    pip(wheel=hostile)

    fetch("shop", "1.0", tmp_path / "kept")

    assert not list(tmp_path.glob("**/outside.py"))
