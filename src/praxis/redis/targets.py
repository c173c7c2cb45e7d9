"""Where the servers of an alias are and how they are entered, read from its address. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from praxis.conf import Secret
from praxis.errors import SettingsError
from praxis.redis.tls import Tls, read_tls

REDIS_PORT, SENTINEL_PORT = 6379, 26379


class Topology(Enum):
    """How several servers make one."""

    STANDALONE = "one server"
    SENTINEL = "a master that Sentinels choose"
    CLUSTER = "masters that share the keys"


class Address(NamedTuple):
    """
    One server.

    Attributes:
        host: A name or an IP address; or the path of a Unix socket.
        port: 0 for a Unix socket.
    """

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if self.port else self.host


@dataclass(frozen=True, slots=True)
class Login:
    """
    Who connects.

    Attributes:
        user: Empty for the user that every server has.
        password: What is never shown.
    """

    user: str
    password: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """
    Everything that is needed to connect.

    Attributes:
        topology: What `addresses` are.
        addresses: The server, the Sentinels, or some nodes of the cluster.
        service: The name under which Sentinels know the master.
        database: The number to select; 0 in a cluster.
        login: For the servers that hold data.
        sentinel_login: For the Sentinels.
        tls: How to encrypt; None for plain connections.
    """

    topology: Topology
    addresses: tuple[Address, ...]
    service: str = ""
    database: int = 0
    login: Login | None = None
    sentinel_login: Login | None = None
    tls: Tls | None = None


#: The schemes, and whether they encrypt.
SCHEMES = {
    **{f"{name}": (Topology.STANDALONE, False) for name in ("redis", "valkey")},
    **{f"{name}s": (Topology.STANDALONE, True) for name in ("redis", "valkey")},
    **{f"{name}+sentinel": (Topology.SENTINEL, False) for name in ("redis", "valkey")},
    **{f"{name}s+sentinel": (Topology.SENTINEL, True) for name in ("redis", "valkey")},
    **{f"{name}+cluster": (Topology.CLUSTER, False) for name in ("redis", "valkey")},
    **{f"{name}s+cluster": (Topology.CLUSTER, True) for name in ("redis", "valkey")},
    "unix": (Topology.STANDALONE, False),
}
LOGIN_OPTIONS = {"username", "password"}
SENTINEL_OPTIONS = {"sentinel_username", "sentinel_password"}


def read_url(url: str) -> Target:
    """
    Return what a URL says.

    Raises:
        SettingsError: saying what is wrong; it never quotes the URL, which may hold a password.
    """
    try:
        parts = urlsplit(url)
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    except ValueError as error:
        raise SettingsError(f"The address is no URL: {error}.") from None
    if parts.scheme not in SCHEMES:
        raise SettingsError(
            f"The address begins with none of {', '.join(f'{each}://' for each in SCHEMES)}. "
            "Percent-encode a password that holds one of / ? # @."
        )
    topology, is_encrypted = SCHEMES[parts.scheme]
    tls = read_tls(options, is_encrypted=is_encrypted)
    path = unquote(parts.path)
    known = {"db"} | LOGIN_OPTIONS | (SENTINEL_OPTIONS if topology is Topology.SENTINEL else set())
    if unknown := sorted(set(options) - known):
        raise SettingsError(
            f"The address has an option {unknown[0]!r}, which means nothing here. Known: "
            f"{', '.join(sorted(known))}{' and the ssl_… of redis-py' if is_encrypted else ''}."
        )
    service = ""
    if topology is Topology.SENTINEL:
        service, _, path = path.strip("/").partition("/")
        if not service:
            raise SettingsError("The address lacks the service: …host:port/SERVICE.")
    is_socket = parts.scheme == "unix"
    default_port = SENTINEL_PORT if topology is Topology.SENTINEL else REDIS_PORT
    return checked(
        Target(
            topology=topology,
            addresses=(_socket(path),) if is_socket else _addresses(parts, default_port),
            service=service,
            database=_database(options.get("db") or ("" if is_socket else path.strip("/"))),
            login=_login(parts, options),
            sentinel_login=login(
                options.get("sentinel_username"), options.get("sentinel_password")
            ),
            tls=tls,
        )
    )


def checked(target: Target) -> Target:
    """Return the target; SettingsError if it asks for what there is not."""
    if target.topology is Topology.CLUSTER and target.database:
        raise SettingsError("A cluster has database 0 alone; the address asks for another one.")
    if target.topology is Topology.STANDALONE and len(target.addresses) > 1:
        raise SettingsError(
            "Several servers need redis+cluster:// or redis+sentinel://; with plain addresses "
            "nobody could tell which of them takes writes."
        )
    return target


def login(user: str | None, password: str | None) -> Login | None:
    """Return who connects; None without a password. A user without one is of no use."""
    return Login(user or "", Secret(password)) if password else None


def read_address(text: str, default_port: int) -> Address:
    """
    Return ``host``, ``host:port``, ``[v6]:port`` as an address.

    Raises:
        SettingsError: if it is none of them.
    """
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, str(default_port)
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
        raise SettingsError("The address has a port that is no number from 1 to 65535.")
    return Address(unquote(host) or "localhost", int(port))


def _addresses(parts: SplitResult, default_port: int) -> tuple[Address, ...]:
    hosts = parts.netloc.rpartition("@")[2]
    return tuple(read_address(each.strip(), default_port) for each in hosts.split(","))


def _socket(path: str) -> Address:
    if not path:
        raise SettingsError("The address lacks the path of the socket: unix:///path.")
    return Address(path, 0)


def _login(parts: SplitResult, options: Mapping[str, str]) -> Login | None:
    who, at, _ = parts.netloc.rpartition("@")
    user, _, password = who.partition(":") if at else ("", "", "")
    return login(
        unquote(user) or options.get("username"), unquote(password) or options.get("password")
    )


def _database(text: str) -> int:
    if not text:
        return 0
    if not text.isascii() or not text.isdigit():
        raise SettingsError("The address has a database that is no number.")
    return int(text)
