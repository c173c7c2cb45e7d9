"""A Redis master with replicas, and Sentinels that promote one of them when it fails."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from praxis.embedded import readiness
from praxis.embedded.group import Group
from praxis.embedded.ports import start_on_port
from praxis.embedded.processes import Household, ServerProcess
from praxis.embedded.redis_server import (
    HOST,
    RedisServer,
    configured_port,
    launch_redis,
    redis_url,
    start_configured_redis,
    start_redis,
)
from praxis.embedded.server import Server
from praxis.errors import ServerError

if TYPE_CHECKING:
    from redis import Redis
    from redis.sentinel import Sentinel

SERVICE = "praxis"  # what the Sentinels call the group
READY_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class SentinelConfig:
    """What goes into a Sentinel's configuration; `text` is the file."""

    port: int
    directory: Path
    master_port: int
    password: str
    quorum: int
    down_after_s: float

    def text(self) -> str:
        return (
            f"bind {HOST}\n"
            f"port {self.port}\n"
            f'dir "{self.directory}"\n'
            f"sentinel monitor {SERVICE} {HOST} {self.master_port} {self.quorum}\n"
            f"sentinel auth-pass {SERVICE} {self.password}\n"
            f"sentinel down-after-milliseconds {SERVICE} {round(self.down_after_s * 1000)}\n"
            f"sentinel failover-timeout {SERVICE} {max(6_000, round(self.down_after_s * 4000))}\n"
        )


class SentinelServer(Server):
    """One running Sentinel."""

    def __init__(
        self, port: int, process: ServerProcess, start_again: Callable[[], ServerProcess]
    ) -> None:
        super().__init__(process, start_again=start_again)
        self.host = HOST
        self.port = port

    def __repr__(self) -> str:
        return f"<SentinelServer {self.host}:{self.port}>"

    def client(self) -> "Redis":
        """Return a new redis-py client with answers as text; the caller closes it."""
        from redis import Redis

        client: Redis = Redis.from_url(redis_url(port=self.port), decode_responses=True)
        return client


