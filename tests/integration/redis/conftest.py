import socket
import time
from contextlib import suppress

import pytest

from praxis import embedded
from praxis.conf import RedisConfig, Secret
from praxis.redis import AsyncLink, Link, Script
from tests.integration.redis_settings import server, shared_server

__all__ = ["server", "shared_server"]

INCREMENT = Script("return redis.call('INCR', KEYS[1])")


@pytest.fixture(autouse=True)
def _servers_of_our_own(monkeypatch):
    monkeypatch.delenv("PRAXIS_REDIS_URL", raising=False)


@pytest.fixture
def proxy(server):
    with embedded.TcpProxy(server.host, server.port) as proxy:
        yield proxy


@pytest.fixture
def make_link():
    links = []

    def make(url, **options):
        values = {"timeout_s": 2.0} | options  # a busy machine is no hung server
        links.append(Link(RedisConfig(url=Secret(url), **values)))
        return links[-1]

    yield make
    for link in links:
        link.close()


@pytest.fixture
def make_async_link():
    def make(url, **options):
        values = {"timeout_s": 2.0} | options
        return AsyncLink(RedisConfig(url=Secret(url), **values))

    return make


@pytest.fixture
def link(server, make_link):
    return make_link(server.url)


def kill(server, *sessions):
    """
    Kill a server and wait until the kernel has closed its connections, some time later.

    It closes them in no order: those whose end matters to the test are *sessions*.
    """
    with socket.create_connection((server.host, server.port), timeout=20) as last:
        server.kill()
        with suppress(ConnectionResetError):
            assert last.recv(1) == b""
    deadline = time.monotonic() + 20
    while any(session.is_ready() for session in sessions):
        assert time.monotonic() < deadline
        time.sleep(0.001)
