import pytest

from praxis.audit.cache import FOLDER_VARIABLE
from praxis.audit.facts.parsing import decode
from praxis.errors import ProjectError
from praxis.lsp.project import OpenProject, encode, root_around
from tests.temporary_rules import temporary_rule


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "cache"))
    root = tmp_path.resolve() / "work"
    (root / "site" / "shop").mkdir(parents=True)
    (root / "site" / "shop" / "views.py").write_text("x = bad(1)\n")
    return root


def test_the_open_folder_is_the_project_if_it_looks_like_one(folder):
    path = folder / "site/shop/views.py"
    (folder / "site" / "manage.py").touch()
    assert root_around(path, [folder]).folder == folder / "site"
    assert root_around(path, []).folder == folder / "site"
    (folder / "pyproject.toml").touch()
    assert root_around(path, [folder]).folder == folder
    assert root_around(path, [folder / "site"]).folder == folder / "site"
    assert root_around(path, [folder / "site" / "shop"]).folder == folder / "site"


def test_without_a_sign_of_a_project_it_is_the_open_folder_as_a_whole(folder):
    path = folder / "site/shop/views.py"
    root = root_around(path, [folder])
    assert (root.folder, root.within) == (folder, ())
    assert root_around(path, []).folder == path.parent


def test_somebodys_home_is_no_project(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder))
    path = folder / "site/shop/views.py"
    assert root_around(path, [folder]).folder == path.parent
    assert root_around(path, [folder.parent, folder / "site"]).folder == folder / "site"


def test_a_file_that_is_not_there_belongs_to_no_project(folder):
    with pytest.raises(ProjectError):
        root_around(folder / "missing.py", [])


@pytest.mark.parametrize(
    "text",
    ["x = 'é'\n", "# -*- coding: latin-1 -*-\nx = 'é'\n", "# coding: latin-1\nx = '日'\n", ""],
)
def test_an_unsaved_text_is_read_as_it_was_written(text):
    decoded = decode("a.py", encode(text))
    assert getattr(decoded, "text", text) == text or "日" in text


def test_an_unreadable_text_stands_back_for_the_last_readable_one(folder):
    with temporary_rule():
        project = OpenProject(root_around(folder / "site/shop/views.py", [folder]))
        path = "site/shop/views.py"
        assert len(project.audit({path: "bad(1)\nbad(2)\n"}).findings[path]) == 2
        snapshot = project.audit({path: "bad(1\n"})
        assert len(snapshot.findings[path]) == 2
        assert path in snapshot.unreadable
        assert snapshot.text(path) == "bad(1)\nbad(2)\n"
        assert project.audit({}).findings[path][0].place.column == 5


def test_a_text_that_never_could_be_read_leaves_what_the_disk_holds(folder):
    with temporary_rule():
        project = OpenProject(root_around(folder / "site/shop/views.py", [folder]))
        snapshot = project.audit({"site/shop/views.py": "("})
        assert len(snapshot.findings["site/shop/views.py"]) == 1


def test_texts_of_files_that_are_gone_or_unknown_are_none(folder):
    with temporary_rule():
        project = OpenProject(root_around(folder / "site/shop/views.py", [folder]))
        snapshot = project.audit({"not/there.py": "x = 1\n"})
        assert snapshot.text("not/there.py") is None
