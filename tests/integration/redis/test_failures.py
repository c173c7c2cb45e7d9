"""What a link does when the server or the way to it fails: nothing twice, nothing wrong."""

import threading
import time

import pytest

from praxis import embedded
from praxis.announcements import ServerBack, ServerDown, listen
from praxis.errors import RedisRefusedError, RedisUnavailableError
from praxis.redis import Script
from tests.integration.redis.conftest import INCREMENT, kill

pytestmark = pytest.mark.redis

# Redis 6 has no os.clock(), and Redis 7 answers TIME with the same for as long as a script runs.
SLOW = Script(
    "redis.call('INCR', KEYS[1]) local has, now = pcall(function() return os.clock end) "
    "if not has then now = function() "
    "local t = redis.call('TIME') return t[1] + t[2] / 1e6 end end "
    "local till = now() + tonumber(ARGV[1]) while now() < till do end return 'done'"
)


def wait_until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def count(server):
    with server.client() as client:
        return int(client.get("n") or 0)


@pytest.fixture
def events():
    told = []
    stops = [listen(kind, told.append) for kind in (ServerDown, ServerBack)]
    yield told
    for stop in stops:
        stop()


def test_a_connection_that_died_idle_is_replaced_before_anything_is_sent(server, link):
    for turn in range(1, 6):
        assert link.run(INCREMENT, ["n"]) == turn
        with server.client() as client:
            client.client_kill_filter(_type="normal", skipme=True)
    assert link.run_many([(INCREMENT, ["n"], ())]) == [6]
    assert count(server) == 6


def test_a_restarted_server_is_found_again(server, link):
    link.run(INCREMENT, ["n"])
    kill(server, link.session())
    with pytest.raises(RedisUnavailableError) as caught:
        link.run(INCREMENT, ["n"])
    assert not caught.value.may_have_run
    server.restart()
    assert link.run(INCREMENT, ["n"]) == 1


def test_a_server_that_does_not_answer_the_greeting_did_nothing(server, proxy, make_link):
    proxy.black_hole()
    link = make_link(proxy.through(server.url), timeout_s=0.1)
    with pytest.raises(RedisUnavailableError, match="It did nothing") as caught:
        link.run(INCREMENT, ["n"])
    assert not caught.value.may_have_run


def test_a_call_whose_answer_was_lost_is_told_and_ran_once(server, proxy, make_link):
    link = make_link(proxy.through(server.url))
    assert link.run(INCREMENT, ["n"]) == 1
    proxy.delay(to_client_s=60)
    with cut_when(lambda: count(server) == 2, proxy), pytest.raises(RedisUnavailableError) as told:
        link.run(INCREMENT, ["n"])
    assert told.value.may_have_run
    assert count(server) == 2
    proxy.restore()
    assert link.run(INCREMENT, ["n"]) == 3


def test_a_call_that_may_run_twice_is_repeated_on_demand(server, proxy, make_link):
    link = make_link(proxy.through(server.url))
    assert link.run(INCREMENT, ["n"]) == 1
    proxy.delay(to_client_s=60)
    with cut_when(lambda: count(server) == 2, proxy, then=proxy.restore):
        assert link.run(INCREMENT, ["n"], retry="idempotent") == 3


def test_a_call_that_was_cut_on_its_way_there_is_told_and_did_not_run(server, proxy, make_link):
    link = make_link(proxy.through(server.url))
    assert link.run(INCREMENT, ["n"]) == 1
    proxy.delay(to_server_s=60)
    timer = threading.Timer(0.2, proxy.cut)
    timer.start()
    with pytest.raises(RedisUnavailableError) as told:
        link.run(INCREMENT, ["n"])
    timer.join()
    assert told.value.may_have_run  # nobody on this side can know
    assert count(server) == 1


def test_half_an_answer_is_no_answer_and_never_the_next_one(server, make_link):
    """A server that sends a part of each answer and breaks off, at every byte of it."""
    whole = b"$10\r\n0123456789\r\n"
    for size in range(len(whole)):
        with FakeServer(server, part=whole[:size]) as fake:
            link = make_link(fake.through(server.url))
            link.call("SET", "k", "right")
            fake.is_cutting = True
            with pytest.raises(RedisUnavailableError) as told:
                link.call("GET", "k")
            assert told.value.may_have_run
            fake.is_cutting = False
            assert link.call("GET", "k") == b"right"


def test_an_answer_that_comes_too_late_is_never_taken_for_the_next_one(server, make_link):
    link = make_link(server.url, timeout_s=0.2, probe_s=0.01)
    link.call("SET", "k", "right")
    with pytest.raises(RedisUnavailableError) as told:
        link.run(SLOW, ["n"], [0.5])
    assert told.value.may_have_run
    deadline = time.monotonic() + 20
    while True:
        try:
            answer = link.call("GET", "k")
            break
        except RedisUnavailableError:
            assert time.monotonic() < deadline
    assert answer == b"right"
    assert count(server) == 1


