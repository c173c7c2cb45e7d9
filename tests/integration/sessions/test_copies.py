"""Sessions that outlive a Redis that has lost them, by their copies in Django's table."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import OperationalError, connections
from django.test import Client, override_settings
from django.utils import timezone

from praxis.errors import RedisUnavailableError
from praxis.redis import link
from praxis.sessions import SessionStore, copies, devices_of, revoke_all
from praxis.sessions.behind import behind
from praxis.sessions.fields import key_of
from tests.integration.sessions import test_devices

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=["write_through", "write_behind"])
def durable(request, configured):
    configured(durable=request.param, behind_s=3600.0)
    yield request.param
    behind.write()


def made(**values):
    session = SessionStore()
    session.update(values)
    session.save()
    return session.session_key


def lose_redis():
    """Empty it, once all that is owed has been written."""
    behind.write()
    link().call("FLUSHALL")


def test_an_emptied_redis_logs_nobody_out(durable):
    key = made(a=1, when=timezone.now(), long="x" * 9000, odd={"$praxis": "\ud800"})
    before = dict(SessionStore(key).items())
    ttl = link().call("PTTL", key_of(key))
    lose_redis()
    assert SessionStore(key).exists(key)
    assert dict(SessionStore(key).items()) == before
    assert ttl - 20_000 < link().call("PTTL", key_of(key)) <= ttl
    session = SessionStore(key)
    session["a"] = 2
    session.save()
    lose_redis()
    assert SessionStore(key)["a"] == 2


def test_the_same_holds_for_coroutines(durable):
    async def run():
        session = SessionStore()
        await session.aset("a", 1)
        await session.asave()
        await session.achange("a", lambda a: a + 1)
        await asyncio.to_thread(lose_redis)
        again = SessionStore(session.session_key)
        assert await again.aexists(session.session_key)
        assert await again.aget("a") == 2
        await again.aflush()
        await asyncio.to_thread(lose_redis)
        assert not await SessionStore(session.session_key).aexists(session.session_key)

    asyncio.run(run())


def test_what_was_ended_is_ended_in_the_copies_too(durable):
    keys = [made(a=1), made(a=1)]
    behind.write()
    SessionStore(keys[0]).delete()
    session = SessionStore(keys[1])
    assert session["a"] == 1
    session.cycle_key()
    lose_redis()
    for key in keys:
        assert SessionStore(key).get("a") is None
    assert SessionStore(session.session_key)["a"] == 1
    assert Session.objects.count() == 1


def test_a_copy_says_nothing_of_the_key(durable):
    key = made(a="secret")
    behind.write()
    (row,) = Session.objects.all()
    assert key not in row.session_key
    assert len(row.session_key) == 32


@pytest.mark.parametrize("forged", ["", "x", "x:y:z"])
def test_a_forged_copy_is_none_and_told(durable, caplog, forged):
    key = made(a=1)
    behind.write()
    Session.objects.update(session_data=forged)
    link().call("FLUSHALL")
    assert SessionStore(key).get("a") is None
    assert "none, or forged" in caplog.text
    fresh = made(a=1)
    behind.write()
    Session.objects.update(session_data=forged)
    session = SessionStore(fresh)
    session["a"] = 2
    session.save()
    lose_redis()
    assert SessionStore(fresh)["a"] == 2


def test_an_expired_copy_is_none_and_cleared(durable):
    key = made(a=1)
    behind.write()
    Session.objects.update(expire_date=timezone.now())
    link().call("FLUSHALL")
    assert SessionStore(key).get("a") is None
    SessionStore.clear_expired()
    assert not Session.objects.exists()


def test_an_older_copy_does_not_replace_a_newer_one(durable):
    key = key_of(made(a=1))
    behind.write()
    old = link().run(copies.SNAPSHOT, [key])
    link().call("HSET", key, "=a", b"j2")
    copies.keep(key)
    assert not copies._write(key, copies._copied(*old))
    assert copies.read(key).fields["=a"] == "2"


def test_requests_that_come_at_once_are_all_in_the_copy(configured):
    configured(durable="write_through")
    key, barrier = made(), threading.Barrier(3)

    def write(writer):
        barrier.wait()
        try:
            for number in range(15):
                session = SessionStore(key)
                session[f"{writer}.{number}"] = number
                while True:
                    try:
                        session.save()
                        break
                    except OperationalError:  # SQLite, to whoever comes second: it is locked
                        continue
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(write, writer) for writer in range(3)]:
            done.result()
    copies.keep(key_of(key))
    link().call("FLUSHALL")
    assert len(SessionStore(key).keys()) == 45


def test_one_that_ends_while_its_first_copy_is_written_has_none(configured, monkeypatch):
    configured(durable="write_through")
    key = made(a=1)
    copies.forget(key_of(key))
    write = copies._write

    def ended_before(*args):
        copies.end(key_of(key))
        return write(*args)

    monkeypatch.setattr(copies, "_write", ended_before)
    copies.keep(key_of(key))
    assert not Session.objects.exists()


def test_one_that_ends_while_it_is_restored_stays_ended(configured, monkeypatch):
    configured(durable="write_through")
    key = made(a=1)
    link().call("FLUSHALL")
    found = copies.read(key_of(key))
    copies.end(key_of(key))
    answers = [found]
    real = copies.read
    monkeypatch.setattr(copies, "read", lambda where: answers.pop() if answers else real(where))
    assert not copies.restore(key_of(key))
    assert not link().call("EXISTS", key_of(key))


def test_the_thread_writes_what_is_owed(configured):
    while behind._thread is not None:
        behind.write()  # the one of the test before, which would wait for an hour
    configured(durable="write_behind", behind_s=0.05)
    key = made(a=1)
    if (thread := behind._thread) is not None:
        thread.join()  # it ends when it owes nothing; who asks meanwhile may lock SQLite's table
    assert Session.objects.exists()
    link().call("FLUSHALL")
    assert SessionStore(key)["a"] == 1


def test_what_cannot_be_copied_now_stays_owed(configured, server):
    configured(durable="write_behind", behind_s=3600.0, timeout_s=0.25)
    key = made(a=1)
    server.pause()
    try:
        behind.write()
    finally:
        server.resume()
    assert not Session.objects.exists()
    while not Session.objects.exists():
        behind.write()
    assert copies.read(key_of(key)).fields["=a"] == "1"


@pytest.mark.parametrize("in_coroutines", [False, True])
def test_copies_are_read_while_redis_is_gone_if_so_wanted(configured, server, in_coroutines):
    configured(durable="write_through", on_error="fallback", timeout_s=0.25)
    key = made(a=1)

    def read(key):
        return asyncio.run(SessionStore(key).aget("a")) if in_coroutines else SessionStore(key)["a"]

    server.pause()
    try:
        assert read(key) == 1
        with pytest.raises(RedisUnavailableError):
            read("x" * 32)  # which may be one that was not copied
        session = SessionStore(key)
        session["a"] = 2
        with pytest.raises(RedisUnavailableError):
            session.save()
    finally:
        server.resume()


@override_settings(ROOT_URLCONF=test_devices, MIDDLEWARE=test_devices.MIDDLEWARE)
def test_devices_come_back_with_their_sessions(durable):
    user = User.objects.create_user("ann", password="x")
    client = Client(headers={"user-agent": "Firefox"})
    client.get("/enter/")
    lose_redis()
    assert client.get("/who/").content == b"ann"
    assert [one.user_agent for one in devices_of(user)] == ["Firefox"]
    assert revoke_all(user) == 1
    lose_redis()
    assert client.get("/who/").content != b"ann"
