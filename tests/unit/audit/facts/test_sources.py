import os
import socket
from pathlib import Path

import pytest

from praxis.audit.facts.sources import (
    MAX_BYTES,
    Role,
    Root,
    fills_database,
    find_root,
    list_sources,
    read_bytes,
    role_of,
)
from praxis.audit.findings import Problem
from praxis.errors import ProjectError


def refusal(root, path):
    read = read_bytes(root, path)
    assert isinstance(read, Problem)
    return read.message


@pytest.fixture
def root(tmp_path):
    return tmp_path.resolve()


def test_does_not_wait_for_a_pipe(root):
    os.mkfifo(root / "x.py")
    assert "pipe" in refusal(root, "x.py")


def test_does_not_wait_for_a_link_to_a_pipe(root):
    os.mkfifo(root / "pipe")
    (root / "x.py").symlink_to("pipe")
    assert "pipe" in refusal(root, "x.py")


def test_refuses_a_socket(root, monkeypatch):
    monkeypatch.chdir(root)  # a socket's path may be only about 100 characters long
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("x.py")
        assert "socket" in refusal(root, "x.py")


def test_a_folder_with_a_python_name_is_a_folder(root):
    (root / "x.py").mkdir()
    (root / "x.py" / "y.py").write_text("")
    assert [source.path for source in list_sources(root).sources] == ["x.py/y.py"]
    assert "a folder" in refusal(root, "x.py")


def test_tells_broken_links_and_loops_of_links(root):
    (root / "broken.py").symlink_to("nowhere.py")
    (root / "loop.py").symlink_to("loop.py")
    (root / "folder").symlink_to(".")
    assert len(list_sources(root).sources) == 2
    assert refusal(root, "broken.py").startswith("not read: ")
    assert refusal(root, "loop.py").startswith("not read: ")


def test_refuses_a_link_that_leaves_the_project(root, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "secret.py"
    outside.write_text("")
    (root / "x.py").symlink_to(outside)
    assert "leaves the project" in refusal(root, "x.py")


def test_refuses_what_is_too_large_without_reading_it(root):
    with (root / "x.py").open("wb") as file:
        file.truncate(50 * 10**6)
    assert "50.0 MB" in refusal(root, "x.py")
    assert MAX_BYTES < 50 * 10**6


def test_tells_a_file_that_disappeared(root):
    assert "No such file" in refusal(root, "x.py")


def test_tells_a_file_that_may_not_be_read(root, monkeypatch):
    (root / "x.py").write_text("")

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("praxis.audit.facts.sources.open", refuse, raising=False)
    assert refusal(root, "x.py") == "not read: Permission denied"


def test_lists_the_rest_where_a_folder_may_not_be_read(root, monkeypatch):
    (root / "closed").mkdir()
    (root / "a.py").write_text("")
    scandir = os.scandir

    def refuse(path):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    listing = list_sources(root)
    assert [source.path for source in listing.sources] == ["a.py"]
    assert [str(found) for found in listing.problems] == [
        "closed: folder not read: Permission denied"
    ]


def test_finds_the_project_above_several_that_were_named(root):
    (root / ".git").mkdir()
    for name in ("one", "two"):
        (root / name).mkdir()
        (root / name / "manage.py").write_text("")
    found = find_root(root / "one", root / "two/manage.py")
    assert found.folder == root
    assert found.within == ("one", "two/manage.py")


def test_refuses_paths_that_no_project_holds(root):
    for name in ("one", "two"):
        (root / name).mkdir()
        (root / name / "manage.py").write_text("")
    with pytest.raises(ProjectError, match=r"different projects: .*one, .*two"):
        find_root(root / "one", root / "two")


def test_one_path_that_is_the_project_asks_for_all_of_it(root):
    (root / "shop").mkdir()
    (root / "manage.py").write_text("")
    assert find_root(root / "shop", root).within == ()


@pytest.mark.parametrize(
    ("path", "covered"),
    [
        ("shop/views.py", True),
        ("shop", True),
        ("manage.py", True),
        (".", True),  # what is wrong with the project as a whole
        ("shopping/views.py", False),
        ("blog/shop/views.py", False),
        ("manage.pyi", False),
    ],
)
def test_covers_what_was_asked_for(path, covered):
    assert Root(Path("/srv"), (), ("shop", "manage.py")).covers(path) == covered
    assert Root(Path("/srv"), ()).covers(path)


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("shop/fixtures/demo.py", Role.TEST),
        ("shop/tests_stock.py", Role.TEST),
        ("shop/testing_day.py", Role.REQUEST),
        ("club/fixtures/models.py", Role.REQUEST),
        ("club/fixtures/templatetags/days.py", Role.REQUEST),
    ],
)
def test_a_folder_of_fixtures_has_samples_unless_it_is_an_application(path, role):
    assert role_of(path) is role


@pytest.mark.parametrize(
    ("path", "samples"),
    [
        ("shop/management/commands/load_sample_data.py", True),
        ("seeds.py", True),
        ("shop/fixtures/load.py", True),
        ("demo/views.py", True),
        ("democracy/views.py", False),
        ("shop/resampling.py", False),
        ("contest/models.py", False),
    ],
)
def test_knows_files_of_samples_by_whole_words(path, samples):
    assert fills_database(path) is samples
