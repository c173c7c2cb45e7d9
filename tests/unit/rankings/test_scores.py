import pytest

from praxis.errors import RankingError
from praxis.rankings.scores import (
    demand_count,
    demand_name,
    demand_score,
    read_member,
    read_score,
    write_member,
    write_members,
)


@pytest.mark.parametrize(
    "member",
    [0, -7, 2**70, "a", "17", "-3", "'", "''", "'17", "١٢", "ünï", "a\0b", "1.5", "{x}", "+1"],
)
def test_members_come_back_as_they_were(member):
    found = read_member(write_member(member))
    assert found == member
    assert type(found) is type(member)


def test_a_number_and_its_text_are_two():
    assert write_member(17) != write_member("17")


@pytest.mark.parametrize(
    "member",
    [
        "",
        None,
        True,
        1.5,
        b"x",
        ("a",),
        "x" * 201,
        "é" * 101,
        10**201,
        pytest.param(10**9000, id="huge"),
        pytest.param("\ud800", id="half"),
    ],
)
def test_what_is_no_member_is_refused(member):
    with pytest.raises(RankingError, match="member"):
        write_member(member)


def test_a_text_is_not_several_members():
    with pytest.raises(RankingError, match="one text"):
        write_members("abc")
    with pytest.raises(RankingError, match="at most 1000"):
        write_members(range(1001))


def test_what_somebody_else_wrote_can_be_read():
    assert read_member(b"\xff\xfe") == "\ufffd\ufffd"
    assert read_member(b"") == ""


@pytest.mark.parametrize("score", [0, -1, 1.5, 2**53 - 1, 1 - 2**53, 5e-324])
def test_scores_are_what_they_are(score):
    assert demand_score(score) == score


@pytest.mark.parametrize(
    "score",
    [
        float("nan"),
        float("inf"),
        float("-inf"),
        True,
        False,
        None,
        "1",
        2**53,
        -(2**53),
        pytest.param(10**5000, id="huge"),
        1e16,
        1j,
    ],
)
def test_what_is_no_exact_score_is_refused(score):
    with pytest.raises(RankingError, match="score"):
        demand_score(score)


def test_whole_scores_are_ints():
    assert repr(read_score(b"-3", -1.0)) == "3"
    assert repr(read_score(b"0", -1.0)) == "0"
    assert repr(read_score(b"1.5", 1.0)) == "1.5"
    assert read_score(b"inf", 1.0) == float("inf")


@pytest.mark.parametrize("name", ["", "a{b", "a}b", "a\nb", "x" * 151, None, 5])
def test_names_that_cannot_be_in_a_key_are_refused(name):
    with pytest.raises(RankingError, match="name"):
        demand_name(name)


@pytest.mark.parametrize("count", [-1, 11, True, 1.0, None])
def test_counts_have_a_range(count):
    with pytest.raises(RankingError, match="n is a whole number from 0 to 10"):
        demand_count(count, least=0, most=10, what="n")
