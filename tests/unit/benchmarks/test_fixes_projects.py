import msgspec
import pytest

from benchmarks.fixes.measurement import Page, Row, table_of
from benchmarks.fixes.projects import labels, load


def test_every_listed_project_has_a_version_or_is_ours():
    projects = load()
    assert {project.name for project in projects} >= {"shop"}
    assert all(project.is_ours or "==" in project.source for project in projects)


def test_refuses_an_unknown_key(tmp_path):
    listed = tmp_path / "projects.toml"
    listed.write_text('[[project]]\nname = "a"\ncolour = "red"\n', encoding="utf-8")
    with pytest.raises(msgspec.ValidationError):
        load(listed)


def test_leaves_out_the_modules_whose_files_are_missing(tmp_path):
    project = next(one for one in load() if one.without)
    folder = tmp_path / project.tests[0].replace(".", "/")
    (folder / "deep").mkdir(parents=True)
    for name in ("test_kept.py", "deep/test_deep.py", f"{project.without[0]}.py", "notes.py"):
        (folder / name).touch()
    assert labels(project, tmp_path) == [
        f"{project.tests[0]}.deep.test_deep",
        f"{project.tests[0]}.test_kept",
    ]


def test_sums_up_the_pages_and_lists_those_that_changed():
    pages = (
        Page("/a/", (20, 40), (5, 5), True),
        Page("/b/", (7, 7), (8, 8), False),
        Page("/c/", (3, 3), (3, 3), True),
    )
    row = Row("shop", "examples/shop", 9, 8, 0, "12", "12", pages)
    table = table_of([row], {"python": "3.11", "date": "2026-01-01"}, "1.0", 15)
    assert "| examples/shop | 9 | 8 | 0 | 12 | 3 | 50 | 16 | 1 | 1 |" in table
    assert "| `/a/` | 20 | 40 | 5 | 5 |" in table
    assert "/c/" not in table
    assert "2 of 3 pages show the very same bytes" in table
