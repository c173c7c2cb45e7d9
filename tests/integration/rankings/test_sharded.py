"""Boards in several parts, against a twin."""

import asyncio
import random

import pytest

from praxis.errors import RankingError
from praxis.rankings import Leaderboard, ShardedLeaderboard, Standing
from tests.integration.rankings.test_twin import plain
from tests.integration.rankings.twin import Twin

pytestmark = pytest.mark.redis


@pytest.mark.parametrize("order", ["desc", "asc"])
@pytest.mark.parametrize("different", [5, 100, 10**9])
def test_it_answers_what_its_twin_does(configured, order, different):
    rng = random.Random(f"{order} {different}")
    board, twin = ShardedLeaderboard("b", shards=5, order=order), Twin(order, "competition")
    scores = {n: rng.randrange(different) for n in range(1500)}
    assert board.submit_many(scores) == 1500
    twin.scores = dict(scores)
    board.submit(3, 17.5)
    twin.submit(3, 17.5)
    board.increment(4, 2)
    twin.increment(4, 2)
    assert board.remove(5) == twin.remove(5) is True
    assert not board.remove(5)
    assert board.size() == 1499
    assert plain(board.top(40)) == twin.page(0, 40)
    assert plain(board.page(700, 300)) == twin.page(700, 300)
    assert board.page(1400, 300)[-1].member == twin.sorted()[-1]
    some = [*range(0, 100, 9), 5]
    assert {m: plain(s) for m, s in board.standings(some).items()} == {
        m: twin.standing(m) for m in some
    }
    for member in (3, 4, 77, 500, twin.sorted()[0], twin.sorted()[-1]):
        found = board.around(member, 4)
        assert [(e.member, e.rank, e.score) for e in found] == twin.entries(
            [e.member for e in found]
        )
        assert member in [e.member for e in found]
        wanted = [score for _, _, score in twin.around(member, 4)]
        if different > 1000:
            assert [e.score for e in found] == wanted
    assert board.around(5) == []


def test_one_part_may_have_all_the_first_ones(configured):
    board = ShardedLeaderboard("b", shards=4)
    mine = [n for n in range(4000) if board._place(str(n).encode()) == 2][:400]
    board.submit_many({n: n for n in range(500)} | {n: 10_000 + n for n in mine})
    assert [e.member for e in board.top(300)] == sorted(mine, reverse=True)[:300]


def test_coroutines_do_as_threads_do(configured):
    board = ShardedLeaderboard("b", shards=3, period="year")

    async def use():
        await board.asubmit("a", 3)
        await board.asubmit("a", 1, best=True)
        await board.aincrement("b", 5)
        assert await board.asubmit_many({"c": 1, "d": 1}) == 2
        assert await board.aremove("d")
        assert await board.asize() == 3
        assert await board.astanding("a") == Standing("a", 2, 3, 1, 3)
        assert await board.astandings(["a", "x"]) == board.standings(["a", "x"])
        assert await board.atop(2) == board.top(2)
        assert await board.apage(1, 2) == board.page(1, 2)
        assert await board.aaround("a", 1) == board.around("a", 1)
        assert await board.arebuild([("z", 1)]) == 1
        assert board.size() == 1
        await board.aclear()

    asyncio.run(use())
    assert (board.size(), board.top(), board.standing("a")) == (0, [], None)


def test_a_rebuilding_reaches_all_parts(configured):
    board = ShardedLeaderboard("b", shards=4)
    board.submit_many({n: n for n in range(200)})
    assert board.rebuild((n, n) for n in range(100, 3000)) == 2900
    assert board.size() == 2900
    assert board.standing(50) is None
    assert board.standing(2999).rank == 1


def test_what_means_nothing_is_refused(configured):
    for shards in (1, 0, 1025, True, 2.0):
        with pytest.raises(RankingError, match="shards"):
            ShardedLeaderboard("b", shards=shards)
    board = ShardedLeaderboard("b")
    with pytest.raises(RankingError, match="ends at 10000"):
        board.page(9_900, 200)
    for act in (
        lambda: board.top(-1),
        lambda: board.around("a", -1),
        lambda: board.submit("a", "x"),
        lambda: board.submit(None, 1),
    ):
        with pytest.raises(RankingError):
            act()


def test_without_redis_it_is_empty_if_that_was_said(configured, server):
    configured(timeout_s=0.25, on_error="open")
    board = ShardedLeaderboard("b", shards=3)
    server.kill()
    assert (board.top(), board.standing("a"), board.around("a"), board.size()) == ([], None, [], 0)
    board.submit("a", 1)
    assert board.dropped == 1


def test_a_board_with_the_name_of_a_part_is_another_one(configured):
    board = ShardedLeaderboard("b", shards=2)
    board.submit_many({"a": 1, "b": 2, "c": 3})
    for part in board._parts():
        name = part.key.decode().partition("{")[2].partition("}")[0]
        assert Leaderboard(name).size() == 0
