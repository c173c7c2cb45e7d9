"""A pool after its server was restarted, and in a process that was forked."""

import os
import threading

import pytest
from django.db import OperationalError, connections

from praxis import embedded
from praxis.databases import from_url, pool_statistics, pools
from praxis.databases.pools import install, stop_watching_pools
from tests.integration.databases.conftest import databases_of
from tests.integration.databases.points import until

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(240)]
KILL = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
    "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


@pytest.fixture(scope="module")
def server():
    with embedded.postgres() as server:
        yield server


@pytest.fixture
def pooled(server, django_db_blocker):
    entry = from_url(server.url, service="async", pool_size=4)
    entry["OPTIONS"]["pool"]["min_size"] = 4
    install()
    with django_db_blocker.unblock(), databases_of({"default": entry}, routers=()):
        assert ask() == 1
        until(lambda: pool_statistics("default").get("pool_available", 0) == 4)
        yield server
        stop_watching_pools()
        connections["default"].close_pool()


def ask():
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone()[0]
    finally:
        connections["default"].close()


@pytest.fixture
def renewed(monkeypatch):
    """Set once the pool has replaced what was dead."""
    renewed, original = threading.Event(), pools.check_pool

    def check_pool(alias):
        original(alias)
        renewed.set()

    monkeypatch.setattr(pools, "check_pool", check_pool)
    return renewed


def lost():
    return pool_statistics("default").get("connections_lost", 0)


def test_after_a_restart_no_request_finds_a_dead_connection(pooled, renewed):
    pooled.kill()
    pooled.restart()
    assert renewed.wait(60)
    found = lost()
    assert found == 4  # by the watch
    for _ in range(8):
        assert ask() == 1
    assert lost() == found


def test_without_the_watch_requests_find_them_one_by_one(pooled, monkeypatch):
    stop_watching_pools()
    pooled.sql(KILL)
    with pytest.raises(OperationalError, match="couldn't get a connection"):
        ask()


def test_a_failure_renews_the_pool(pooled, renewed):
    stop_watching_pools()
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT 1")
        pooled.sql(KILL)
        with pytest.raises(Exception, match="terminat"):
            cursor.execute("SELECT 1")
    connections["default"].close()
    assert renewed.wait(60)
    assert ask() == 1


def test_a_process_that_was_forked_has_a_pool_of_its_own(pooled):
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        parents = cursor.fetchone()[0]
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                with connections["default"].cursor() as own:
                    own.execute("SELECT pg_backend_pid()")
                    answer = str(own.fetchone()[0])
            except BaseException as error:  # noqa: BLE001 - whatever it is, the parent tells it
                answer = repr(error)
            os.write(writing, answer.encode())
            os._exit(0)
        os.waitpid(child, 0)
        answer = os.read(reading, 1000).decode()
        os.close(reading)
        os.close(writing)
        assert answer.isdecimal()
        assert int(answer) != parents
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone()[0] == parents
    connections["default"].close()
