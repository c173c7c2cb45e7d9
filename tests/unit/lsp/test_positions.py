import pytest

from praxis.lsp.positions import UNITS, Positions

TEXT = "a\n😀é = b\r\nc\rd"


@pytest.mark.parametrize("encoding", UNITS)
def test_an_offset_comes_back(encoding):
    positions = Positions(TEXT, encoding)
    for offset in range(len(TEXT) + 1):
        if TEXT[offset - 1 : offset + 1] == "\r\n":
            continue  # between the two characters of a line end is no position
        assert positions.offset(**positions.position(offset)) == offset


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 6), ("utf-16", 3), ("utf-32", 2)])
def test_counts_in_units_of_the_encoding(encoding, column):
    offset = TEXT.index(" =")
    assert Positions(TEXT, encoding).position(offset) == {"line": 1, "character": column}


def test_every_line_end_of_python_ends_a_line():
    positions = Positions(TEXT, "utf-16")
    assert positions.position(len(TEXT)) == {"line": 3, "character": 1}
    assert positions.position(TEXT.index("c"))["line"] == 2


@pytest.mark.parametrize(
    ("line", "character", "offset"),
    [(0, 99, 1), (1, 99, 8), (99, 0, len(TEXT)), (3, 99, len(TEXT))],
)
def test_a_position_past_the_end_is_the_end(line, character, offset):
    assert Positions(TEXT, "utf-16").offset(line, character) == offset


def test_a_position_inside_of_a_character_does_no_harm():
    assert Positions("😀x", "utf-16").offset(0, 1) in {0, 1}
