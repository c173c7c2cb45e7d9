"""Git is asked without running what a foreign repository's configuration names."""

import shutil
import subprocess

import pytest

from praxis.audit.git import ask_git

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def git(folder, *arguments):
    subprocess.run(
        ["git", "-c", "user.name=A", "-c", "user.email=a@example.com", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
    )


@pytest.fixture
def repository(tmp_path):
    """A partial clone that lacks all its objects, and whose every program leaves a mark."""
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "views.py").write_text("x = 1\n")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "one")
    program = folder / ".git" / "program"
    program.write_text(f"#!/bin/sh\necho run >> '{tmp_path / 'mark'}'\nexit 1\n")
    program.chmod(0o755)
    with (folder / ".git/config").open("a") as file:
        file.write(
            f"[core]\n fsmonitor = {program}\n pager = {program}\n"
            f"[diff]\n external = {program}\n"
            f"[alias]\n ls-tree = !{program}\n"
            '[protocol "ext"]\n allow = always\n'
            f'[remote "origin"]\n url = ext::{program} %S\n promisor = true\n'
            "[extensions]\n partialClone = origin\n"
        )
    return folder


@pytest.mark.parametrize(
    "arguments", [("ls-tree", "HEAD"), ("cat-file", "blob", "HEAD:./views.py")]
)
def test_runs_nothing_that_the_repository_names(repository, tmp_path, arguments):
    assert ask_git(repository, *arguments, timeout_s=10)
    for stored in (repository / ".git/objects").glob("??/*"):
        stored.unlink()
    assert ask_git(repository, *arguments, timeout_s=10) is None
    assert not (tmp_path / "mark").exists()


def test_says_nothing_of_a_folder_without_a_repository(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert ask_git(tmp_path, "ls-tree", "HEAD", timeout_s=10) is None
