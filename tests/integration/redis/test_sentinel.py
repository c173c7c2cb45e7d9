"""A link behind Sentinels: it follows the master, and never writes to one that was replaced."""

import asyncio
import threading
import time

import pytest

from praxis import embedded
from praxis.errors import (
    IncarnationChangedError,
    RedisReplyError,
    RedisUnavailableError,
    TooFewReplicasError,
)
from tests.integration.redis.conftest import INCREMENT, kill

pytestmark = pytest.mark.redis


@pytest.fixture
def group():
    with embedded.redis_sentinel(replicas=1, sentinels=3, down_after_s=0.5) as group:
        yield group


def url_of(group):
    hosts = ",".join(f"{host}:{port}" for host, port in group.addresses)
    return f"redis+sentinel://:{group.password}@{hosts}/{group.service}"


def until_done(act):
    """Act until it is done; return the answer and the failures before."""
    deadline, errors = time.monotonic() + 30, []
    while True:
        try:
            return act(), errors
        except RedisUnavailableError as error:
            errors.append(error)
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_follows_the_master_and_goes_past_a_dead_sentinel(group, make_link):
    link = make_link(url_of(group), timeout_s=1.0, probe_s=0.2)
    assert link.run(INCREMENT, ["n"]) == 1
    first = link.session()
    link.call("WAIT", 1, 5000)
    kill(group.sentinels[0])
    old = group.master
    kill(old, first)
    answer, errors = until_done(lambda: link.run(INCREMENT, ["n"]))
    assert answer == 2
    assert errors
    assert [error for error in errors if error.may_have_run] == []
    assert link.session().incarnation != first.incarnation
    with pytest.raises(IncarnationChangedError):
        first.run(INCREMENT, ["n"])


def test_never_writes_to_a_master_that_hung_and_comes_back(group, make_link):
    """One thread finds the new master; the others hold connections to the old one, and leave it."""
    link = make_link(url_of(group), timeout_s=0.5, probe_s=0.2)
    held, found, answers = threading.Barrier(5), threading.Event(), []

    def work():
        link.run(INCREMENT, ["n"])
        held.wait()
        found.wait()
        answers.append(link.run(INCREMENT, ["n"]))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    link.run(INCREMENT, ["n"])
    held.wait()
    old = group.master
    link.call("WAIT", 1, 5000)
    old.pause()
    new = group.wait_for_other_master(old)
    answer, errors = until_done(lambda: link.run(INCREMENT, ["n"]))
    doubtful = sum(error.may_have_run for error in errors)
    assert (answer, doubtful) == (6, 1)
    # Sentinels leave one that comes back eight seconds before they demote it.
    old.resume()
    found.set()
    for thread in threads:
        thread.join()
    with old.client() as client, new.client() as now:
        assert client.info("replication")["role"] == "master"
        assert int(client.get("n")) == 5 + doubtful  # that one was on its way
        assert int(now.get("n")) == 10
    assert sorted(answers) == [7, 8, 9, 10]


def test_a_replica_that_a_sentinel_names_is_turned_away(group, make_link):
    replica = group.replicas[0]
    with FakeSentinel(replica.port) as fake:
        url = f"redis+sentinel://:{group.password}@127.0.0.1:{fake.port}/{group.service}"
        with pytest.raises(RedisUnavailableError, match="is a slave, not the master"):
            make_link(url).run(INCREMENT, ["n"])


def test_a_sentinel_that_hangs_is_asked_once_and_then_last(group, make_link):
    hung, *others = group.addresses
    with embedded.TcpProxy(*hung) as proxy:
        proxy.black_hole()
        hosts = ",".join(f"{host}:{port}" for host, port in [(proxy.host, proxy.port), *others])
        url = f"redis+sentinel://:{group.password}@{hosts}/{group.service}"
        link = make_link(url, timeout_s=0.2)
        for turn in range(1, 4):
            assert link.run(INCREMENT, ["n"]) == turn
            link.close()
            time.sleep(0.15)  # what was learnt is too old by now
        assert proxy.accepted == 1


def test_an_unknown_service_is_told(group, make_link):
    link = make_link(url_of(group).replace(f"/{group.service}", "/nothing"))
    with pytest.raises(RedisUnavailableError, match="No such master"):
        link.call("PING")


class FakeSentinel:
    """Name one port to whoever connects, whatever is asked."""

    def __init__(self, named):
        import socketserver

        pairs = ["ip", "127.0.0.1", "port", str(named), "config-epoch", "9"]
        answer = f"*{len(pairs)}\r\n" + "".join(f"${len(p)}\r\n{p}\r\n" for p in pairs)
        info = b"$8\r\nrun_id:x\r\n"

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                while data := self.request.recv(65_536):
                    known = {b"INFO": info, b"MASTER\r": answer.encode(), b"GET-MASTER": b"*-1\r\n"}
                    self.request.sendall(b"".join(a for word, a in known.items() if word in data))

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


@pytest.mark.parametrize("kind", ["threads", "coroutines"])
def test_replicas_can_be_waited_for(group, make_link, make_async_link, kind):
    (replica,) = group.replicas
    if kind == "threads":
        link = make_link(url_of(group))
        run, call = link.run, link.call
    else:
        runner, link = asyncio.Runner(), make_async_link(url_of(group))
        run = lambda *args, **options: runner.run(link.run(*args, **options))  # noqa: E731
        call = lambda *args, **options: runner.run(link.call(*args, **options))  # noqa: E731
    with group.master.client() as client:
        client.script_flush()
    assert run(INCREMENT, ["n"], replicas=1) == 1  # the script had to be sent whole
    with replica.client() as client:
        assert client.get("n") == "1"
    assert call("DEL", "n", replicas=1) == 1
    with replica.client() as client:
        assert client.get("n") is None
    with pytest.raises(TooFewReplicasError, match="1 replicas of Redis 'default'") as told:
        run(INCREMENT, ["n"], replicas=2)
    assert (told.value.may_have_run, told.value.timed_out) == (True, False)
    assert call("GET", "n") == b"1"
    with pytest.raises(RedisReplyError):
        call("INCR", "n", "too", "many", replicas=1)
    if kind == "coroutines":
        runner.close()
