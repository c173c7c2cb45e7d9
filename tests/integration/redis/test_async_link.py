"""The link for coroutines: what is said of `Link` holds, with one connection for all tasks."""

import asyncio
import gc
import os
import subprocess
import sys

import pytest

from praxis import embedded
from praxis.errors import (
    IncarnationChangedError,
    RedisKeysError,
    RedisRefusedError,
    RedisReplyError,
    RedisUnavailableError,
)
from praxis.redis import Script
from tests.integration.redis.conftest import INCREMENT, kill
from tests.integration.redis.test_cluster import BOTH
from tests.integration.redis.test_failures import SLOW, FakeServer, count, wait_until
from tests.integration.redis.test_link import ECHO, connections
from tests.integration.redis.test_sentinel import url_of

pytestmark = pytest.mark.redis


@pytest.fixture
def link(server, make_async_link):
    return make_async_link(server.url)


def test_does_what_a_link_does(link, server):
    async def work():
        assert await link.run(ECHO, ["key"], [b"\xff", 1.5]) == [b"key", b"\xff", b"1.5", 7, None]
        assert await link.run(INCREMENT, ["n"]) == 1
        assert await link.call("GET", "n") == b"1"
        assert await link.run_many([(INCREMENT, ["n"], ()), (ECHO, ["k"], ["a", "b"])]) == [
            2,
            [b"k", b"a", b"b", 7, None],
        ]
        assert await link.run_many([]) == []
        with server.client() as client:
            client.script_flush()
        assert await link.run_many([(INCREMENT, ["n"], ()), (INCREMENT, ["n"], ())]) == [3, 4]
        with pytest.raises(RedisReplyError, match="WRONGTYPE"):
            await link.call("LPUSH", "n", 1)
        value = os.urandom(3_000_000)
        await link.call("SET", "k", value)
        assert await link.call("GET", "k") == value

    asyncio.run(work())


def test_a_thousand_tasks_share_one_connection_and_get_their_own_answers(link, server):
    async def one(number):
        return await link.run(ECHO, [f"{number}"], [number, ""])

    async def work():
        answers = await asyncio.gather(*(one(number) for number in range(1000)))
        assert [int(answer[0]) for answer in answers] == list(range(1000))
        assert connections(server) == 1

    asyncio.run(work())


def test_each_loop_has_its_own_connection_and_closes_it(link, server):
    async def work():
        return await link.run(INCREMENT, ["n"])

    assert [asyncio.run(work()) for _ in range(3)] == [1, 2, 3]
    gc.collect()  # a transport that was left open would warn now, and warnings are errors
    assert connections(server) == 0


def test_a_session_is_one_connection_in_one_life_of_the_server(link, server):
    async def work():
        session = await link.session()
        assert await link.incarnation() == session.incarnation
        assert await session.run(INCREMENT, ["n"]) == 1
        server.restart()
        for act in (
            lambda: session.run(INCREMENT, ["n"]),
            lambda: session.call("GET", "n"),
            lambda: session.run_many([(INCREMENT, ["n"], ())]),
        ):
            with pytest.raises(IncarnationChangedError):
                await act()
        assert await link.incarnation() != session.incarnation
        assert await link.call("GET", "n") is None

    asyncio.run(work())


def test_a_cancelled_task_leaves_no_answer_to_the_next(link, server):
    """Cancel at every point: before it was sent, while the server works, as the answer comes."""

    async def work():
        await link.call("SET", "k", "right")
        for turn in range(200):
            slow = asyncio.create_task(link.run(SLOW, ["n"], [0.002]))
            for _ in range(turn % 5):
                await asyncio.sleep(0)
            await asyncio.sleep(turn % 7 * 0.0005)
            slow.cancel()
            assert await link.call("GET", "k") == b"right"
            assert await link.run(ECHO, [f"{turn}"], ["", ""]) == [b"%d" % turn, b"", b"", 7, None]
        assert connections(server) == 1

    asyncio.run(work())


def test_a_call_whose_answer_was_lost_is_told_and_ran_once(server, proxy, make_async_link):
    link = make_async_link(proxy.through(server.url))

    async def work():
        assert await link.run(INCREMENT, ["n"]) == 1
        proxy.delay(to_client_s=60)
        calls = [asyncio.create_task(link.run(INCREMENT, ["n"])) for _ in range(3)]
        await asyncio.to_thread(wait_until, lambda: count(server) == 4)
        proxy.cut()
        errors = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(error, RedisUnavailableError) for error in errors)
        assert all(error.may_have_run for error in errors)
        assert len(set(map(id, errors))) == 3
        proxy.restore()
        assert await link.run(INCREMENT, ["n"]) == 5

    asyncio.run(work())


