"""Boards behind Sentinels and on a cluster, while servers come and go."""

import asyncio
import threading
import time

import pytest

from praxis import embedded
from praxis.errors import RedisUnavailableError, TooFewReplicasError
from praxis.rankings import Counter, Leaderboard, ShardedLeaderboard, UniqueCount
from praxis.redis import link
from praxis.redis.slots import key_slot
from tests.integration.redis.conftest import kill
from tests.integration.redis.test_cluster import command, migrate, sorted_by_owner
from tests.integration.redis_settings import address_of

pytestmark = pytest.mark.redis


@pytest.fixture
def group(configured):
    with embedded.redis_sentinel(replicas=1, down_after_s=0.5) as group:
        configured(url=address_of(group), timeout_s=1.0)
        yield group


@pytest.fixture(scope="module")
def shared_cluster():
    with embedded.redis_cluster(node_timeout_s=1.0) as cluster:
        yield cluster


@pytest.fixture
def cluster(shared_cluster, configured):
    shared_cluster.flush()
    configured(url=address_of(shared_cluster))
    return shared_cluster


def until_done(act):
    deadline = time.monotonic() + 30
    while True:
        try:
            return act()
        except RedisUnavailableError:
            assert time.monotonic() < deadline
            time.sleep(0.02)


class Adding:
    """A thread that adds one after the other, and counts what it was told of each."""

    def __init__(self, board, member, start, stop):
        self.board, self.member, self.start, self.stop = board, member, start, stop
        self.done = self.doubtful = self.failed = 0
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        self.start.wait()
        while not self.stop.is_set():
            try:
                self.board.increment(self.member)
                self.done += 1
            except RedisUnavailableError as error:
                self.doubtful += error.may_have_run
                self.failed += 1


def test_sums_that_were_acknowledged_survive_a_killed_master(group):
    """Each sum has reached a replica when the call returns; none is added twice."""
    board = Leaderboard("b", replicas=1, ties="first")
    until_done(lambda: board.submit("warm", 0))
    start, stop = threading.Barrier(4), threading.Event()
    adding = [Adding(board, f"m{n}", start, stop) for n in range(3)]
    start.wait()
    while min(each.done for each in adding) < 50:
        time.sleep(0.001)
    old = group.master
    kill(old)
    group.wait_for_other_master(old)
    until_done(board.size)
    stop.set()
    for each in adding:
        each.thread.join()
    for each in adding:
        score = until_done(lambda member=each.member: board.score(member))
        assert each.done <= score <= each.done + each.doubtful
        assert each.failed
    assert until_done(lambda: board.rank("warm")) == 4


def test_without_enough_replicas_nothing_counts_as_written(group):
    board = Leaderboard("b", replicas=1)
    assert board.submit("a", 1).rank == 1
    assert asyncio.run(board.asubmit("a", 2)).score == 2
    kill(group.replicas[0])
    for act in (lambda: board.submit("a", 3), lambda: asyncio.run(board.asubmit("a", 4))):
        with pytest.raises(TooFewReplicasError) as error:
            act()
        assert error.value.may_have_run
    assert board.score("a") == 4


@pytest.mark.parametrize("ties", ["competition", "dense", "first"])
def test_a_board_follows_its_slot_to_another_node(cluster, ties):
    board = Leaderboard(
        "m", ties=ties, period="year"
    )  # of the slot that `sorted_by_owner` asks for
    board.submit_many({n: n // 2 for n in range(100)})
    slot = key_slot(f"{{{board.name}}}")
    source, target = sorted_by_owner(cluster, slot)
    start, stop = threading.Barrier(2), threading.Event()
    adding = Adding(board, "x", start, stop)
    start.wait()
    ids = [command(node, "CLUSTER", "MYID") for node in (source, target)]
    command(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", ids[0])
    command(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", ids[1])
    try:
        while keys := command(source, "CLUSTER", "GETKEYSINSLOT", slot, 10):
            for key in keys:
                migrate(source, target, key)
    finally:
        for node in cluster.nodes[:3]:
            command(node, "CLUSTER", "SETSLOT", slot, "NODE", ids[1])
    moved_at = adding.done
    while adding.done < moved_at + 20:
        time.sleep(0.001)
    stop.set()
    adding.thread.join()
    assert board.score("x") == adding.done
    assert adding.doubtful == 0  # a node that has no key any more did nothing
    assert board.size() == 101
    assert link().session(board._board().key).node.address.port == target.port
    board.remove("x")
    first = {"competition": [1, 1, 3], "dense": [1, 1, 2], "first": [1, 2, 3]}[ties]
    assert [entry.rank for entry in board.top(3)] == first


def test_everything_works_on_a_cluster(cluster):
    for number in range(12):  # on all nodes
        for ties in ("competition", "dense", "first"):
            board = Leaderboard(f"b{number}", ties=ties, period="month")
            board.submit("a", 5)
            board.past().submit("a", 6)
            board.increment("b", 5)
            assert board.rebuild([("a", 5), ("b", 5), ("c", 1)]) == 3
            assert [e.member for e in board.around("c", 1)] == ["b", "c"]
            assert [one.score for one in board.history("a", 2).values()] == [5, 6]
    fading = Leaderboard("f", half_life_s=60)
    assert fading.increment("a").rank == 1
    board = ShardedLeaderboard("s", shards=12)
    assert board.submit_many({n: n for n in range(500)}) == 500
    assert [e.member for e in board.top(3)] == [499, 498, 497]
    assert board.standing(100).rank == 400
    assert [e.rank for e in asyncio.run(board.aaround(100, 1))] == [399, 400, 401]
    owners = {link().session(part.key).node.address for part in board._parts()}
    assert len(owners) == 3
    counter, unique = Counter("c", period="day"), UniqueCount("u", period="day")
    assert counter.add("a") == 1
    unique.add("a")
    unique.past().add("b")
    assert unique.count(periods=3) == 2


def test_a_lost_node_takes_its_part_of_the_board_until_another_takes_over(configured):
    with embedded.redis_cluster(node_timeout_s=1.0) as cluster:
        configured(url=address_of(cluster), timeout_s=1.0)
        board = ShardedLeaderboard("s", shards=6)
        board.submit_many({n: n for n in range(300)})
        for part in board._parts():
            link().session(part.key).call("WAIT", 1, 5000)
        address = link().session(board._parts()[0].key).node.address
        (node,) = [one for one in cluster.nodes if one.port == address.port]
        kill(node)
        with pytest.raises(RedisUnavailableError):
            board.size()
        assert until_done(board.size) == 300
        assert until_done(lambda: board.standing(0)).rank == 300
