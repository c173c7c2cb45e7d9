"""A link to a cluster: it finds the node of a key, follows moving slots, and survives a master."""

import asyncio
import time

import pytest

from praxis import embedded
from praxis.errors import RedisKeysError, RedisRefusedError, RedisUnavailableError
from praxis.redis import Script
from praxis.redis.slots import SLOTS, key_slot
from tests.integration.redis.conftest import INCREMENT, kill

pytestmark = pytest.mark.redis

BOTH = Script("return {redis.call('INCR', KEYS[1]), redis.call('INCR', KEYS[2])}")


@pytest.fixture(scope="module")
def shared_cluster():
    with embedded.redis_cluster(node_timeout_s=1.0) as cluster:
        yield cluster


@pytest.fixture
def cluster(shared_cluster):
    shared_cluster.flush()
    return shared_cluster


@pytest.fixture
def own_cluster():
    """For a test that changes its masters."""
    with embedded.redis_cluster(node_timeout_s=1.0) as cluster:
        yield cluster


class Waiting:
    """An `AsyncLink` that is used as a `Link` is: each call is run on a loop of its own."""

    def __init__(self, link, runner):
        self._link, self._runner = link, runner

    def __getattr__(self, name):
        return lambda *args, **options: self._runner.run(
            getattr(self._link, name)(*args, **options)
        )


@pytest.fixture(params=["threads", "coroutines"])
def either_link(request, make_link, make_async_link):
    """What makes a link of either kind: all that is said here holds for both."""
    if request.param == "threads":
        yield make_link
    else:
        with asyncio.Runner() as runner:
            yield lambda url, **options: Waiting(make_async_link(url, **options), runner)


@pytest.fixture
def link(cluster, either_link):
    node = cluster.nodes[5]  # a replica knows the others as well
    return either_link(f"redis+cluster://:{node.password}@{node.host}:{node.port}", probe_s=0.2)


def test_finds_the_node_of_each_key(link, cluster):
    names = [f"k{number}" for number in range(60)]
    for name in names:
        assert link.run(INCREMENT, [name]) == 1
        assert link.call("GET", name) == b"1"
        assert link.call("XADD", name + "s", "*", "a", 1)
    assert len({link.incarnation(name) for name in names}) == 3
    assert link.run_many([(INCREMENT, [name], ()) for name in names]) == [2] * 60
    with cluster.client() as client:
        assert [client.get(name) for name in names] == ["2"] * 60


def test_keys_of_one_call_must_be_in_one_slot(link):
    assert link.run(BOTH, ["{a}1", "{a}2"]) == [1, 1]
    with pytest.raises(RedisKeysError, match="in 2 slots"):
        link.run(BOTH, ["a1", "a2"])
    with pytest.raises(RedisKeysError, match="in 2 slots"):
        link.run_many([(BOTH, ["a1", "a2"], ())])
    with pytest.raises(RedisKeysError, match="has no keys"):
        link.run_many([(Script("return 1"), [], ())])


def test_a_session_that_is_told_of_another_node_is_followed_by_one_there(link):
    right = link.session("n").node.address
    other = next(
        address
        for name in map(str, range(99))
        if (address := link.session(name).node.address) != right
    )
    route_of(link).moved(key_slot("n"), other)  # as after a migration that nobody told us of
    assert link.session("n").node.address == other
    with pytest.raises(RedisRefusedError) as caught:
        run_in_session(link, "n")
    assert (caught.value.code, caught.value.may_have_run) == ("MOVED", False)
    assert link.session("n").node.address == right
    assert run_in_session(link, "n") == 1