def test_a_thread_that_is_interrupted_leaves_no_answer_behind(server, link):
    link.call("SET", "k", "right")
    session = link.session()
    receive = type(session)._receive

    def interrupted(self, sock):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(session), "_receive", interrupted)
        with pytest.raises(KeyboardInterrupt):
            link.run(INCREMENT, ["n"])
    assert type(session)._receive is receive
    assert not session.is_open
    assert link.call("GET", "k") == b"right"


def test_a_call_inside_of_a_call_has_a_connection_of_its_own(server, link):
    """As from a signal handler: the answer that is under way belongs to the outer call."""
    link.call("SET", "k", "inner")
    session = link.session()
    session._is_busy = True
    assert link.call("GET", "k") == b"inner"
    assert link.session() is not session


def test_a_hung_server_costs_one_timeout_and_not_one_a_call(server, make_link, events):
    link = make_link(server.url, timeout_s=0.3, probe_s=600)
    threads_count, barrier = 50, threading.Barrier(50)
    errors = [[] for _ in range(threads_count)]

    def work(mine):
        link.call("PING")
        barrier.wait()
        if mine is errors[0]:
            server.pause()
        barrier.wait()
        for _ in range(20):
            try:
                link.call("PING")
            except RedisUnavailableError as error:
                mine.append(error)

    threads = [threading.Thread(target=work, args=(mine,)) for mine in errors]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        server.resume()
    assert [len(mine) for mine in errors] == [20] * threads_count
    waited = [sum(error.timed_out for error in mine) for mine in errors]
    assert max(waited) == 1
    quick = [error for mine in errors for error in mine if not error.timed_out]
    assert not any(error.may_have_run for error in quick)
    assert all("tried again in" in str(error) for error in quick)
    assert [type(event) for event in events] == [ServerDown]
    assert events[0].address == f"{server.host}:{server.port}"


def test_a_command_that_waits_too_long_makes_nobody_believe_that_the_server_is_down(link, events):
    with link.dedicated(timeout_s=0.05) as waiting, pytest.raises(RedisUnavailableError):
        waiting.call("BLPOP", "queue", 0)
    assert link.call("PING") == b"PONG"
    assert events == []


def test_a_server_that_goes_on_is_used_again(server, make_link, events):
    link = make_link(server.url, timeout_s=0.3, probe_s=0.05)
    link.call("PING")
    server.pause()
    with pytest.raises(RedisUnavailableError):
        link.call("PING")
    server.resume()
    deadline = time.monotonic() + 20
    while True:
        try:
            assert link.call("PING") == b"PONG"
            break
        except RedisUnavailableError:
            assert time.monotonic() < deadline
    assert {type(event) for event in events} == {ServerDown, ServerBack}
    assert isinstance(events[-1], ServerBack)


def test_nothing_is_lost_and_nothing_counted_twice_while_connections_break(
    server, proxy, make_link
):
    """Each call is acknowledged, certain not to have run, or in doubt: the sum must fit."""
    link = make_link(proxy.through(server.url), probe_s=0.01, failures=1000)
    acknowledged, doubtful = [], []
    stop = threading.Event()

    def work():
        while not stop.is_set():
            try:
                link.run(INCREMENT, ["n"])
                acknowledged.append(1)
            except RedisUnavailableError as error:
                if error.may_have_run:
                    doubtful.append(1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        proxy.cut()
        time.sleep(0.02)
    stop.set()
    for thread in threads:
        thread.join()
    assert len(acknowledged) > 0
    assert len(doubtful) > 0  # else nothing was tried
    assert len(acknowledged) <= count(server) <= len(acknowledged) + len(doubtful)


def test_a_replica_is_told_and_the_connection_not_kept(server, link):
    session = link.session()
    with server.client() as client:
        client.replicaof("127.0.0.1", 1)
        try:
            with pytest.raises(RedisRefusedError) as caught:
                link.run(INCREMENT, ["n"])
            assert not session.is_open
        finally:
            client.replicaof("NO", "ONE")
    assert (caught.value.code, caught.value.may_have_run) == ("READONLY", False)
    assert link.run(INCREMENT, ["n"]) == 1


class cut_when:  # noqa: N801 - reads as what it does
    """Cut the connections of a proxy as soon as something holds; wait for that at the end."""

    def __init__(self, condition, proxy, then=lambda: None):
        self._thread = threading.Thread(target=self._watch)
        self._condition, self._proxy, self._then = condition, proxy, then

    def __enter__(self):
        self._thread.start()

    def __exit__(self, *_):
        self._thread.join()

    def _watch(self):
        wait_until(self._condition)
        self._then()
        self._proxy.cut()


class FakeServer(embedded.TcpProxy):
    """A proxy that, when told so, answers with a part of an answer and ends the connection."""

    def __init__(self, server, part):
        self._part = part
        self.is_cutting = False
        super().__init__(server.host, server.port)

    async def _pass(self, reader, writer, delay):
        if delay == "_to_client_s":
            while data := await reader.read(65_536):
                if self.is_cutting:
                    writer.write(self._part)
                    writer.write_eof()
                    return
                writer.write(data)
            writer.write_eof()
        else:
            await super()._pass(reader, writer, delay)
