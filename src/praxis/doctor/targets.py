"""What is to be asked: servers by address, and what the site does with each of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from praxis.errors import ConfigError

#: Server to the schemes of its addresses.
SCHEMES = {
    "postgres": ("postgresql", "postgres"),
    "redis": ("redis", "rediss", "unix"),
    "broker": ("redis", "rediss", "unix"),
    "web": ("http", "https"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """
    How one entry of ``DATABASES`` connects.

    Attributes:
        name: Its key.
        pool_size: Connections of a process at most; None without a pool (one for each thread).
        keeps: Whether connections outlive a request.
        server_side_cursors: Whether ``iterator()`` uses them.
        prepares: Whether statements are prepared.
        waits_s: ``connect_timeout``; None if there is none.
    """

    name: str
    pool_size: int | None = None
    keeps: bool = False
    server_side_cursors: bool = True
    prepares: bool = False
    waits_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """
    One server to ask.

    Attributes:
        server: ``"postgres"``, ``"redis"``, ``"broker"``, ``"web"`` or ``"host"``.
        where: Its address without a password, as reports show it.
        parameters: What connecting takes; it holds passwords.
        names: Who named it: ``"DATABASES['default']"``, ``"--redis"``.
        uses: What the site does with it: ``"cache"``, ``"sessions"``, ``"broker"``, …
        aliases: The entries of ``DATABASES`` that lead to it.
    """

    server: str
    where: str
    parameters: Mapping[str, Any] = field(repr=False, default_factory=dict)
    names: tuple[str, ...] = ()
    uses: frozenset[str] = frozenset()
    aliases: tuple[Alias, ...] = ()

    @classmethod
    def at(
        cls, server: str, url: str, *, name: str = "", uses: frozenset[str] = frozenset()
    ) -> "Target":
        """
        The target at an address.

        Raises:
            ConfigError: if it is none of this kind of server; the message has no password.
        """
        schemes = SCHEMES[server]
        try:
            parts = urlsplit(url)
            _ = parts.port
        except ValueError as error:
            raise ConfigError(f"{name or server}: not an address: {error}") from None
        if parts.scheme not in schemes:
            raise ConfigError(
                f"{name or server}: the address must begin with "
                f"{' or '.join(f'{scheme}://' for scheme in schemes)}, not "
                f"{parts.scheme or '…'}://"
            )
        key = "conninfo" if server == "postgres" else "url"
        return cls(
            server=server,
            where=shown(url),
            parameters={key: url},
            names=(name,) if name else (),
            uses=uses,
        )


def shown(url: str) -> str:
    """*url* without its password and without its query, which may hold another one."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    options = parse_qs(parts.query)
    if not host and "host" in options:  # libpq's way to name a folder of sockets
        host = options["host"][0]
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    who = f"{unquote(parts.username)}@" if parts.username else ""
    return f"{parts.scheme}://{who}{host}{port}{parts.path}"
