"""A Redis of the tests' own, and settings that name it; for the components' ``conftest.py``."""

from collections.abc import Iterator

import pytest
from django.test.utils import override_settings

from praxis import embedded


@pytest.fixture(scope="session")
def shared_server() -> Iterator[embedded.RedisServer]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PRAXIS_REDIS_URL", raising=False)
        with embedded.redis() as server:
            yield server


@pytest.fixture
def server(shared_server):
    """A server that runs, with nothing in it, whatever the test before did to it."""
    if not shared_server.is_alive:
        shared_server.restart()
    shared_server.flush()
    return shared_server


@pytest.fixture
def configure_redis(server):
    """Let the settings say something; the server is the one of the test."""
    changes = []

    def configure(section, url=server.url, timeout_s=2.0, trusted_proxies=(), **options):
        praxis = {
            "redis": {"url": url, "timeout_s": timeout_s},
            "trusted_proxies": list(trusted_proxies),
            section: options,
        }
        change = override_settings(PRAXIS=praxis)
        change.enable()
        changes.append(change)

    yield configure
    for change in reversed(changes):
        change.disable()


def address_of(group):
    """The address of a cluster, or of a group with Sentinels, as the settings take it."""
    if isinstance(group, embedded.RedisCluster):
        return group.url.replace("redis://", "redis+cluster://")
    hosts = ",".join(f"{host}:{port}" for host, port in group.addresses)
    return f"redis+sentinel://:{group.password}@{hosts}/{group.service}"
