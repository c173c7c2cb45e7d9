"""Boards that are built anew while they are used."""

import asyncio
import threading

import pytest

from praxis.errors import RankingError, RankingStateError
from praxis.rankings import Leaderboard
from praxis.redis import link

pytestmark = pytest.mark.redis
TIES = ["competition", "dense", "first"]


def pairs(board):
    return [(entry.member, entry.rank, entry.score) for entry in board.page(0, 1000)]


@pytest.mark.parametrize("ties", TIES)
def test_readers_see_the_old_board_until_it_is_done(configured, ties):
    board, seen = Leaderboard("b", ties=ties), []
    board.submit_many({"old": 5, "both": 1})

    def rows():
        yield from ((n, n) for n in range(2500))
        seen.append(pairs(board))
        yield "both", 9999

    assert board.rebuild(rows()) == 2501
    assert seen == [[("old", 1, 5), ("both", 2, 1)]]
    assert board.size() == 2501
    assert pairs(board)[:2] == [("both", 1, 9999), (2499, 2, 2499)]
    assert not link().call("KEYS", "*:n*")
    assert not link().call("KEYS", "*:m*")


@pytest.mark.parametrize("ties", TIES)
def test_what_is_written_meanwhile_is_not_lost(configured, ties):
    board = Leaderboard("b", ties=ties)
    board.submit_many({"stays": 1, "changed": 1, "gone": 1, "added": 4})

    def rows():
        yield from {"stays": 2, "changed": 3, "gone": 4, "added": 5, "tied": 50}.items()
        yield from ((f"filler {n}", 0) for n in range(1000))
        board.submit("changed", 50)
        board.remove("gone")
        board.increment("added")
        board.submit("new", 50)
        yield "last", 1

    board.rebuild(rows())
    found = {member: score for member, _, score in pairs(board)}
    filler = [f"filler {n}" for n in range(1000)]
    board.remove(*filler)
    expected = {"tied": 50, "changed": 50, "new": 50, "added": 5, "stays": 2, "last": 1}
    assert {m: s for m, _, s in pairs(board)} == expected
    assert "gone" not in found
    ranks = {"competition": [1, 1, 1, 4, 5, 6], "dense": [1, 1, 1, 2, 3, 4]}
    assert [rank for _, rank, _ in pairs(board)] == ranks.get(ties, [1, 2, 3, 4, 5, 6])
    if ties == "first":  # what is in the database was there before what came meanwhile
        assert [m for m, _, _ in pairs(board)][:3] == ["tied", "changed", "new"]
        board.submit("even later", 50)
        assert [m for m, _, _ in pairs(board)][3] == "even later"


@pytest.mark.parametrize("ties", TIES)
def test_writers_that_never_stop_lose_nothing(configured, ties, monkeypatch):
    """They commit to a dict, as to a database, and then write; the rows are those of the dict."""
    monkeypatch.setattr("praxis.rankings.rebuilding.MOST", 50)  # so that it has to catch up often
    board, committed, stop = Leaderboard("b", ties=ties), {}, threading.Event()
    start = threading.Barrier(4)

    def work(number):
        start.wait()
        turn = 0
        while not stop.is_set():
            turn += 1
            committed[f"{number} {turn}"] = turn % 90
            board.submit(f"{number} {turn}", turn % 90)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    start.wait()

    def rows():  # read when the rebuilding has begun
        yield from list(committed.items())

    for _ in range(10):
        board.rebuild(rows())
    stop.set()
    for thread in threads:
        thread.join()
    found = [row for place in range(0, board.size(), 1000) for row in board.page(place, 1000)]
    assert {entry.member: entry.score for entry in found} == committed
    if ties == "dense":
        ranks = {s: at for at, s in enumerate(sorted(set(committed.values()), reverse=True), 1)}
        assert all(entry.rank == ranks[entry.score] for entry in found)
    if ties == "first":
        assert [entry.rank for entry in found] == list(range(1, len(committed) + 1))


def test_one_at_a_time(configured):
    board = Leaderboard("b")
    board.submit("a", 1)

    def rows():
        yield "b", 2
        with pytest.raises(RankingStateError, match="Another rebuilding"):
            board.rebuild([("c", 3)])

    assert board.rebuild(rows()) == 1
    assert pairs(board) == [("b", 1, 2)]


def test_one_that_fails_leaves_the_board_as_it_was(configured):
    board = Leaderboard("b")
    board.submit("a", 1)

    def rows():
        yield from ((n, n) for n in range(1500))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        board.rebuild(rows())
    for bad in ([("x", float("nan"))], [(None, 1)]):
        with pytest.raises(RankingError):
            board.rebuild(bad)
        with pytest.raises(RankingError):
            asyncio.run(board.arebuild(bad))
    assert pairs(board) == [("a", 1, 1)]
    assert len(link().call("KEYS", "*")) == 1
    assert board.rebuild([("b", 1)]) == 1


def test_one_that_was_given_up_is_told(configured):
    board = Leaderboard("b")

    def rows():
        yield "a", 1
        board.clear()  # which is also how to get rid of a rebuilding that hangs
        board.submit("b", 2)

    with pytest.raises(RankingStateError, match="not heard of"):
        board.rebuild(rows())
    assert pairs(board) == [("b", 1, 2)]


@pytest.mark.parametrize("ties", TIES)
def test_nothing_is_an_empty_board(configured, ties):
    board = Leaderboard("b", ties=ties)
    board.submit("a", 1)
    assert board.rebuild([]) == 0
    assert board.top() == []
    assert board.submit("a", 1).rank == 1


@pytest.mark.parametrize("ties", TIES)
def test_one_of_a_period_ends_with_it(configured, ties):
    board = Leaderboard("b", period="day", keep_periods=1, ties=ties, keep=5)
    board.rebuild((n, n % 7) for n in range(20))
    assert board.size() == 5
    keys = link().call("KEYS", "*")
    assert all(link().call("PTTL", key) > 0 for key in keys)
    board.submit("a", 99)
    assert board.rank("a") == 1


def test_scores_that_fade_count_as_of_now(configured):
    board = Leaderboard("b", half_life_s=3600)
    board.submit("a", 1)
    board.rebuild([("b", 5), ("c", 7)])
    board.increment("b", 5)
    assert [(e.member, round(e.score, 1)) for e in board.top()] == [("b", 10.0), ("c", 7.0)]


def test_of_a_member_that_comes_twice_the_last_one_counts(configured):
    board = Leaderboard("b", ties="first")
    board.rebuild([("a", 1), ("b", 1), ("a", 1), ("c", 1), ("a", 2)])
    assert pairs(board) == [("a", 1, 2), ("b", 2, 1), ("c", 3, 1)]
