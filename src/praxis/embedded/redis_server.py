"""One Redis server."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from praxis.embedded import readiness
from praxis.embedded.binaries import find_redis
from praxis.embedded.claims import claim_redis_database
from praxis.embedded.ports import is_free, start_on_port
from praxis.embedded.processes import Household, ServerProcess, demand_unix
from praxis.embedded.server import Server
from praxis.errors import ServerError

if TYPE_CHECKING:
    from redis import Redis

HOST = "127.0.0.1"
START_TIMEOUT_S = 20.0
MAX_SOCKET_BYTES = 100  # Linux allows 107, macOS 103
ADDRESS_VARIABLE = "PRAXIS_REDIS_URL"


@dataclass(frozen=True, slots=True)
class RedisConfig:
    """What goes into a ``redis.conf``; `text` is the file."""

    port: int  # 0 when only a socket is wanted
    directory: Path
    password: str
    is_kept: bool
    socket: Path | None = None
    lines: tuple[str, ...] = ()  # what a replica or a cluster node needs besides

    def text(self) -> str:
        lines = [
            f"bind {HOST}",
            f"port {self.port}",
            f"dir {_quoted(self.directory)}",
            f"requirepass {self.password}",
            f"masterauth {self.password}",
            "daemonize no",
            # A temporary server's data ends with it; a kept one loses at most a second of it.
            'save ""',
            f"appendonly {'yes' if self.is_kept else 'no'}",
            "appendfsync everysec",
            "repl-diskless-sync yes",
            "repl-diskless-sync-delay 0",
            "repl-ping-replica-period 1",
        ]
        if self.socket:
            lines += [f"unixsocket {_quoted(self.socket)}", "unixsocketperm 700"]
        return "\n".join([*lines, *self.lines]) + "\n"


class RedisServer(Server):
    """
    A running Redis; a context manager that stops it at the end.

    Attributes:
        url: The address with its password, as redis-py and Django take it.
        host: Its IP address; empty on a Unix socket.
        port: Its TCP port; 0 on a Unix socket.
        password: What `url` holds.
        socket: Its Unix socket, if it has one.
    """

    def __init__(
        self,
        *,
        url: str,
        port: int,
        password: str,
        socket: Path | None = None,
        process: ServerProcess | None = None,
        start_again: Callable[[], ServerProcess] | None = None,
        renew: Callable[[], None] | None = None,
        close: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(process, variable=ADDRESS_VARIABLE, start_again=start_again, close=close)
        self.url = url
        self.host = "" if socket else HOST
        self.port = port
        self.password = password
        self.socket = socket
        self._renew = renew

    def __repr__(self) -> str:
        return f"<RedisServer {self.socket or f'{self.host}:{self.port}'}>"

    def client(self, **options: Any) -> "Redis":
        """Return a new redis-py client with answers as text; the caller closes it."""
        from redis import Redis

        options.setdefault("decode_responses", True)
        client: Redis = Redis.from_url(self.url, **options)
        return client

    def flush(self) -> None:
        """Delete every key (on an external server: of the database that we hold)."""
        if self._renew:
            self._renew()  # first: a database that is not ours any more is not ours to empty
        with self.client() as client:
            if self.is_external:
                client.flushdb()
            else:
                client.flushall()

    def django_settings(self) -> dict[str, Any]:
        """Return an entry for ``CACHES``."""
        return {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": self.url,
        }


def redis(
    *, port: int | None = None, directory: Path | None = None, socket: bool = False
) -> RedisServer:
    """
    Start a Redis server, or use the one at ``PRAXIS_REDIS_URL``.

    It listens on 127.0.0.1 alone and asks for a password of its own. With an address in the
    environment nothing is started, the arguments do not apply, and one empty database of that
    server is held until `RedisServer.stop`.

    Args:
        port: A TCP port; chosen if None. Taken: an error, never another server's data.
        directory: Where to keep the data for the next time; temporary and in memory if None.
        socket: Listen on a Unix socket in the folder instead of a port.

    Raises:
        ServerError: if no server was found or it did not start; nothing runs then.
    """
    if address := os.environ.get(ADDRESS_VARIABLE):
        claim = claim_redis_database(address)
        return RedisServer(
            url=claim.url,
            port=claim.port,
            password=claim.password,
            renew=claim.renew,
            close=claim.release,
        )
    demand_unix()
    find_redis()
    household = Household(directory=directory)
    try:
        if port is None and not socket:
            port = _previous_port(household)
        return start_redis(household, "redis", port=port, socket=socket, close=household.close)
    except BaseException:
        household.close()
        raise


def start_redis(
    household: Household,
    name: str,
    *,
    port: int | None = None,
    socket: bool = False,
    lines: tuple[str, ...] = (),
    cluster: bool = False,
    close: Callable[[], None] | None = None,
) -> RedisServer:
    """
    Write ``NAME/redis.conf`` in a household and start the server that it describes.

    Args:
        household: Where it lives.
        name: Its folder.
        port: The port to take; a free one if None.
        socket: Listen on a Unix socket instead.
        lines: What its configuration holds besides.
        cluster: Whether it is a node of a Redis Cluster, which needs a second port.
        close: What `RedisServer.stop` does instead of stopping this one server.
    """
    folder = household.folder(name)
    path = folder / "redis.sock" if socket else None
    if path and len(os.fsencode(path)) > MAX_SOCKET_BYTES:
        raise ServerError(f"{path} is too long for a Unix socket. Choose a shorter folder.")

    def launch(at_port: int) -> tuple[int, ServerProcess]:
        config = RedisConfig(
            port=at_port,
            directory=folder,
            password=household.password(),
            is_kept=household.is_kept,
            socket=path,
            lines=lines,
        )
        household.write(folder / "redis.conf", config.text())
        return at_port, launch_redis(household, name, port=at_port, socket=path)

    if socket:
        at_port, process = launch(0)
    else:
        at_port, process = start_on_port(launch, port=port, with_cluster_bus=cluster)
    return _handle(household, name, at_port, process, socket=path, close=close)


def start_configured_redis(household: Household, name: str) -> RedisServer | None:
    """
    Start a kept server as it was when it stopped; None if there is none of that name.

    Members of a group write each other's ports and their roles into their configuration.
    """
    port = configured_port(household, name)
    if port is None:
        return None
    return _handle(household, name, port, launch_redis(household, name, port=port))


def launch_redis(
    household: Household,
    name: str,
    *,
    port: int,
    socket: Path | None = None,
    options: tuple[str, ...] = (),
) -> ServerProcess:
    """Start the server that ``NAME/redis.conf`` describes and wait until it answers."""
    folder = household.directory / name
    process = household.start(
        [find_redis().server, folder / "redis.conf", *options],
        log=folder / "redis.log",
        stop_timeout_s=20.0,
    )
    what = f"Redis on {socket}" if socket else f"Redis on port {port}"
    url = redis_url(port=port, password=household.password(), socket=socket)
    if options:
        url = redis_url(port=port)  # a Sentinel asks for no password
    try:
        readiness.wait_for_redis(process, url, what=what, timeout_s=START_TIMEOUT_S)
    except BaseException:
        process.stop()
        raise
    return process


def redis_url(*, port: int, password: str = "", socket: Path | None = None) -> str:
    """Return the address that redis-py and Django take; without a database, so that they choose."""
    who = f":{password}@" if password else ""
    return f"unix://{who}{quote(str(socket))}" if socket else f"redis://{who}{HOST}:{port}"


def configured_port(household: Household, name: str) -> int | None:
    """Return the port in a kept server's configuration; None if there is none yet."""
    path = household.directory / name / "redis.conf"
    if not path.exists():
        return None
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("port "):
            return int(line.split()[1]) or None
    return None


def _handle(
    household: Household,
    name: str,
    port: int,
    process: ServerProcess,
    *,
    socket: Path | None = None,
    close: Callable[[], None] | None = None,
) -> RedisServer:
    password = household.password()
    return RedisServer(
        url=redis_url(port=port, password=password, socket=socket),
        port=port,
        password=password,
        socket=socket,
        process=process,
        start_again=lambda: launch_redis(household, name, port=port, socket=socket),
        close=close,
    )


def _previous_port(household: Household) -> int | None:
    """Return the port that a kept server had, if it is still free: addresses then stay good."""
    port = configured_port(household, "redis")
    return port if port and is_free(port) else None


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
