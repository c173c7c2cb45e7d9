import random

import pytest

from praxis.audit.editing.edits import apply, overlap, together, with_line_ends_of
from praxis.audit.findings import Edit


def edit(start, end, text="", path="a.py"):
    return Edit(path, start, end, text)


def test_applies_edits_by_offset_whatever_their_order():
    assert apply("abcdef", [edit(4, 5, "E"), edit(0, 1, "A"), edit(2, 2, "-")]) == "Ab-cdEf"


def test_makes_equal_edits_once():
    assert apply("abc", [edit(0, 0, "import x\n"), edit(0, 0, "import x\n")]) == "import x\nabc"
    assert apply("abc", [edit(0, 2, "x"), edit(0, 2, "x")]) == "xc"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (edit(0, 3, "x"), edit(2, 4, "y")),
        (edit(0, 9, "x"), edit(2, 4, "y")),
        (edit(2, 2, "x"), edit(2, 2, "y")),
        (edit(2, 3, "x"), edit(2, 4, "y")),
        (edit(3, 3, "x"), edit(2, 4, "y")),
    ],
)
def test_refuses_edits_that_touch_each_other(one, other):
    assert overlap(one, other)
    assert overlap(other, one)
    with pytest.raises(ValueError, match="overlap"):
        apply("abcdefghij", [one, other])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (edit(0, 2, "x"), edit(2, 4, "y")),
        (edit(0, 2, "x"), edit(2, 2, "y")),
        (edit(2, 2, "x"), edit(2, 4, "y")),
        (edit(0, 2, "x"), edit(0, 2, "x")),
        (edit(0, 2, "x"), edit(0, 2, "y", path="b.py")),
    ],
)
def test_lets_edits_stand_side_by_side(one, other):
    assert not overlap(one, other)
    assert not overlap(other, one)


@pytest.mark.parametrize("outside", [edit(-1, 0), edit(2, 9), edit(3, 2)])
def test_refuses_an_edit_outside_of_the_text(outside):
    with pytest.raises(ValueError, match="outside"):
        apply("abc", [outside])


def test_writes_the_line_ends_of_the_file():
    assert with_line_ends_of("a\r\nb", edit(0, 0, "x\ny\r\n")).text == "x\r\ny\r\n"
    assert with_line_ends_of("a\nb\r\n", edit(0, 0, "x\ny\r\n")).text == "x\ny\r\n"
    assert with_line_ends_of("a", edit(0, 0, "x\n")).text == "x\n"


def test_agrees_with_rebuilding_the_text_piece_by_piece():
    chance = random.Random(20)
    for _ in range(300):
        pieces = ["".join(chance.choices("ab\né漢🛒", k=chance.randint(1, 4))) for _ in range(8)]
        edits, expected, position = [], [], 0
        for number, piece in enumerate(pieces):
            if number % 2 and chance.random() < 0.8:
                edits.append(edit(position, position + len(piece), f"<{number}>"))
                expected.append(f"<{number}>")
            else:
                expected.append(piece)
            position += len(piece)
        chance.shuffle(edits)
        assert apply("".join(pieces), edits) == "".join(expected)


def test_joins_what_is_inserted_at_one_place():
    edits = [edit(3, 3, "a"), edit(5, 6, "x"), edit(3, 3, "b"), edit(3, 4, "y")]
    assert together(edits) == (edit(3, 3, "ab"), edit(5, 6, "x"), edit(3, 4, "y"))
