"""The engine on a real Redis."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from praxis import embedded
from praxis.errors import RedisUnavailableError, SessionValueError
from praxis.redis import link
from praxis.sessions import SessionStore
from praxis.sessions.fields import key_of
from tests.integration.redis_settings import address_of

pytestmark = pytest.mark.redis


def made(**values):
    session = SessionStore()
    session.update(values)
    session.save()
    return session.session_key


def test_it_comes_back(configured):
    key = made(a=1, b={"c": [2]})
    session = SessionStore(key)
    assert dict(session.items()) == {"a": 1, "b": {"c": [2]}}
    assert not session.modified


def test_only_what_has_changed_is_written(configured):
    key = made(a=1, b=[1], c=3)
    session = SessionStore(key)
    session["a"], session["b"] = 1, [1]
    session["b"].append(2)  # inside
    del session["c"]
    link().call("HDEL", key_of(key), "=a")
    session.save()
    assert dict(SessionStore(key).items()) == {"b": [1, 2]}  # "a" was not written again


def test_what_is_set_back_to_what_it_was_is_written(configured):
    session = SessionStore(made(a=1, b=None))
    for a, b in [(2, "x"), (1, None), (True, False), (1.0, 0), (1, None)]:
        session["a"], session["b"] = a, b
        session.save()
        again = SessionStore(session.session_key)
        assert [(type(one), one) for one in (again["a"], again["b"])] == [
            (type(a), a),
            (type(b), b),
        ]
    session.change("a", lambda _: 5)
    session["a"] = 1
    session.save()
    assert SessionStore(session.session_key)["a"] == 1


@pytest.mark.parametrize("clock_s", [0, 301, -301])
def test_a_device_is_seen_by_the_clock_of_the_server(configured, clock_s, monkeypatch):
    key = made(a=1)
    seen = int(link().call("TIME")[0])
    link().call("HSET", key_of(key), "#seen", seen)
    now_s = time.time()
    monkeypatch.setattr("praxis.sessions.store.time.time", lambda: now_s + clock_s)
    assert SessionStore(key)["a"] == 1
    assert int(link().call("HGET", key_of(key), "#seen")) == seen  # not five minutes ago
    link().call("HSET", key_of(key), "#seen", seen - 700)
    assert SessionStore(key)["a"] == 1
    assert int(link().call("HGET", key_of(key), "#seen")) >= seen


@pytest.mark.parametrize("writers", [2, 6])
def test_requests_that_change_different_keys_lose_nothing(configured, writers):
    key, barrier = made(), threading.Barrier(writers)

    def write(writer):
        barrier.wait()
        for number in range(100):
            session = SessionStore(key)
            session[f"{writer}.{number % 10}"] = number
            session.save()

    with ThreadPoolExecutor(writers) as pool:
        for done in [pool.submit(write, writer) for writer in range(writers)]:
            done.result()
    expected = {f"{w}.{n % 10}": n for w in range(writers) for n in range(90, 100)}
    assert dict(SessionStore(key).items()) == expected


def test_changes_of_one_value_at_once_are_all_in_it(configured):
    key, barrier = made(), threading.Barrier(4)

    def add(writer):
        barrier.wait()
        for number in range(25):
            session = SessionStore(key)
            session.change("cart", lambda cart: [*cart, (writer, number)], default=[])  # noqa: B023

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(add, writer) for writer in range(4)]:
            done.result()
    assert len(SessionStore(key)["cart"]) == 100


def test_a_change_is_seen_by_the_request_and_not_written_again(configured):
    session = SessionStore(made(n=1))
    assert session.change("n", lambda n: n + 1) == 2
    assert session["n"] == 2
    assert not session.modified
    assert asyncio.run(SessionStore(session.session_key).achange("n", lambda n: n + 1)) == 3


def test_what_was_deleted_is_not_made_again(configured):
    key = made(a=1)
    session = SessionStore(key)
    assert session["a"] == 1
    SessionStore(key).delete()
    session["a"] = 2
    with pytest.raises(UpdateError):
        session.save()
    with pytest.raises(UpdateError):
        session.change("a", lambda _: 1)
    assert not SessionStore().exists(key)


def test_a_new_key_has_all_that_the_old_one_had(configured):
    old = made(a=1, b=2)
    session = SessionStore(old)
    session["c"] = 3
    session.cycle_key()
    session.save()
    assert session.session_key != old
    assert not session.exists(old)
    assert dict(SessionStore(session.session_key).items()) == {"a": 1, "b": 2, "c": 3}


def test_coroutines_use_it_likewise(configured):
    async def run():
        session = SessionStore()
        await session.aset("a", 1)
        await session.asave()
        old = session.session_key
        await session.acycle_key()
        await session.asave()
        again = SessionStore(session.session_key)
        assert await again.aget("a") == 1
        assert not await again.aexists(old)
        await again.aflush()
        assert not await again.aexists(session.session_key)

    asyncio.run(run())


def test_it_ends_when_it_is_to(configured):
    session = SessionStore()
    session["a"] = 1
    session.set_expiry(100)
    session.save()
    assert 99_000 < link().call("PTTL", key_of(session.session_key)) <= 100_000
    session.set_expiry(-1)
    session.save()
    assert not session.exists(session.session_key)


def test_redis_does_not_know_the_keys(configured):
    key = made(a=1)
    assert all(key.encode() not in name for name in link().call("KEYS", "*"))


@pytest.mark.parametrize("forged", ["", "x", "x" * 40, "../../etc", "\ud800" * 10, "a\x00b" * 9])
def test_a_key_that_somebody_made_up_is_no_session(configured, forged):
    session = SessionStore(forged)
    assert session.get("a") is None
    session["a"] = 1
    session.save()
    assert session.session_key != forged


def test_a_value_that_is_none_is_left_out_and_told(configured, caplog):
    key = made(a=1, b=2)
    link().call("HSET", key_of(key), "=a", b"\x80\x04pickled")
    session = SessionStore(key)
    assert dict(session.items()) == {"b": 2}
    assert "has lost its 'a'" in caplog.text


def test_a_session_that_grows_too_long_is_refused_with_its_longest(configured):
    configured(max_bytes=1000, pack_above=10_000)
    key = made(a=1)
    session = SessionStore(key)
    session["much"] = "x" * 2000
    with pytest.raises(SessionValueError, match="'much' alone"):
        session.save()
    with pytest.raises(SessionValueError, match="'much'"):
        SessionStore(key).change("much", lambda _: "x" * 2000)
    assert dict(SessionStore(key).items()) == {"a": 1}


def test_an_outage_logs_nobody_out(configured, server):
    configured(timeout_s=0.25)
    key = made(a=1)
    session = SessionStore(key)
    assert session["a"] == 1
    server.pause()
    try:
        with pytest.raises(RedisUnavailableError):
            SessionStore(key).get("a")
        session["b"] = 2
        with pytest.raises(RedisUnavailableError):
            session.save()
    finally:
        server.resume()
    while True:
        try:
            again = SessionStore(key)
            assert again["a"] == 1
            break
        except RedisUnavailableError:
            pass  # the breaker asks again within a second; the test's own timeout ends it


@pytest.mark.django_db
def test_sessions_of_the_engine_before_are_taken_over(configured):
    before = DatabaseStore()
    before["a"] = 1
    before.save()
    configured(adopt_from="django.contrib.sessions.backends.db")
    session = SessionStore(before.session_key)
    assert session["a"] == 1
    session["b"] = 2
    session.save()
    assert dict(SessionStore(before.session_key).items()) == {"a": 1, "b": 2}
    session.flush()
    assert SessionStore(before.session_key).get("a") is None  # it does not come back from there


@pytest.mark.slow
def test_a_cluster_holds_them_as_well(configured):
    with embedded.redis_cluster() as cluster:
        configured(url=address_of(cluster))
        keys = [made(n=n) for n in range(20)]
        assert [SessionStore(key)["n"] for key in keys] == list(range(20))
