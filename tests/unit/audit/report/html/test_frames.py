import re

import pytest

from praxis.audit.findings import Edit
from praxis.audit.report.difference import difference
from praxis.audit.report.html.frames import MAX_LINES, Frames, hunks

pytestmark = pytest.mark.usefixtures("rule")


def frame_of(outcome_of, text, *, around=True):
    outcome = outcome_of({"views.py": text})
    return Frames(outcome.audit.project).frame(outcome.findings[0].place, around=around)


def lines_of(frame):
    """(number, text) of each line, without its markup."""
    rows = re.findall(r'<span class="ln[^"]*" data-n="(\d*)">(.*?)\n</span>', frame, re.DOTALL)
    return [(number, re.sub("<[^>]+>", "", text)) for number, text in rows]


def test_frames_the_place_with_two_lines_around_it(outcome_of):
    frame = frame_of(outcome_of, "a\nb\nc\nx = bad(1)\nd\ne\nf\n")
    assert lines_of(frame) == [("2", "b"), ("3", "c"), ("4", "x = bad(1)"), ("5", "d"), ("6", "e")]
    assert re.sub("</?span[^>]*>", "", frame).count("<mark>bad(1)</mark>") == 1


def test_frames_one_line_alone(outcome_of):
    assert lines_of(frame_of(outcome_of, "a\nbad(1,\n2)\nb\n", around=False)) == [("2", "bad(1,")]


def test_takes_off_what_all_lines_are_indented_by(outcome_of):
    frame = frame_of(outcome_of, "def f():\n    if x:\n\n        bad(1)\n    y\n")
    assert lines_of(frame) == [("2", "if x:"), ("3", ""), ("4", "    bad(1)"), ("5", "y")]
    frame = frame_of(outcome_of, "if x:\n\tif y:\n\t\tbad(1)\n", around=False)
    assert lines_of(frame) == [("3", "bad(1)")]


def test_marks_every_line_of_the_place(outcome_of):
    frame = frame_of(outcome_of, "bad(\n    1,\n)\n")
    assert re.findall("<mark>(.*?)</mark>", frame) == [
        "bad(", '<span class="c-number">1</span>,', ")",
    ]  # fmt: skip


def test_a_long_place_is_cut(outcome_of):
    frame = frame_of(outcome_of, "bad(\n" + "    1,\n" * 30 + ")\n")
    assert len(lines_of(frame)) <= MAX_LINES + 2
    assert "… 20 more lines" in frame


def test_a_long_line_is_cut_around_the_mark(outcome_of):
    frame = frame_of(outcome_of, f"x = '{'a' * 5000}' + bad(1) + '{'b' * 5000}'\n")
    ((_, text),) = lines_of(frame)
    assert len(text) < 400
    assert "bad(1)" in text
    assert text[0] == text[-1] == "…"


def test_everything_is_escaped(outcome_of):
    frame = frame_of(outcome_of, "x = '</script><script>alert(1)</script>' + bad('<b>&')\n")
    assert "<script" not in frame
    assert "<b>" not in frame
    assert "&lt;/script&gt;" in frame


def test_a_file_that_changed_has_no_frame(outcome_of):
    outcome = outcome_of({"views.py": "bad(1)\n"})
    (outcome.audit.root.folder / "views.py").write_text("other\n")
    frames = Frames(outcome.audit.project)
    assert frames.frame(outcome.findings[0].place, around=True) is None
    assert frames.text("nowhere.py") is None


def test_a_difference_is_signed_numbered_and_readable_aloud():
    text = "a\n    b = old\nc\n"
    start = text.index("old")
    made = hunks(difference(text, [Edit("a.py", start, start + 3, "new<")]))
    assert '<span class="ln out" data-n="2"><span class="sr">removed: </span>' in made
    assert '<span class="ln in" data-n=""><span class="sr">added: </span>' in made
    assert "<mark>new&lt;</mark>" in made


def test_a_long_difference_is_cut():
    text = "x\n"
    made = hunks(difference(text, [Edit("a.py", 0, 0, "y\n" * 100)]))
    assert made.count('class="ln') == 30
    assert "… 71 more lines" in made
