"""A Redis Cluster on this machine: three masters, each with one replica."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from praxis.embedded import readiness
from praxis.embedded.group import Group
from praxis.embedded.processes import Household
from praxis.embedded.redis_server import RedisServer, start_configured_redis, start_redis

if TYPE_CHECKING:
    from redis.cluster import RedisCluster as ClusterClient

MASTERS = 3
SLOTS = 16_384
READY_TIMEOUT_S = 60.0


class RedisCluster(Group):
    """
    A running cluster; a context manager that stops all of it at the end.

    Attributes:
        nodes: Six servers; the first three began as masters, the others as their replicas.
    """

    def __init__(self, household: Household, nodes: list[RedisServer]) -> None:
        super().__init__(household)
        self.nodes = nodes

    @property
    def url(self) -> str:
        """A node's address: clients learn the others from it."""
        return next((node.url for node in self.nodes if node.is_alive), self.nodes[0].url)

    @property
    def urls(self) -> list[str]:
        return [node.url for node in self.nodes]

    def client(self, **options: Any) -> "ClusterClient":
        """Return a new redis-py cluster client with answers as text; the caller closes it."""
        from redis.cluster import RedisCluster as ClusterClient

        options.setdefault("decode_responses", True)
        return ClusterClient.from_url(self.url, **options)

    def flush(self) -> None:
        """Delete every key on every master."""
        for node in self.nodes:
            if node.is_alive:
                with node.client() as client:
                    if client.info("replication")["role"] == "master":
                        client.flushall()


def redis_cluster(*, node_timeout_s: float = 2.0, directory: Path | None = None) -> RedisCluster:
    """
    Start six nodes and join them; return when all of them serve all slots.

    A folder that is used again starts the cluster as it was, on its ports.

    Args:
        node_timeout_s: How long a node must be silent to count as gone (Redis' default is 15).
        directory: Where to keep the data for the next time; temporary if None.

    Raises:
        ServerError: if no Redis was found or a node did not start; nothing runs then.
    """
    household = Household(directory=directory)
    try:
        return _start_cluster(household, node_timeout_s)
    except BaseException:
        household.close()
        raise


def _start_cluster(household: Household, node_timeout_s: float) -> RedisCluster:
    lines = (
        "cluster-enabled yes",
        "cluster-config-file nodes.conf",
        f"cluster-node-timeout {round(node_timeout_s * 1000)}",
    )
    nodes, is_new = [], False
    for number in range(1, MASTERS * 2 + 1):
        name = f"node{number}"
        node = start_configured_redis(household, name)
        if node is None:
            is_new = True
            node = start_redis(household, name, lines=lines, cluster=True)
        nodes.append(node)
    if is_new:
        _join(nodes)
    readiness.wait_until(
        lambda: all(_is_ready(node) for node in nodes),
        what="the cluster",
        timeout_s=READY_TIMEOUT_S,
    )
    return RedisCluster(household, nodes)


def _join(nodes: list[RedisServer]) -> None:
    """Give the first three nodes their slots, introduce all six, and make three replicas."""
    masters, replicas = nodes[:MASTERS], nodes[MASTERS:]
    for index, master in enumerate(masters):
        first, last = (SLOTS * i // MASTERS for i in (index, index + 1))
        _command(master, "ADDSLOTS", *range(first, last))
        # Different epochs from the start: equal ones are settled one by one, which takes seconds.
        _command(master, "SET-CONFIG-EPOCH", index + 1)
    for node in nodes[1:]:
        _command(nodes[0], "MEET", node.host, node.port)
    readiness.wait_until(
        lambda: all(_info(node)["cluster_known_nodes"] == str(len(nodes)) for node in nodes),
        what="the nodes' introduction to each other",
        timeout_s=READY_TIMEOUT_S,
    )
    for master, replica in zip(masters, replicas, strict=True):
        _command(replica, "REPLICATE", _command(master, "MYID"))


def _is_ready(node: RedisServer) -> bool:
    """Tell whether a node serves, and knows a replica of each master: clients may ask any."""
    if _info(node)["cluster_state"] != "ok":
        return False
    with node.client() as client:
        replication = client.info("replication")
        shards = client.execute_command("CLUSTER SLOTS")
    # Not "up" alone: a node that has just been told to replicate may still call itself master.
    return bool(
        (replication["role"] == "master" or replication["master_link_status"] == "up")
        and len(shards) >= MASTERS
        # Each is the first slot, the last one, the master, and then its replicas.
        and all(len(shard) > 3 for shard in shards)
    )


def _info(node: RedisServer) -> dict[str, str]:
    answer: Any = _command(node, "INFO")
    if isinstance(answer, dict):  # redis-py reads this one by itself
        return answer
    return dict(line.split(":", 1) for line in str(answer).splitlines() if ":" in line)


def _command(node: RedisServer, *words: object) -> Any:
    with node.client() as client:
        return client.execute_command(f"CLUSTER {words[0]}", *words[1:])
