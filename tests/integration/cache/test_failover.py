"""Two servers take themselves for the master: what the old one holds does not count."""

import pytest

from praxis import embedded
from praxis.cache.protocol.calls import Hit, Miss, Reading, Writing, Written
from praxis.cache.protocol.dependencies import Whole
from praxis.cache.store import Store
from praxis.conf import RedisConfig, Secret
from praxis.redis import Link

READING = Reading(b"entry", [Whole("book")])


@pytest.fixture(scope="module")
def group():
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PRAXIS_REDIS_URL", raising=False)
        with embedded.redis_sentinel(replicas=1, sentinels=3, down_after_s=1.0) as group:
            yield group


@pytest.fixture
def process(group):
    """Makes what one process has: a store with a link of its own."""
    links = []

    def make():
        hosts = ",".join(f"{host}:{port}" for host, port in group.addresses)
        url = f"redis+sentinel://:{group.password}@{hosts}/{group.service}"
        links.append(Link(RedisConfig(url=Secret(url), timeout_s=2.0, probe_s=0.02)))
        return Store(links[-1], "library")

    yield make
    for link in links:
        link.close()


def read(store):
    found = store.read(READING, ttl_ms=60_000)
    return found and found[0]


def write(store):
    """As a writer does in whose transaction nothing else happens."""
    writing = Writing({"book": Written(None)})
    store.mark(writing)
    assert store.settle(writing, written=True)


def fill(store):
    """Ask until an entry is there."""
    while not isinstance(read(store), Hit):
        found = store.read(READING, ttl_ms=60_000)
        if found is not None and isinstance(found[0], Miss):
            store.fill(READING, found[1], found[0], b"old", {}, [], ttl_ms=60_000)


@pytest.mark.redis
def test_who_holds_a_connection_to_the_old_master_reads_nothing_old(group, process):
    reader = process()
    fill(reader)
    old = group.master
    session = reader.session()
    with group.sentinels[0].client() as client:
        client.execute_command("SENTINEL", "FAILOVER", group.service)
    group.wait_for_other_master(old)
    write(process())
    # for eight seconds nobody tells the old one, nor this reader
    assert not isinstance(read(reader), Hit)
    fill(reader)
    assert reader.session().incarnation != session.incarnation
