"""Mistakes in how replicas are set up, as ``manage.py check`` reports them, with no connection."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - its name
from django.db import connections
from django.utils.module_loading import import_string

from praxis.conf import config, databases, dotted_paths
from praxis.errors import SettingsError
from praxis.setup_checks import TAG

#: What each id is about, for the documentation.
SAYS: Mapping[str, str] = {
    "praxis.E050": "`PRAXIS['databases']['replicas']` names an alias that is not in `DATABASES`",
    "praxis.E051": "a replica is its own primary, or has one that is a replica itself",
    "praxis.E052": "a database whose replicas are to be read is not PostgreSQL",
    "praxis.E053": "`ReplicaRouter` needs psycopg 3",
    "praxis.W050": "`ReplicaRouter` without `ReplicaMiddleware`: requests read the primary alone",
    "praxis.W051": "`ReplicaMiddleware` is not the first: what others write is not noticed",
    "praxis.W052": "replicas are not `TEST['MIRROR']` of their primary",
    "praxis.W053": "replicas without a short `connect_timeout`: requests may wait for one",
    "praxis.W054": "a pool of connections without `CONN_HEALTH_CHECKS`",
    "praxis.W055": "with `ATOMIC_REQUESTS` views read the primary alone, or depend on a replica",
}
_MIDDLEWARE = "praxis.databases.ReplicaMiddleware"
_CONNECT_TIMEOUT_S = 5


@register(TAG)
def check_databases(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """Name what is wrong where the router is in use, and with pools."""
    del app_configs
    try:
        replicas = config().databases.replicas
    except SettingsError:
        return []  # told of elsewhere
    found = [*_pools()]
    if has_router():
        found += [*_named(replicas), *_middleware()]
        if not any(isinstance(one, Error) for one in found):
            found += [*_settings_of(replicas), *_transactions(replicas)]
    return found


def has_router() -> bool:
    """Whether `praxis.databases.ReplicaRouter` or a class of it is in use."""
    routers: list[Any] = [*dotted_paths("DATABASE_ROUTERS")]  # instances may stand there, too
    for path in routers:
        try:
            router = import_string(path) if isinstance(path, str) else type(path)
        except ImportError:
            continue  # an error of Django's, or of ours: psycopg is missing
        if any(base.__module__ == "praxis.databases.router" for base in router.__mro__):
            return True
    return "praxis.databases.ReplicaRouter" in routers


def _named(replicas: Mapping[str, str]) -> Iterator[CheckMessage]:
    try:
        import psycopg  # noqa: F401 - whether it is there
    except ImportError:
        yield Error(
            "Replicas are watched through psycopg 3, which is not installed.",
            hint="pip install 'django-praxis[postgres]'",
            id="praxis.E053",
        )
    known = databases()
    for alias, primary in replicas.items():
        for missing in sorted({alias, primary} - known.keys()):
            yield Error(
                f"PRAXIS['databases']['replicas'] names {missing!r}, which is not in DATABASES.",
                hint="Known are: " + ", ".join(map(repr, sorted(known))) + ".",
                id="praxis.E050",
            )
        if alias == primary or primary in replicas:
            yield Error(
                f"The primary of {alias!r} is to be {primary!r}, which is a replica.",
                hint="Name the database that is written to.",
                id="praxis.E051",
            )
        for one in {alias, primary} & known.keys():
            if not _is_postgresql(known[one]):
                yield Error(
                    f"Database {one!r} is not PostgreSQL, and does not tell how far it is.",
                    hint="Take it out of PRAXIS['databases']['replicas'].",
                    id="praxis.E052",
                )


def _middleware() -> Iterator[CheckMessage]:
    listed = dotted_paths("MIDDLEWARE")
    ours = {_MIDDLEWARE, "praxis.databases.middleware.ReplicaMiddleware"}
    if ours.isdisjoint(listed):
        yield Warning(
            "Nothing carries what a visitor wrote to the next request, so all is read from the "
            "primary.",
            hint=f"Put {_MIDDLEWARE!r} first into MIDDLEWARE.",
            id="praxis.W050",
        )
    elif listed[0] not in ours:
        yield Warning(
            f"{listed[0]} stands before ReplicaMiddleware: what it writes is not carried on.",
            hint=f"Put {_MIDDLEWARE!r} first into MIDDLEWARE.",
            id="praxis.W051",
        )


def _settings_of(replicas: Mapping[str, str]) -> Iterator[CheckMessage]:
    for alias, primary in replicas.items():
        entry = connections.settings.get(alias, {})
        if entry.get("TEST", {}).get("MIRROR") != primary:
            yield Warning(
                f"In tests Django makes a database of its own for {alias!r}.",
                hint=f"Write 'TEST': {{'MIRROR': {primary!r}}} into DATABASES[{alias!r}].",
                id="praxis.W052",
            )
        timeout_s = entry.get("OPTIONS", {}).get("connect_timeout")
        if timeout_s is None or int(timeout_s) > _CONNECT_TIMEOUT_S:
            yield Warning(
                f"A request that opens a connection to {alias!r} while it hangs waits for long.",
                hint="Write 'OPTIONS': {'connect_timeout': 2}, or use praxis.databases.from_url().",
                id="praxis.W053",
            )


def _transactions(replicas: Mapping[str, str]) -> Iterator[CheckMessage]:
    known = databases()
    for alias in sorted({*replicas, *replicas.values()}):
        if not known.get(alias, {}).get("ATOMIC_REQUESTS"):
            continue
        if alias in replicas:
            what = "each view opens a transaction there, and fails while it is down"
        else:
            what = "views run in a transaction, so that all they read comes from the primary"
        yield Warning(
            f"With ATOMIC_REQUESTS of {alias!r} {what}.",
            hint="Take it out, and write transaction.atomic() around what belongs together.",
            id="praxis.W055",
        )


def _pools() -> Iterator[CheckMessage]:
    for alias, entry in databases().items():
        if entry.get("OPTIONS", {}).get("pool") and not entry.get("CONN_HEALTH_CHECKS"):
            yield Warning(
                f"After a restart of database {alias!r} each connection of its pool fails once.",
                hint=f"Write 'CONN_HEALTH_CHECKS': True into DATABASES[{alias!r}].",
                id="praxis.W054",
            )


def _is_postgresql(entry: Mapping[str, Any]) -> bool:
    return str(entry.get("ENGINE", "")).rpartition(".")[2] in {"postgresql", "postgis"}