def test_a_connection_that_died_idle_is_replaced_before_anything_is_sent(link, server):
    async def work():
        for turn in range(1, 6):
            assert await link.run(INCREMENT, ["n"]) == turn
            with server.client() as client:  # no round of the loop until the next call
                client.client_kill_filter(_type="normal", skipme=True)

    asyncio.run(work())
    assert count(server) == 5


def test_half_an_answer_is_no_answer(server, make_async_link):
    whole = b"$10\r\n0123456789\r\n"

    async def work(fake):
        link = make_async_link(fake.through(server.url))
        await link.call("SET", "k", "right")
        fake.is_cutting = True
        with pytest.raises(RedisUnavailableError) as told:
            await link.call("GET", "k")
        assert told.value.may_have_run
        fake.is_cutting = False
        assert await link.call("GET", "k") == b"right"

    for size in range(0, len(whole), 3):
        with FakeServer(server, part=whole[:size]) as fake:
            asyncio.run(work(fake))


def test_a_hung_server_costs_one_timeout_and_is_used_again(server, make_async_link):
    link = make_async_link(server.url, timeout_s=0.3, probe_s=0.2)

    async def work():
        await link.call("PING")
        server.pause()
        calls = [link.call("PING") for _ in range(50)]
        errors = await asyncio.gather(*calls, return_exceptions=True)
        assert all(error.may_have_run for error in errors)  # all waited at the same time
        with pytest.raises(RedisUnavailableError, match="tried again in") as told:
            await link.call("PING")
        assert not told.value.may_have_run
        server.resume()
        while True:
            try:
                assert await link.call("PING") == b"PONG"
                break
            except RedisUnavailableError:
                await asyncio.sleep(0.01)

    try:
        asyncio.run(asyncio.wait_for(work(), 30))
    finally:
        server.resume()


def test_an_answer_that_comes_too_late_is_never_taken_for_the_next_one(server, make_async_link):
    link = make_async_link(server.url, timeout_s=0.2, probe_s=0.01)

    async def work():
        await link.call("SET", "k", "right")
        with pytest.raises(RedisUnavailableError) as told:
            await link.run(SLOW, ["n"], [0.5])
        assert told.value.may_have_run
        while True:
            try:
                assert await link.call("GET", "k") == b"right"
                break
            except RedisUnavailableError:
                await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(work(), 30))
    assert count(server) == 1


@pytest.mark.parametrize(("who", "code"), [(":wrong@", "WRONGPASS"), ("", "NOAUTH")])
def test_a_wrong_login_is_refused(server, make_async_link, who, code):
    link = make_async_link(f"redis://{who}{server.host}:{server.port}")
    with pytest.raises(RedisRefusedError) as caught:
        asyncio.run(link.call("PING"))
    assert caught.value.code == code


def test_an_unknown_host_is_unavailable(make_async_link):
    with pytest.raises(RedisUnavailableError, match=r"no-such-host\.invalid:6379") as caught:
        asyncio.run(make_async_link("redis://no-such-host.invalid").call("PING"))
    assert not caught.value.may_have_run


def test_a_server_that_does_not_answer_the_greeting_did_nothing(server, proxy, make_async_link):
    proxy.black_hole()
    link = make_async_link(proxy.through(server.url), timeout_s=0.1)
    with pytest.raises(RedisUnavailableError, match="It did nothing") as caught:
        asyncio.run(link.run(INCREMENT, ["n"]))
    assert not caught.value.may_have_run


def test_speaks_over_a_unix_socket(make_async_link):
    with embedded.redis(socket=True) as server:
        assert asyncio.run(make_async_link(server.url).run(INCREMENT, ["n"])) == 1