def test_a_plain_link_says_that_it_is_a_cluster(cluster, make_link):
    link = make_link(cluster.nodes[0].url)
    elsewhere = next(name for name in map(str, range(99)) if key_slot(name) > SLOTS // 2)
    with pytest.raises(RedisUnavailableError, match=r"redis\+cluster://"):
        link.call("GET", elsewhere)


def test_follows_a_slot_that_moves(link, cluster):
    """Every state of a migration: some keys here, some there, all there, the map changed."""
    slot = key_slot("{m}")
    source, target = sorted_by_owner(cluster, slot)
    link.run(INCREMENT, ["{m}1"])
    link.run(INCREMENT, ["{m}2"])
    ids = [command(node, "CLUSTER", "MYID") for node in (source, target)]
    command(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", ids[0])
    command(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", ids[1])
    try:
        migrate(source, target, "{m}1")
        assert link.run(INCREMENT, ["{m}1"]) == 2  # ASK, and the script is not there yet
        assert link.run(INCREMENT, ["{m}1"]) == 3
        assert link.call("GET", "{m}1") == b"3"
        assert link.run(INCREMENT, ["{m}2"]) == 2  # still here
        with pytest.raises(RedisUnavailableError) as caught:
            link.run(BOTH, ["{m}1", "{m}2"])  # TRYAGAIN: one is here, the other there
        assert (caught.value.code, caught.value.may_have_run) == ("TRYAGAIN", False)
        calls = [(INCREMENT, [key], ()) for key in ("{m}1", "{m}2", "other", "{m}1")]
        assert link.run_many(calls) == [4, 3, 1, 5]
        migrate(source, target, "{m}2")
        assert link.run(BOTH, ["{m}1", "{m}2"]) == [6, 4]
    finally:
        for node in cluster.nodes[:3]:
            command(node, "CLUSTER", "SETSLOT", slot, "NODE", ids[1])
    before = link.session("{m}1")
    assert link.run(INCREMENT, ["{m}1"]) == 7  # MOVED
    after = link.session("{m}1")
    assert after.node.address.port == target.port
    assert after.incarnation != before.incarnation
    assert link.run_many(calls) == [8, 5, 2, 9]


@pytest.mark.parametrize("end", ["killed", "hung"])
def test_a_slot_is_served_again_when_its_replica_was_promoted(own_cluster, make_link, end):
    cluster = own_cluster
    url = cluster.url.replace("redis://", "redis+cluster://")
    link = make_link(url, probe_s=0.2, timeout_s=0.5)
    link.run(INCREMENT, ["n"])
    before = link.session("n")
    master = next(n for n in cluster.nodes if n.port == before.node.address.port)
    with master.client() as client:
        client.wait(1, 5000)
    other = next(f"o{i}" for i in range(99) if link.incarnation(f"o{i}") != before.incarnation)
    if end == "killed":
        kill(master, before)
    else:
        master.pause()
    errors, deadline = [], time.monotonic() + 40
    while True:
        try:
            answer = link.run(INCREMENT, ["n"])
            break
        except RedisUnavailableError as error:
            errors.append(error)
            assert time.monotonic() < deadline
            time.sleep(0.02)
    assert answer == 2
    assert errors
    # Of a server that hangs the first call may still be carried out: once, when it goes on.
    assert sum(error.may_have_run for error in errors) == (end == "hung")
    assert link.incarnation("n") != before.incarnation
    assert link.run(INCREMENT, [other])


def route_of(link):
    return (link._link if isinstance(link, Waiting) else link)._route


def run_in_session(link, key):
    answer = link.session(key).run(INCREMENT, [key])
    return link._runner.run(answer) if isinstance(link, Waiting) else answer


def sorted_by_owner(cluster, slot):
    """Return the master that has a slot, and another master."""
    masters = []
    for node in cluster.nodes:
        with node.client() as client:
            if client.info("replication")["role"] == "master":
                masters.append(node)
    with cluster.client() as client:
        port = client.get_node_from_key("{m}").port
    return sorted(masters, key=lambda node: node.port != port)[:2]


def migrate(source, target, key):
    words = ["MIGRATE", target.host, target.port, key, 0, 5000, "AUTH", target.password]
    assert command(source, *words) == "OK"


def command(node, *words):
    with node.client() as client:
        return client.execute_command(
            " ".join(words[:2]) if words[0] == "CLUSTER" else words[0],
            *words[2 if words[0] == "CLUSTER" else 1 :],
        )
