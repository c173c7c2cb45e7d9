import pytest

from praxis.audit.findings import Edit
from praxis.audit.report.difference import Sign, difference

TEXT = "".join(f"line{number}\n" for number in range(1, 21))


def replace(text, old, new):
    start = text.index(old)
    return Edit("a.py", start, start + len(old), new)


def shown(hunks):
    return [[f"{line.sign}{line.text}" for line in hunk] for hunk in hunks]


def test_shows_a_changed_line_with_the_lines_around_it():
    (hunk,) = difference(TEXT, [replace(TEXT, "line5", "LINE5")])
    assert shown([hunk]) == [[" line4", "-line5", "+LINE5", " line6"]]
    assert [line.number for line in hunk] == [4, 5, None, 6]


def test_marks_what_differs():
    text = "x = orders.all()\n"
    (hunk,) = difference(text, [replace(text, "all()", "all().only('a')")])
    out, new = hunk
    assert out.text[out.start : out.end] == ""
    assert new.text[new.start : new.end] == ".only('a')"


def test_keeps_edits_apart_that_are_far_from_each_other():
    edits = [replace(TEXT, "line2", "x"), replace(TEXT, "line15", "y")]
    assert shown(difference(TEXT, edits)) == [
        [" line1", "-line2", "+x", " line3"],
        [" line14", "-line15", "+y", " line16"],
    ]


def test_puts_edits_together_that_are_close():
    edits = [replace(TEXT, "line5", "x"), replace(TEXT, "line8", "y")]
    assert shown(difference(TEXT, edits)) == [
        [" line4", "-line5", "+x", " line6", " line7", "-line8", "+y", " line9"]
    ]


def test_shows_new_and_deleted_lines():
    edits = [Edit("a.py", 0, 0, "import os\n"), replace(TEXT, "line20\n", "")]
    assert shown(difference(TEXT, edits)) == [
        ["+import os", " line1", " line2"],
        [" line19", "-line20"],
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_do_not_show(end):
    text = TEXT.replace("\n", end)
    (hunk,) = difference(text, [replace(text, "line5", "x")])
    assert shown([hunk]) == [[" line4", "-line5", "+x", " line6"]]


@pytest.mark.parametrize("text", ["x", "", "x\n"])
def test_does_with_the_smallest_texts(text):
    assert difference(text, [Edit("a.py", len(text), len(text), "y")])


def test_says_nothing_where_the_edits_do_not_fit():
    assert difference("x\n", [Edit("a.py", 5, 9, "y")]) == []
    assert difference("abcdef\n", [Edit("a.py", 0, 4, "y"), Edit("a.py", 2, 5, "z")]) == []


def test_signs_are_what_they_look_like():
    assert [Sign.KEPT, Sign.OUT, Sign.IN] == [" ", "-", "+"]
