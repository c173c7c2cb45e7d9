"""An entry of ``DATABASES`` from an address, with timeouts that end what hangs. No I/O here."""

from typing import Any, Literal
from urllib.parse import parse_qsl, unquote

from praxis.errors import SettingsError

_SCHEMES = {
    "postgres": "django.db.backends.postgresql",
    "postgresql": "django.db.backends.postgresql",
    "postgis": "django.contrib.gis.db.backends.postgis",
}
Service = Literal["sync", "async"]
Pooler = Literal["", "session", "transaction"]


def from_url(
    url: str,
    *,
    service: Service = "sync",
    pooler: Pooler = "",
    pool_size: int | None = None,
    is_replica: bool = False,
    connect_timeout_s: int | None = None,
    statement_timeout_s: float = 30.0,
    lock_timeout_s: float = 5.0,
    idle_in_transaction_timeout_s: float = 60.0,
    pool_timeout_s: float = 5.0,
    application_name: str = "django",
) -> dict[str, Any]:
    """
    Return an entry of ``DATABASES`` for a PostgreSQL server, or for PgBouncer before it.

        DATABASES = {"default": from_url(os.environ["DATABASE_URL"], service="async")}

    Args:
        url: ``postgresql://user:password@host:port/name?sslmode=require``; further parameters are
            libpq's. Of several hosts with commas the one is used that takes writes, wherever a
            fail-over has moved it: ``postgresql://user@one,two:5433/name``.
        service: ``sync`` keeps a connection in each thread. ``async`` shares a pool, since its
            threads come and go.
        pooler: How PgBouncer shares connections: ``transaction`` or ``session``; empty without.
        pool_size: ``max_size`` of the pool of each process; 0 for none. As the service needs it if
            None: none for ``sync`` and behind a pooler, 10 for ``async``.
        is_replica: Whether it leads to replicas: of several hosts one that follows is used, and a
            connection that takes long is given up sooner.
        connect_timeout_s: For each host; libpq takes 2 at least. 5 if None, of replicas 2.
        statement_timeout_s: How long a statement may run; 0 for any time. Not behind a pooler in
            transaction mode, as the other two: say it there by ``ALTER ROLE … SET``.
        lock_timeout_s: How long a statement may wait for a lock; 0 for any time.
        idle_in_transaction_timeout_s: How long a transaction may do nothing; 0 for any time.
        pool_timeout_s: How long a request may wait for a connection of the pool; above 0.
        application_name: As which the server lists the connections.

    Raises:
        SettingsError: if the address or an argument means nothing. The password is never told.
    """
    _check(service, pooler, pool_size)
    entry, options = _read(url)
    several = "," in entry["HOST"]
    if several:
        options.setdefault("target_session_attrs", "prefer-standby" if is_replica else "read-write")
    options.setdefault("connect_timeout", connect_timeout_s or (2 if is_replica else 5))
    options.setdefault("application_name", application_name)
    # a peer whose cable was pulled is noticed after a minute, and not after two hours
    for name, value in (
        ("keepalives_idle", 30),
        ("keepalives_interval", 10),
        ("keepalives_count", 3),
        ("tcp_user_timeout", 60_000),
    ):
        options.setdefault(name, value)
    if pooler != "transaction" and "options" not in options:
        limits = {
            "statement_timeout": statement_timeout_s,
            "lock_timeout": lock_timeout_s,
            "idle_in_transaction_session_timeout": idle_in_transaction_timeout_s,
        }
        options["options"] = " ".join(
            f"-c {name}={round(limit_s * 1000)}" for name, limit_s in limits.items()
        )
    if pooler == "transaction":
        # a cursor and a prepared statement live in a connection that others get in between
        entry["DISABLE_SERVER_SIDE_CURSORS"] = True
        options["prepare_threshold"] = None
    size = (10 if service == "async" and not pooler else 0) if pool_size is None else pool_size
    if size:
        options["pool"] = {"min_size": min(2, size), "max_size": size, "timeout": pool_timeout_s}
    entry["CONN_MAX_AGE"] = 0 if size or service == "async" else 600
    entry["CONN_HEALTH_CHECKS"] = True
    entry["OPTIONS"] = options
    return entry


def _check(service: str, pooler: str, pool_size: int | None) -> None:
    if service not in {"sync", "async"}:
        raise SettingsError(f"service must be 'sync' or 'async', not {service!r}.")
    if pooler not in {"", "session", "transaction"}:
        raise SettingsError(f"pooler must be 'session', 'transaction' or '', not {pooler!r}.")
    if pool_size is not None and pool_size < 0:
        raise SettingsError(f"pool_size must be 0 or more, not {pool_size}.")


def _read(url: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The entry that an address names, and the parameters behind the ``?``."""
    scheme, separator, rest = url.partition("://")
    if scheme not in _SCHEMES or not separator:
        raise SettingsError(
            "The address of a database must look like postgresql://user:password@host:5432/name, "
            f"not {scheme[:20] if separator else '…'}://"
        )
    rest, _, query = rest.partition("?")
    location, _, name = rest.partition("/")
    who, _, where = location.rpartition("@")
    user, _, password = who.partition(":")
    hosts = [_host(one) for one in where.split(",")] if where else []
    options: dict[str, Any] = dict(parse_qsl(query))
    host = options.pop("host", "") or ",".join(host for host, _ in hosts)
    ports = [port or "5432" for _, port in hosts]
    port = options.pop("port", "") or (ports[0] if len(set(ports)) == 1 else ",".join(ports))
    entry = {
        "ENGINE": _SCHEMES[scheme],
        "NAME": unquote(name) or unquote(user),
        "USER": unquote(user),
        "PASSWORD": unquote(password),
        "HOST": host,
        "PORT": port,
    }
    if not entry["NAME"]:
        raise SettingsError("The address of a database names none: write it behind the host.")
    return entry, options


def _host(text: str) -> tuple[str, str]:
    """A host and its port; of IPv6 without the brackets."""
    if text.startswith("["):
        host, closed, port = text[1:].partition("]")
        is_wrong = not closed or (port and not port.startswith(":"))
        port = port[1:]
    else:
        host, _, port = text.partition(":")
        is_wrong = ":" in port
    if is_wrong or (port and not port.isdecimal()):
        raise SettingsError("The address of a database has a host or a port that means nothing.")
    return unquote(host), port