class RedisSentinel(Group):
    """
    A running group; a context manager that stops all of it at the end.

    Attributes:
        servers: The Redis servers; the first began as the master.
        sentinels: The Sentinels that watch them.
        service: The name that the Sentinels know the group by.
    """

    service = SERVICE

    def __init__(
        self, household: Household, servers: list[RedisServer], sentinels: list[SentinelServer]
    ) -> None:
        super().__init__(household)
        self.servers = servers
        self.sentinels = sentinels

    @property
    def password(self) -> str:
        return self.servers[0].password

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Where the Sentinels listen, as ``redis.sentinel.Sentinel`` takes it."""
        return [(sentinel.host, sentinel.port) for sentinel in self.sentinels]

    @property
    def master(self) -> RedisServer:
        """The master that the Sentinels name now; it may have died a moment ago."""
        for sentinel in self.sentinels:
            if not sentinel.is_alive:
                continue
            with sentinel.client() as client:
                _, port = client.sentinel_get_master_addr_by_name(SERVICE)
            return next(server for server in self.servers if server.port == int(port))
        raise ServerError("No Sentinel of the group is running. Restart one of `sentinels`.")

    @property
    def replicas(self) -> list[RedisServer]:
        """All servers but the master."""
        master = self.master
        return [server for server in self.servers if server is not master]

    def client(self, **options: Any) -> "Sentinel":
        """Return a redis-py Sentinel; ``.master_for(group.service)`` is a client."""
        from redis.sentinel import Sentinel

        options.setdefault("decode_responses", True)
        build: Callable[..., Sentinel] = Sentinel  # redis-py leaves its constructor untyped
        return build(self.addresses, password=self.password, **options)

    def wait_for_other_master(self, old: RedisServer, *, timeout_s: float = 30.0) -> RedisServer:
        """
        Wait until all running Sentinels agree on a master other than *old* and it takes writes.

        One alone may name the new master while it still counts the group as down.

        Raises:
            ServerError: if they do not in *timeout_s*.
        """
        running = [sentinel for sentinel in self.sentinels if sentinel.is_alive]

        def promoted() -> bool:
            views = [_view(sentinel) for sentinel in running]
            if any(v["port"] == old.port or v["is_sdown"] or v["is_odown"] for v in views):
                return False
            with self.master.client() as client:
                return bool(client.info("replication")["role"] == "master")

        readiness.wait_until(promoted, what="a new master", timeout_s=timeout_s)
        return self.master


def redis_sentinel(
    *,
    replicas: int = 1,
    sentinels: int = 3,
    down_after_s: float = 1.0,
    port: int | None = None,
    directory: Path | None = None,
) -> RedisSentinel:
    """
    Start a master with *replicas* and *sentinels*; return when fail-over is possible.

    A folder that is used again starts the group as it was, on its ports.

    Args:
        replicas: At least 1.
        sentinels: At least 1; a majority of them must agree that the master is gone.
        down_after_s: How long a server must be silent to count as gone.
        port: The first master's port; chosen if None.
        directory: Where to keep the data for the next time; temporary if None.

    Raises:
        ServerError: if no Redis was found or one did not start; nothing runs then.
    """
    if replicas < 1 or sentinels < 1 or down_after_s <= 0:
        raise ServerError(
            "A Sentinel group needs at least 1 replica, 1 sentinel and down_after_s above 0, "
            f"not {replicas}, {sentinels} and {down_after_s}."
        )
    household = Household(directory=directory)
    try:
        return _start_group(household, replicas, sentinels, down_after_s, port)
    except BaseException:
        household.close()
        raise


def _start_group(
    household: Household, replicas: int, sentinels: int, down_after_s: float, port: int | None
) -> RedisSentinel:
    first = start_configured_redis(household, "redis1")
    master = first or start_redis(household, "redis1", port=port)
    servers = [master]
    for number in range(2, replicas + 2):
        name = f"redis{number}"
        lines = (f"replicaof {HOST} {master.port}",)
        servers.append(
            start_configured_redis(household, name) or start_redis(household, name, lines=lines)
        )
    # A Sentinel looks for replicas when it starts and then only every ten seconds.
    if first is None:
        readiness.wait_until(
            lambda: _connected_replicas(master) == replicas,
            what="the replicas",
            timeout_s=READY_TIMEOUT_S,
        )
    watchers = [
        _start_sentinel(
            household,
            f"sentinel{number}",
            master_port=master.port,
            quorum=sentinels // 2 + 1,
            down_after_s=down_after_s,
        )
        for number in range(1, sentinels + 1)
    ]
    group = RedisSentinel(household, servers, watchers)
    readiness.wait_until(
        lambda: all(_sees(watcher, replicas, sentinels) for watcher in watchers),
        what="the Sentinels",
        timeout_s=READY_TIMEOUT_S,
    )
    return group


def _start_sentinel(
    household: Household, name: str, *, master_port: int, quorum: int, down_after_s: float
) -> SentinelServer:
    folder = household.folder(name)

    def again(port: int) -> ServerProcess:
        return launch_redis(household, name, port=port, options=("--sentinel",))

    def launch(port: int) -> tuple[int, ServerProcess]:
        config = SentinelConfig(
            port, folder, master_port, household.password(), quorum, down_after_s
        )
        household.write(folder / "redis.conf", config.text())
        return port, again(port)

    if known := configured_port(household, name):
        return SentinelServer(known, again(known), lambda: again(known))
    port, process = start_on_port(launch, port=None)
    return SentinelServer(port, process, lambda: again(port))


def _connected_replicas(master: RedisServer) -> int:
    with master.client() as client:
        answer = client.info("replication")
    connected = int(answer["connected_slaves"])
    return sum(answer[f"slave{number}"]["state"] == "online" for number in range(connected))


def _sees(watcher: SentinelServer, replicas: int, sentinels: int) -> bool:
    """Tell whether a Sentinel knows all replicas and all other Sentinels."""
    seen = _view(watcher)
    return bool(
        seen["num-slaves"] >= replicas
        and seen["num-other-sentinels"] == sentinels - 1
        and not seen["is_sdown"]
    )


def _view(watcher: SentinelServer) -> dict[str, Any]:
    """Return what a Sentinel knows about the group and its master."""
    with watcher.client() as client:
        view: dict[str, Any] = client.sentinel_master(SERVICE)
    return view
