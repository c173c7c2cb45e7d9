import pytest

from praxis.audit.findings import Edit, Fix, Place, Safety
from praxis.audit.report.preview import nearest_edit, preview


def shown(text, changes):
    lines = preview(text, changes, min(changes.edits, key=lambda edit: edit.start))
    return [(line.number, line.text) for line in lines]


def fix(*edits):
    return Fix(tuple(Edit("x.py", *edit) for edit in edits), Safety.SAFE, "mend")


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_shows_the_line_as_it_will_be(end):
    assert shown(f"a = 1{end}", fix((4, 5, "2"))) == [(1, "a = 2")]


def test_makes_all_edits_of_the_line_and_none_of_others():
    text = "a = 1\nb = 1 + 1\nc = 1\n"
    changes = fix((14, 15, "3"), (10, 11, "2"), (20, 21, "9"))
    assert shown(text, changes) == [(2, "b = 2 + 3")]


def test_shows_the_first_lines_of_many():
    lines = shown("a = 1\n", fix((4, 5, "[\n1,\n2,\n3,\n]")))
    assert lines == [(1, "a = ["), (2, "1,"), (3, "2,")]


def test_shows_an_insertion_at_the_end_of_a_file():
    assert shown("a = 1\n", fix((6, 6, "b = 2\n"))) == [(2, "b = 2")]


def test_joins_lines_that_become_one():
    assert shown("a = (\n1\n)\nb\n", fix((4, 9, "1"))) == [(1, "a = 1")]


@pytest.mark.parametrize("edit", [(4, 99, "x"), (99, 99, "x")])
def test_shows_nothing_of_a_file_that_has_changed(edit):
    assert shown("a = 1\n", fix(edit)) == []


def test_points_at_what_changes():
    (line,) = preview("a = f(b)\n", fix((6, 7, "cc")), Edit("x.py", 6, 7, "cc"))
    assert line.text[line.start : line.end] == "cc"


def test_prefers_the_edit_beside_the_finding_to_an_import():
    changes = fix((0, 0, "import z\n"), (40, 41, "z"))
    place = Place("x.py", 38, 44, 4, 1, 4, 7)
    assert nearest_edit(changes, place).start == 40
    assert nearest_edit(changes, Place("y.py", 38, 44, 4, 1, 4, 7)).path == "x.py"
