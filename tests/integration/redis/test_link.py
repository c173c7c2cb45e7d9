"""What a link does while all is well."""

import os
import socket
import subprocess
import sys
import threading

import pytest

from praxis import embedded
from praxis.errors import (
    IncarnationChangedError,
    RedisRefusedError,
    RedisReplyError,
    RedisUnavailableError,
)
from praxis.redis import Script
from tests.integration.redis.conftest import INCREMENT

pytestmark = pytest.mark.redis

ECHO = Script("return {KEYS[1], ARGV[1], ARGV[2], 7, false}")


def connections(server):
    """How many clients but the asking one the server has."""
    with server.client() as client:
        return sum(entry["name"] == "praxis" for entry in client.client_list())


def test_answers_are_bytes_integers_and_lists(link):
    assert link.run(ECHO, ["key"], [b"\xff", 1.5]) == [b"key", b"\xff", b"1.5", 7, None]
    assert link.run(INCREMENT, [b"n"]) == 1
    assert link.call("GET", "n") == b"1"
    assert link.call("GET", "none") is None
    assert link.call("MGET", "n", "none") == [b"1", None]


def test_runs_many_scripts_in_one_trip(link, server):
    link.run(INCREMENT, ["n"])
    with server.client() as client:
        before = client.info("stats")["total_reads_processed"]
        answers = link.run_many([(INCREMENT, [f"n{i % 2}"], ()) for i in range(10)])
        reads = client.info("stats")["total_reads_processed"] - before
    assert answers == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert reads == 2  # one is the question for it
    assert link.run_many([]) == []


def test_large_values_come_back_whole(link):
    value = os.urandom(3_000_000)
    link.call("SET", "k", value)
    assert link.call("GET", "k") == value


def test_scripts_survive_a_flush(link, server):
    other = Script("return ARGV[1]")
    with server.client() as client:
        for count in range(1, 4):
            client.script_flush()
            assert link.run(INCREMENT, ["n"]) == count
        client.script_flush()
        calls = [(INCREMENT, ["n"], ()), (other, [], ["x"]), (INCREMENT, ["n"], ())]
        assert link.run_many(calls) == [4, b"x", 5]


def test_a_failing_script_is_told_and_the_connection_goes_on(link):
    link.call("SET", "s", 1)
    session = link.session()
    with pytest.raises(RedisReplyError, match="WRONGTYPE"):
        link.run(Script("return redis.call('LPUSH', KEYS[1], 1)"), ["s"])
    with pytest.raises(RedisReplyError, match="compiling script"):
        link.run_many([(INCREMENT, ["n"], ()), (Script("nonsense("), [], ())])
    assert link.call("GET", "n") == b"1"
    assert link.session() is session


def test_a_full_server_refuses_and_did_nothing(link):
    link.call("CONFIG", "SET", "maxmemory", 1)
    try:
        with pytest.raises(RedisRefusedError) as of_many:
            link.run_many([(INCREMENT, ["n"], ()), (ECHO, ["k"], ["a", "b"])])
        assert of_many.value.may_have_run  # not the first one, but the second
        with pytest.raises(RedisRefusedError, match="maxmemory-policy") as caught:
            link.run(INCREMENT, ["n"])
    finally:
        link.call("CONFIG", "SET", "maxmemory", 0)
    assert (caught.value.code, caught.value.may_have_run) == ("OOM", False)
    assert link.call("GET", "n") is None


def test_values_that_are_none_are_refused_before_they_are_sent(link):
    session = link.session()
    with pytest.raises(TypeError):
        link.run(INCREMENT, ["n"], [None])
    assert link.session() is session
    assert link.run(INCREMENT, ["n"]) == 1


def test_each_thread_has_a_connection_and_no_call_makes_another(link, server):
    barrier, failures = threading.Barrier(20), []

    def work(number):
        barrier.wait()
        answers = [link.run(ECHO, [f"{number}"], [turn, ""])[:2] for turn in range(50)]
        if answers != [[b"%d" % number, b"%d" % turn] for turn in range(50)]:
            failures.append(answers)
        barrier.wait()
        if number == 0:
            counts.append(connections(server))
        barrier.wait()

    counts = []
    threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert counts == [20]


def test_threads_that_end_leave_their_connections_to_the_next(link, server):
    for _ in range(10):
        thread = threading.Thread(target=link.run, args=(INCREMENT, ["n"]))
        thread.start()
        thread.join()
    assert link.call("GET", "n") == b"10"
    assert connections(server) == 1


def test_a_session_is_one_connection_in_one_life_of_the_server(link, server):
    session = link.session()
    assert session.incarnation == link.incarnation()
    assert link.session() is session
    with server.client() as client:
        assert session.incarnation == client.info("server")["run_id"]
    assert session.run(INCREMENT, ["n"]) == 1
    server.restart()
    with pytest.raises(IncarnationChangedError) as caught:
        session.run(INCREMENT, ["n"])
    assert not caught.value.may_have_run
    with pytest.raises(IncarnationChangedError):
        session.call("GET", "n")
    with pytest.raises(IncarnationChangedError):
        session.run_many([(INCREMENT, ["n"], ())])
    assert link.session().incarnation != session.incarnation
    assert link.call("GET", "n") is None


@pytest.mark.skipif(sys.platform != "linux", reason="other systems name the option otherwise")
def test_the_kernel_watches_idle_connections(link):
    sock = link.session()._socket
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 30
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_session_ends_when_only_its_connection_does(link, server):
    session = link.session()
    with server.client() as client:
        client.client_kill_filter(_type="normal", skipme=True)
    with pytest.raises(IncarnationChangedError):
        session.run(INCREMENT, ["n"])
    assert link.session().incarnation == session.incarnation


