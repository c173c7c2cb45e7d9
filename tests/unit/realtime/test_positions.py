import pytest

from praxis.realtime.positions import Position, format_id, read_id


def test_reads_what_it_writes():
    positions = [Position(1_795_854_797_221, 12), None, Position(5, 0)]
    assert format_id(positions) == "1795854797221-12._.5-0"
    assert read_id(format_id(positions), 3) == positions


@pytest.mark.parametrize(
    "text",
    ["", "1", "1-", "-1", "1-2-3", "1-2.", "a-b", "1-2.3-4", "٣-1", "1-1\n", " 1-1",
     "9" * 16 + "-1", "1-2" * 1000, "__", "\0"],
)  # fmt: skip
def test_anything_else_is_no_id(text):
    assert read_id(text, 1) is None


def test_an_id_of_other_channels_is_none():
    assert read_id("1-2.3-4", 2) is not None
    assert read_id("1-2.3-4", 3) is None


def test_a_later_epoch_is_greater():
    assert Position(2, 0) > Position(1, 99)
