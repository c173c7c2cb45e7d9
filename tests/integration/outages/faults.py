"""What befalls a Redis, on real servers: each is a scene that can be struck and healed."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from praxis import embedded
from praxis.embedded import readiness
from praxis.embedded.sentinel import SentinelServer
from praxis.redis.slots import key_slot
from tests.integration.redis_settings import address_of

#: How long a master must be silent before another server takes its place, in seconds.
DOWN_AFTER_S, NODE_TIMEOUT_S = 0.5, 1.0


@dataclass(frozen=True, slots=True)
class Scene:
    """
    Servers that run, and what can be done to them.

    Attributes:
        url: As the settings take it.
        strike: Makes it fail.
        heal: Repairs it, or waits until it has repaired itself.
        loses: Whether acknowledged writes may be lost that no replica was waited for.
        replicas: How many replicas can be waited for.
        has_heir: Whether the others have agreed on one that takes the place of what was struck.
        is_hit: Whether the server that has a key is the one that is struck.
    """

    url: str
    strike: Callable[[], None]
    heal: Callable[[], None]
    loses: bool = False
    replicas: int = 0
    has_heir: Callable[[], bool] | None = None
    is_hit: Callable[[bytes], bool] = lambda _: True


@contextmanager
def stopped(folder: Path) -> Iterator[Scene]:
    """Killed, and started again with what it had written to its disk."""
    with embedded.redis(directory=folder) as server:
        yield Scene(server.url, server.kill, server.restart)


@contextmanager
def paused(_: Path) -> Iterator[Scene]:
    """Its connections stay open, and nothing answers."""
    with embedded.redis() as server:
        try:
            yield Scene(server.url, server.pause, server.resume)
        finally:
            server.resume()


@contextmanager
def cut(_: Path) -> Iterator[Scene]:
    """All connections are reset, and new ones refused."""
    with embedded.redis() as server, embedded.TcpProxy(server.host, server.port) as proxy:

        def strike() -> None:
            proxy.refuse()
            proxy.cut()

        yield Scene(proxy.through(server.url), strike, proxy.restore)


@contextmanager
def half_open(_: Path) -> Iterator[Scene]:
    """Connections stay open and are accepted, and what is sent does not arrive."""
    with embedded.redis() as server, embedded.TcpProxy(server.host, server.port) as proxy:
        yield Scene(proxy.through(server.url), proxy.black_hole, proxy.restore)


@contextmanager
def sentinel_killed(_: Path) -> Iterator[Scene]:
    """The master is killed; Sentinels promote a replica."""
    with _group() as group:
        old = group.master
        yield _watched(group, old, old.kill, lambda: group.wait_for_other_master(old))


@contextmanager
def sentinel_hung(_: Path) -> Iterator[Scene]:
    """The master hangs; Sentinels promote a replica, and the old master goes on beside it."""
    with _group() as group:
        old = group.master

        def heal() -> None:
            group.wait_for_other_master(old)
            old.resume()  # a master of its own until the Sentinels tell it, seconds later

        yield _watched(group, old, old.pause, heal)


@contextmanager
def sentinel_lagging(_: Path) -> Iterator[Scene]:
    """The master is killed while no replica has the last of what was written."""
    with _group() as group:
        old, replicas = group.master, group.replicas

        def strike() -> None:
            for replica in replicas:
                with replica.client() as client:
                    client.config_set("masterauth", "wrong")
                    client.client_kill_filter(_type="master")
            time.sleep(1.0)  # what is written meanwhile is acknowledged by the master alone
            old.kill()

        def heal() -> None:
            for replica in replicas:
                with replica.client() as client:
                    client.config_set("masterauth", replica.password)
            group.wait_for_other_master(old)

        yield _watched(group, old, strike, heal)


@contextmanager
def cluster_killed(_: Path) -> Iterator[Scene]:
    """One of three masters is killed; its replica takes over, and it comes back as a replica."""
    with embedded.redis_cluster(node_timeout_s=NODE_TIMEOUT_S) as cluster:
        victim = cluster.nodes[0]
        yield _joined(cluster, victim, victim.kill, victim.restart)


@contextmanager
def cluster_hung(_: Path) -> Iterator[Scene]:
    """One of three masters hangs; its replica takes over, and it goes on as the replica."""
    with embedded.redis_cluster(node_timeout_s=NODE_TIMEOUT_S) as cluster:
        victim = cluster.nodes[0]
        yield _joined(cluster, victim, victim.pause, victim.resume)


FAULTS = (
    stopped, paused, cut, half_open, sentinel_killed, sentinel_hung, sentinel_lagging,
    cluster_killed, cluster_hung,
)  # fmt: skip


def _group() -> embedded.RedisSentinel:
    # two, so that one is left to be waited for when the other is the master
    return embedded.redis_sentinel(replicas=2, sentinels=3, down_after_s=DOWN_AFTER_S)


def _watched(
    group: embedded.RedisSentinel,
    old: embedded.RedisServer,
    strike: Callable[[], None],
    heal: Callable[[], object],
) -> Scene:
    def healed() -> None:
        heal()
        # without a replica nothing that is to be waited for can be written
        readiness.wait_until(
            lambda: _has_replica(group.master), what="a replica of the new master", timeout_s=30.0
        )

    return Scene(
        address_of(group),
        strike,
        healed,
        loses=True,
        replicas=1,
        has_heir=lambda: any(_named_by(each) != old.port for each in group.sentinels),
    )


def _joined(
    cluster: embedded.RedisCluster,
    victim: embedded.RedisServer,
    strike: Callable[[], None],
    restore: Callable[[], None],
) -> Scene:
    owned = range(_first_slots(cluster, victim))
    (heir,) = (node for node in cluster.nodes[3:] if _follows(node, victim))

    def heal() -> None:
        readiness.wait_until(
            lambda: _role(heir) == "master", what="the replica's promotion", timeout_s=30.0
        )
        restore()
        readiness.wait_until(
            lambda: _has_replica(heir), what="the old master as a replica", timeout_s=30.0
        )

    return Scene(
        address_of(cluster),
        strike,
        heal,
        loses=True,
        replicas=1,
        has_heir=lambda: _role(heir) == "master",
        is_hit=lambda key: key_slot(key) in owned,
    )


def _named_by(sentinel: SentinelServer) -> int:
    with sentinel.client() as client:
        _, port = client.sentinel_get_master_addr_by_name(embedded.RedisSentinel.service)
    return int(port)


def _first_slots(cluster: embedded.RedisCluster, victim: embedded.RedisServer) -> int:
    """How many slots the first node has: it has the first ones."""
    with victim.client() as client:
        shards = client.execute_command("CLUSTER SLOTS")
    (last,) = (int(shard[1]) for shard in _listed(shards) if int(shard[0]) == 0)
    return last + 1


def _listed(shards: object) -> list[list[int]]:
    # redis-py makes a dict of it: (first, last) -> the nodes
    if isinstance(shards, dict):
        return [list(span) for span in shards]
    return list(shards)  # type: ignore[call-overload]


def _follows(node: embedded.RedisServer, master: embedded.RedisServer) -> bool:
    with node.client() as client:
        return int(client.info("replication").get("master_port", 0)) == master.port


def _role(server: embedded.RedisServer) -> str:
    """What a server takes itself for: ``master`` or ``slave``."""
    with server.client() as client:
        return str(client.info("replication")["role"])


def _has_replica(server: embedded.RedisServer) -> bool:
    with server.client() as client:
        found = client.info("replication")
    return any(found[f"slave{at}"]["state"] == "online" for at in range(found["connected_slaves"]))