def test_a_blocking_command_has_a_connection_of_its_own(link, server):
    with link.dedicated(timeout_s=30) as waiting:
        got = []
        thread = threading.Thread(target=lambda: got.append(waiting.call("BLPOP", "queue", 20)))
        thread.start()
        link.call("RPUSH", "queue", "job")
        thread.join()
    assert got == [[b"queue", b"job"]]
    assert not waiting.is_open


def test_messages_are_read_as_they_come(link):
    with link.dedicated(timeout_s=30) as listener:
        assert listener.call("SUBSCRIBE", "news") == [b"subscribe", b"news", 1]
        link.call("PUBLISH", "news", "first")
        link.call("PUBLISH", "news", "second")
        assert listener.read() == [b"message", b"news", b"first"]
        assert listener.read() == [b"message", b"news", b"second"]
        listener.set_timeout(0.01)
        with pytest.raises(TimeoutError):
            listener.read()
        listener.set_timeout(30)
        link.call("PUBLISH", "news", "third")
        assert listener.read() == [b"message", b"news", b"third"]


@pytest.mark.parametrize(
    "use",
    [lambda waiting: waiting.set_timeout(1), lambda waiting: waiting.read()],
    ids=["set", "read"],
)
def test_a_link_that_is_closed_ends_what_other_threads_wait_for(link, use):
    with link.dedicated(timeout_s=30) as waiting:
        waiting._socket.close()  # as far as another thread that closes has come
        with pytest.raises(RedisUnavailableError):
            use(waiting)
        link.close()
        with pytest.raises(IncarnationChangedError):
            use(waiting)


def test_selects_the_database_of_the_address(server, make_link):
    third, first = make_link(f"{server.url}/3"), make_link(server.url)
    third.call("SET", "k", "v")
    assert first.call("GET", "k") is None
    assert third.call("GET", "k") == b"v"


def test_speaks_over_a_unix_socket(make_link):
    with embedded.redis(socket=True) as server:
        assert make_link(server.url).run(INCREMENT, ["n"]) == 1


@pytest.mark.parametrize(
    ("who", "code"), [(":wrong@", "WRONGPASS"), ("", "NOAUTH"), ("nobody:x@", "WRONGPASS")]
)
def test_a_wrong_login_is_refused_without_being_shown(server, make_link, who, code):
    link = make_link(f"redis://{who}{server.host}:{server.port}")
    with pytest.raises(RedisRefusedError) as caught:
        link.run(INCREMENT, ["n"])
    assert caught.value.code == code
    assert f"{server.host}:{server.port}" in str(caught.value)
    assert "wrong" not in str(caught.value)


def test_an_unknown_host_is_unavailable(make_link):
    with pytest.raises(RedisUnavailableError, match=r"no-such-host\.invalid:6379") as caught:
        make_link("redis://:hunter2@no-such-host.invalid").call("PING")
    assert not caught.value.may_have_run
    assert "hunter2" not in str(caught.value)


def test_a_child_opens_connections_of_its_own(link, server):
    link.run(INCREMENT, ["n"])
    mine = link.session()
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:  # nothing may escape from here: pytest would go on twice
        try:
            answer = link.run(INCREMENT, ["n"]), mine.is_open, link.session() is mine
            os.write(write_end, repr(answer).encode())
        finally:
            os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        assert pipe.read() == "(2, False, False)"
    os.waitpid(child, 0)
    assert link.session() is mine
    assert mine.run(INCREMENT, ["n"]) == 3


AT_EXIT = """
import os, sys, threading, warnings
warnings.simplefilter("error")
from praxis.conf import RedisConfig, Secret
from praxis.redis import Link, Script
link = Link(RedisConfig(url=Secret(sys.argv[1])))
other = threading.Thread(target=link.call, args=("PING",))
other.start(); other.join()
assert link.call("PING") == b"PONG"
held = threading.Event()
def hold():
    link.call("PING"); held.set(); threading.Event().wait()
threading.Thread(target=hold, daemon=True).start()
held.wait()
if os.fork() == 0:
    link.call("PING")
    sys.exit()
os.wait()
"""


def test_the_process_ends_without_a_word(server):
    command = [sys.executable, "-X", "dev", "-c", AT_EXIT, server.url]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert connections(server) == 0


def test_a_connection_for_what_blocks_is_kept_if_it_is_as_it_was(server, link):
    with link.dedicated(timeout_s=5.0, is_kept=True) as first:
        assert first.call("BLPOP", "nothing", "0.01") is None
    with link.dedicated(timeout_s=5.0, is_kept=True) as second:
        assert second is first
        with link.dedicated(timeout_s=5.0, is_kept=True) as third:
            assert third is not first
    with link.dedicated(timeout_s=5.0) as fourth:
        assert fourth not in (first, third)
    assert not fourth.is_open
    with link.dedicated(timeout_s=0.05, is_kept=True) as late, pytest.raises(RedisUnavailableError):
        late.call("BLPOP", "nothing", "5")
    with link.dedicated(timeout_s=5.0, is_kept=True) as other:
        assert other is not late
        assert other.call("PING") == b"PONG"
    with server.client() as client:
        client.client_kill_filter(_type="normal", skipme=True)
    with link.dedicated(timeout_s=5.0, is_kept=True) as fresh:
        assert fresh.call("PING") == b"PONG"
    link.close()
    assert not fresh.is_open