def test_blocking_commands_and_messages_have_connections_of_their_own(link):
    async def work():
        async with link.dedicated(timeout_s=30) as waiting:
            got = asyncio.create_task(waiting.call("BLPOP", "queue", 20))
            await link.call("RPUSH", "queue", "job")
            assert await got == [b"queue", b"job"]
        async with link.dedicated() as listener:
            assert await listener.call("SUBSCRIBE", "news") == [b"subscribe", b"news", 1]
            await link.call("PUBLISH", "news", "first")
            assert await listener.read() == [b"message", b"news", b"first"]
            reading = asyncio.create_task(listener.read())
            await asyncio.sleep(0)
            await link.call("CLIENT", "KILL", "TYPE", "pubsub")
            with pytest.raises(RedisUnavailableError):
                await reading
        async with link.dedicated(timeout_s=0.05) as waiting:
            with pytest.raises(RedisUnavailableError):
                await waiting.call("BLPOP", "queue", 0)
        assert await link.call("PING") == b"PONG"

    asyncio.run(work())


def test_follows_the_master_of_sentinels(make_async_link):
    async def work(group):
        link = make_async_link(url_of(group), timeout_s=1.0, probe_s=0.2)
        assert await link.run(INCREMENT, ["n"]) == 1
        before = await link.session()
        await link.call("WAIT", 1, 5000)
        kill(group.master, before)
        errors = []
        while True:
            try:
                assert await link.run(INCREMENT, ["n"]) == 2
                break
            except RedisUnavailableError as error:
                errors.append(error)
                await asyncio.sleep(0.02)
        assert errors
        assert [error for error in errors if error.may_have_run] == []
        assert await link.incarnation() != before.incarnation

    with embedded.redis_sentinel(replicas=1, sentinels=3, down_after_s=0.5) as group:
        asyncio.run(asyncio.wait_for(work(group), 60))


def test_finds_the_nodes_of_a_cluster_and_a_new_master(make_async_link):
    async def work(cluster):
        url = cluster.url.replace("redis://", "redis+cluster://")
        link = make_async_link(url, probe_s=0.2)
        names = [f"k{number}" for number in range(60)]
        assert await asyncio.gather(*(link.run(INCREMENT, [name]) for name in names)) == [1] * 60
        assert await link.run_many([(INCREMENT, [name], ()) for name in names]) == [2] * 60
        assert await link.run(BOTH, ["{a}1", "{a}2"]) == [1, 1]
        with pytest.raises(RedisKeysError):
            await link.run(BOTH, ["a1", "a2"])
        with pytest.raises(RedisKeysError, match="has no keys"):
            await link.run_many([(Script("return 1"), [], ())])
        before = await link.session("k1")
        await link.call("WAIT", 1, 5000, key="k1")
        errors = []
        port = before.node.address.port
        kill(next(node for node in cluster.nodes if node.port == port), before)
        while True:
            try:
                assert await link.run(INCREMENT, ["k1"]) == 3
                break
            except RedisUnavailableError as error:
                errors.append(error)
                await asyncio.sleep(0.02)
        assert [error for error in errors if error.may_have_run] == []
        assert await link.incarnation("k1") != before.incarnation

    with embedded.redis_cluster(node_timeout_s=1.0) as cluster:
        asyncio.run(asyncio.wait_for(work(cluster), 60))


AT_EXIT = """
import asyncio, sys, warnings
warnings.simplefilter("error")
from praxis.conf import RedisConfig, Secret
from praxis.redis import AsyncLink
link = AsyncLink(RedisConfig(url=Secret(sys.argv[1])))
async def work():
    assert await link.call("PING") == b"PONG"
    async with link.dedicated() as listener:
        await listener.call("SUBSCRIBE", "x")
asyncio.run(work())
asyncio.run(work())
"""


def test_the_process_ends_without_a_word(server):
    command = [sys.executable, "-X", "dev", "-c", AT_EXIT, server.url]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_connection_for_what_blocks_is_kept_if_it_is_as_it_was(link, server):
    async def work():
        async with link.dedicated(timeout_s=5.0, is_kept=True) as first:
            assert await first.call("BLPOP", "nothing", "0.01") is None
        async with link.dedicated(timeout_s=5.0, is_kept=True) as second:
            assert second is first
            waiting = asyncio.create_task(second.call("BLPOP", "nothing", "5"))
            await asyncio.sleep(0.01)
            waiting.cancel()  # its answer is still to come
        async with link.dedicated(timeout_s=5.0, is_kept=True) as third:
            assert third is not first
            assert await third.call("PING") == b"PONG"
        assert not first.is_open

    asyncio.run(work())
    assert connections(server) == 0
