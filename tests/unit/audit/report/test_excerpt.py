import pytest
from rich.cells import cell_len

from praxis.audit.file import line_starts, place_between
from praxis.audit.report.excerpt import Excerpts


def excerpt(text, found, width=60, max_lines=4):
    """The lines around *found* as (text, what the marks stand under)."""
    start = text.index(found)
    place = place_between("x.py", line_starts(text), start, start + len(found))
    lines = Excerpts(text).lines(place, width, max_lines)
    assert all(cell_len(line.text) <= width for line in lines)
    return [(line.text, under_mark(line)) for line in lines]


def under_mark(line):
    """The part of the shown line that the mark's cells cover, counted as a terminal does."""
    start, width = line.mark
    position, covered = 0, ""
    for character in line.text:
        if start <= position < start + width:
            covered += character
        position += cell_len(character)
    return covered


@pytest.mark.parametrize(
    ("text", "found", "shown"),
    [
        ("x = bad(1)\n", "bad(1)", "x = bad(1)"),
        ("x = bad(1)\r\n", "bad(1)", "x = bad(1)"),
        ("x = bad(1)", "bad(1)", "x = bad(1)"),
        ("\tx = bad(1)\n", "bad(1)", "    x = bad(1)"),
        ("ab\tbad(1)\n", "bad(1)", "ab  bad(1)"),
        ("abcd\tbad(1)\n", "bad(1)", "abcd    bad(1)"),
        ('x = "日本語", bad(1)\n', "bad(1)", 'x = "日本語", bad(1)'),
        ("x = 'e\u0301', bad(1)\n", "bad(1)", "x = 'e\u0301', bad(1)"),
        ("x = 'ünï', bad(1)\n", "bad(1)", "x = 'ünï', bad(1)"),
        ("x = '\x1b[31m', bad(1)\n", "bad(1)", "x = '␛[31m', bad(1)"),
        ("x = '\u202e', bad(1)\n", "bad(1)", "x = '\ufffd', bad(1)"),
        ("\ufeffbad(1)\n", "bad(1)", "bad(1)"),
    ],
)
def test_marks_the_place_in_cells(text, found, shown):
    assert excerpt(text, found) == [(shown, found)]


def test_marks_wide_characters_over_their_whole_width():
    text = "x = f(日本)\n"
    start = text.index("日")
    place = place_between("x.py", line_starts(text), start, start + 2)
    (line,) = Excerpts(text).lines(place, 60)
    assert line.mark == (6, 4)


def test_shows_every_line_of_a_span():
    text = "x = bad(\n    1,\n)  # end\n"
    assert excerpt(text, "bad(\n    1,\n)") == [
        ("x = bad(", "bad("),
        ("    1,", "1,"),
        (")  # end", ")"),
    ]


def test_shows_the_first_lines_of_a_long_span():
    body = "bad(\n" + "    1,\n" * 50 + ")"
    assert len(excerpt(f"x = {body}\n", body, max_lines=4)) == 4


@pytest.mark.parametrize("before", [0, 30, 200])
@pytest.mark.parametrize("after", [0, 30, 200])
def test_cuts_a_long_line_around_the_place(before, after):
    text = f"{'a' * before} bad(1) {'b' * after}\n"
    ((shown, marked),) = excerpt(text, "bad(1)", width=40)
    assert marked == "bad(1)"
    assert shown.startswith("…") == (before == 200 or (before == 30 and after > 0))
    if after == 200:
        assert shown.endswith("…")


def test_cuts_a_long_line_of_wide_characters():
    ((_, marked),) = excerpt(f"x = '{'日' * 100}', bad(1), '{'本' * 100}'\n", "bad(1)", width=41)
    assert marked == "bad(1)"


def test_cuts_a_place_that_is_longer_than_the_line():
    found = f"bad('{'x' * 500}')"
    ((shown, marked),) = excerpt(f"y = {found}\n", found, width=40)
    assert marked.startswith("bad('xxx")
    assert shown.endswith("…")


def test_marks_an_empty_place_with_one_caret():
    text = "x = 1\n"
    for offset in (0, 3, len(text) - 1, len(text)):
        place = place_between("x.py", line_starts(text), offset, offset)
        (line,) = Excerpts(text).lines(place, 60)
        assert line.mark[1] == 1


def test_copes_with_a_text_that_became_shorter():
    place = place_between("x.py", line_starts("a\nb\nccc ddd"), 8, 11)
    assert Excerpts("a\n").lines(place, 60) == []
    (line,) = Excerpts("a\nb\nc").lines(place, 60)
    assert line.text == "c"
