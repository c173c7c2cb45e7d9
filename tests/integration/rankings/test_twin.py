"""Boards against their twins in Python, over many random histories."""

import random

import msgspec
import pytest

from praxis.rankings import Leaderboard
from tests.integration.rankings.twin import Twin

pytestmark = pytest.mark.redis
TIES = ["competition", "dense", "first"]
MEMBERS = [*range(1, 9), "ada", "bob", "'x", "12", "-3", -3, "ünï", "a b", "{c}"]
SCORES = [0, 1, 2, 2.5, -1, 1e-9, 0.1, 2**53 - 1, 1 - 2**53, 2**53 - 2, 0.1 + 0.2]


def plain(rows):
    if isinstance(rows, list):
        return [msgspec.structs.astuple(row) for row in rows]
    return None if rows is None else msgspec.structs.astuple(rows)


def step(rng, board, twin):
    """Do something to both, and hold the answers against each other."""
    member, score = rng.choice(MEMBERS), rng.choice(SCORES)
    what = rng.choice(["set", "best", "add", "remove", "top", "page", "around", "among", "many"])
    if what in {"set", "best"}:
        best = what == "best"
        return what, plain(board.submit(member, score, best=best)), twin.submit(member, score, best)
    if what == "add":
        by = rng.choice([1, -1, 3, 0])
        if abs(twin.scores.get(member, 0) + by) >= 2**53:
            return what, None, None
        return what, plain(board.increment(member, by)), twin.increment(member, by)
    if what == "remove":
        return what, board.remove(member), twin.remove(member)
    if what == "top":
        return what, plain(board.top(5)), twin.page(0, 5)
    if what == "page":
        offset, count = rng.randrange(12), rng.randint(1, 8)
        return what, plain(board.page(offset, count)), twin.page(offset, count)
    if what == "around":
        count = rng.randrange(4)
        return what, plain(board.around(member, count)), twin.around(member, count)
    some = rng.sample(MEMBERS, 6)
    if what == "among":
        return what, plain(board.among([*some, some[0]])), twin.among(some)
    found = board.standings(some)
    return what, {m: plain(s) for m, s in found.items()}, {m: twin.standing(m) for m in some}


@pytest.mark.parametrize("keep", [0, 6])
@pytest.mark.parametrize("order", ["desc", "asc"])
@pytest.mark.parametrize("ties", TIES)
def test_a_board_answers_what_its_twin_does(configured, ties, order, keep):
    for seed in range(20):
        rng = random.Random(f"{ties} {order} {keep} {seed}")
        board, twin = (
            Leaderboard(f"b{seed}", order=order, ties=ties, keep=keep),
            Twin(order, ties, keep),
        )
        for number in range(120):
            what, found, wanted = step(rng, board, twin)
            assert found == wanted, (seed, number, what)
        assert board.size() == len(twin.scores)
        assert plain(board.page(0, 100)) == twin.page(0, 100)


@pytest.mark.parametrize("ties", TIES)
def test_many_at_once_are_one_after_the_other(configured, ties):
    for seed in range(10):
        rng = random.Random(f"{ties} {seed}")
        board, twin = Leaderboard(f"b{seed}", ties=ties), Twin("desc", ties)
        for _ in range(10):
            scores = {m: rng.choice([0, 1, 2, 3]) for m in rng.sample(MEMBERS, 7)}
            best = rng.random() < 0.5
            before = dict(twin.scores)
            for member, score in scores.items():
                twin.submit(member, score, best)
            changed = sum(before.get(m) != twin.scores[m] for m in scores)
            assert board.submit_many(scores, best=best) == changed
            assert plain(board.top(100)) == twin.page(0, 100)
            board.increment_many(dict.fromkeys(scores, 2))
            for member in scores:
                twin.increment(member, 2)
        assert plain(board.top(100)) == twin.page(0, 100)
