import pytest

from praxis.doctor import Target
from tests.integration.redis_settings import server, shared_server

__all__ = ["server", "shared_server"]

#: What tests change, and what it was.
USUAL = {
    "maxmemory": "0",
    "maxmemory-policy": "noeviction",
    "appendonly": "no",
    "save": "",
    "maxclients": "10000",
    "slowlog-log-slower-than": "10000",
    "min-replicas-to-write": "0",
}


@pytest.fixture
def client(server):
    with server.client() as client:
        yield client
        for name, value in USUAL.items():
            client.config_set(name, value)
        client.config_resetstat()
        client.slowlog_reset()


@pytest.fixture
def used_for(server):
    """The server as a target that is used for something."""

    def target(*uses):
        return Target.at("redis", server.url, uses=frozenset(uses))

    return target
