import pytest

from praxis.databases.positions import (
    UNKNOWN,
    Position,
    end_of_record,
    format_lsn,
    parse_lsn,
    timeline_of,
)

MB = 1024 * 1024


@pytest.mark.parametrize("text", ["0/0", "0/5000028", "16/B374D848", "FFFFFFFF/FFFFFFFF"])
def test_an_lsn_is_read_and_written_as_postgresql_does(text):
    assert format_lsn(parse_lsn(text)) == text


@pytest.mark.parametrize(
    "text", ["", "0", "0/", "/1", "0/1/2", "g/1", "0/123456789", " 0/1", "\u0660/1"]
)
def test_what_is_no_lsn_is_refused(text):
    with pytest.raises(ValueError, match="no position"):
        parse_lsn(text)


@pytest.mark.parametrize(
    ("inserted", "replayed"),
    [
        ("0/5000028", "0/5000000"),  # the first page of a segment, still empty
        ("0/5002018", "0/5002000"),  # any other page
        ("0/5000018", "0/5000018"),  # no position that such a page can have
        ("0/5002028", "0/5002028"),  # the rest of a record that began on the page before
        ("0/5002020", "0/5002020"),
        ("0/5002000", "0/5002000"),
        ("0/5001FF8", "0/5001FF8"),
    ],
)
def test_the_header_of_an_empty_page_does_not_count(inserted, replayed):
    assert format_lsn(end_of_record(parse_lsn(inserted))) == replayed


def test_other_sizes_of_segments_and_pages_count():
    at = 64 * MB + 16 * MB
    assert end_of_record(at + 40) == at
    assert end_of_record(at + 40, segment_bytes=64 * MB) == at + 40
    assert end_of_record(at + 24, segment_bytes=64 * MB) == at
    assert end_of_record(8192 + 24, page_bytes=16384) == 8192 + 24


@pytest.mark.parametrize(
    ("replayed", "wanted", "shows"),
    [
        ((1, 100), (1, 100), True),
        ((1, 99), (1, 100), False),
        ((2, 100), (1, 100), True),
        ((1, 500), (2, 100), False),  # it did not follow the promotion
        ((2, 99), (1, 100), False),
    ],
)
def test_a_position_shows_what_is_before_it_on_its_history(replayed, wanted, shows):
    assert Position(*replayed).shows(Position(*wanted)) is shows


def test_a_later_timeline_is_later():
    assert max(Position(1, 100), Position(2, 90)) == Position(2, 90)
    assert max(Position(7, 2**60), UNKNOWN) is UNKNOWN


def test_the_timeline_is_read_from_the_name_of_a_segment():
    assert timeline_of("0000001A000000010000002C") == 26
