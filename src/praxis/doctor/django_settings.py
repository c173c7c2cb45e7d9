"""Reads from a project's settings which servers it uses, and what for."""

import importlib
import os
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from praxis.doctor.targets import SCHEMES, Alias, Target, shown
from praxis.errors import ConfigError

#: What Django and its back end take from OPTIONS; the rest is libpq's.
_DJANGO_OPTIONS = frozenset(
    {
        "assume_role", "client_encoding", "context", "cursor_factory", "isolation_level", "pool",
        "prepare_threshold", "row_factory", "server_side_binding",
    }
)  # fmt: skip
_POOL_SIZE = 4  # of psycopg_pool, where nothing is said


def read_targets(module: str, folder: Path) -> list[Target]:
    """
    Import the settings *module* with *folder* on the path, and return the servers that it names.

    Django is not set up, and no application is loaded. Servers that several settings name come
    once.

    Raises:
        ConfigError: if it cannot be imported; the message says why.
    """
    zone = os.environ.get("TZ")
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        from django.conf import Settings

        settings = Settings(module)
    except (Exception, SystemExit) as error:  # the module is the project's, and may do anything
        raise ConfigError(
            f"--settings {module}: not imported ({type(error).__name__}: {error}). Run praxis "
            "doctor in the folder of manage.py, with the project's libraries installed and the "
            "environment variables set that the settings read."
        ) from error
    finally:
        sys.path.remove(str(folder))
        _restore_zone(zone)
    return merged([*_databases(settings), *_redis_servers(settings), *_broker(settings)])


def _restore_zone(zone: str | None) -> None:
    """Django lets the process live in the settings' time zone; ours is nobody's but ours."""
    if zone is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = zone
    if hasattr(time, "tzset"):
        time.tzset()


def merged(targets: list[Target]) -> list[Target]:
    """Targets that are one server made one, with all names and uses."""
    found: dict[tuple[str, str], Target] = {}
    for target in targets:
        key = (target.server, _server_of(target))
        known = found.get(key)
        if known is None:
            found[key] = target
            continue
        found[key] = Target(
            server=known.server,
            where=known.where,
            parameters=known.parameters,
            names=tuple(dict.fromkeys(known.names + target.names)),
            uses=known.uses | target.uses,
            aliases=known.aliases + target.aliases,
        )
    return list(found.values())


def _server_of(target: Target) -> str:
    """Databases of one PostgreSQL are examined one by one; those of a Redis share everything."""
    if target.server != "redis" or "service" in target.parameters:
        return target.where
    parts = urlsplit(target.where)
    host = {"localhost": "127.0.0.1"}.get(parts.hostname or "", parts.hostname)
    return parts.path if parts.scheme == "unix" else f"{host}:{parts.port or 6379}"


# Databases.


def _databases(settings: Any) -> Iterator[Target]:
    for alias, entry in settings.DATABASES.items():
        engine = str(entry.get("ENGINE", ""))
        if "postg" not in engine:  # postgresql, postgis, psqlextra's and others' wrappers
            continue
        options = dict(entry.get("OPTIONS") or {})
        parameters = {
            "host": entry.get("HOST"),
            "port": entry.get("PORT"),
            "user": entry.get("USER"),
            "password": entry.get("PASSWORD"),
            "dbname": entry.get("NAME") or (None if "service" in options else "postgres"),
            **{key: value for key, value in options.items() if key not in _DJANGO_OPTIONS},
        }
        known = {key: str(value) for key, value in parameters.items() if value not in (None, "")}
        yield Target(
            server="postgres",
            where=_postgres_address(known),
            parameters=known,
            names=(f"DATABASES[{alias!r}]",),
            aliases=(_alias(alias, entry, options),),
        )


def _alias(name: str, entry: Mapping[str, Any], options: Mapping[str, Any]) -> Alias:
    pool = options.get("pool")
    size = None
    if pool:
        told = pool if isinstance(pool, dict) else {}
        size = int(told.get("max_size") or told.get("min_size") or _POOL_SIZE)
    return Alias(
        name=name,
        pool_size=size,
        keeps=entry.get("CONN_MAX_AGE", 0) != 0,
        server_side_cursors=not entry.get("DISABLE_SERVER_SIDE_CURSORS", False),
        prepares=options.get("prepare_threshold") is not None,
        waits_s=float(options["connect_timeout"]) if options.get("connect_timeout") else None,
    )


def _postgres_address(parameters: Mapping[str, str]) -> str:
    if "service" in parameters:
        return f"postgresql service {parameters['service']}"
    host = parameters.get("host", "")
    host = f"[{host}]" if ":" in host else host
    port = f":{parameters['port']}" if "port" in parameters else ""
    who = f"{parameters['user']}@" if "user" in parameters else ""
    return f"postgresql://{who}{host}{port}/{parameters.get('dbname', '')}"


# Redis.


def _redis_servers(settings: Any) -> Iterator[Target]:
    yield from _caches(settings)
    praxis = getattr(settings, "PRAXIS", None) or {}
    named = praxis.get("redis") or {}
    entries = {"default": named} if "url" in named else named
    for alias, entry in entries.items():
        url = entry.get("url", "") if isinstance(entry, dict) else ""
        uses = _praxis_uses(settings, praxis, alias)
        yield from _redis_targets(str(url), f"PRAXIS['redis'][{alias!r}]", uses)
    for name, use in (("CELERY_BROKER_URL", "broker"), ("CELERY_RESULT_BACKEND", "results")):
        yield from _redis_targets(str(getattr(settings, name, "") or ""), name, frozenset({use}))


def _caches(settings: Any) -> Iterator[Target]:
    for alias, entry in settings.CACHES.items():
        location = entry.get("LOCATION") or ""
        if isinstance(location, str):
            location = location.replace(";", ",").split(",")
        options = entry.get("OPTIONS") or {}
        for url in location:
            url = _with_password(str(url).strip(), options)
            yield from _redis_targets(url, f"CACHES[{alias!r}]", _cache_uses(settings, alias))


def _cache_uses(settings: Any, alias: str) -> frozenset[str]:
    in_cache = settings.SESSION_ENGINE.endswith((".cache", ".cached_db"))
    if not in_cache or alias != settings.SESSION_CACHE_ALIAS:
        return frozenset({"cache"})
    # What cached_db loses it reads from the database again.
    lasting = "sessions" if settings.SESSION_ENGINE.endswith(".cache") else "cached sessions"
    return frozenset({"cache", lasting}) if alias == "default" else frozenset({lasting})


def _praxis_uses(settings: Any, praxis: Mapping[str, Any], alias: str) -> frozenset[str]:
    """What the components keep in one of their servers; those not told use ``default``."""
    uses = set()
    for section, use in (
        ("cache", "cache"),
        ("sessions", "sessions"),
        ("ratelimit", "rate limits"),
        ("locks", "locks"),
    ):
        told = praxis.get(section)
        is_used = section in praxis or (
            section == "sessions" and settings.SESSION_ENGINE.startswith("praxis.")
        )
        chosen = told.get("redis", "default") if isinstance(told, dict) else "default"
        if is_used and chosen == alias:
            uses.add(use)
    return frozenset(uses)


def _redis_targets(url: str, name: str, uses: frozenset[str]) -> Iterator[Target]:
    """Each server of an address, which may be Praxis' own kind for Sentinels or a cluster."""
    scheme, _, rest = url.partition("://")
    kind, _, topology = scheme.partition("+")
    if topology and kind in ("redis", "rediss"):
        login, _, hosts = rest.partition("/")[0].rpartition("@")
        service = rest.partition("/")[2].partition("/")[0].partition("?")[0]
        for host in hosts.split(","):
            at = f"{kind}://{login + '@' if login else ''}{host}"
            if topology == "sentinel":
                at = f"{kind}://{host if ':' in host else f'{host}:26379'}"
                yield Target(
                    server="redis",
                    where=f"{shown(at)} (Sentinel of {service})",
                    parameters={"url": at, "service": service, "login": login},
                    names=(name,),
                    uses=uses,
                )
                return  # any Sentinel names the master
            yield Target.at("redis", at, name=name, uses=uses)
    elif scheme in SCHEMES["redis"]:
        yield Target.at("redis", url, name=name, uses=uses)


def _with_password(url: str, options: Mapping[str, Any]) -> str:
    """django-redis takes the password beside the address."""
    password = options.get("PASSWORD") or options.get("password")
    if not password or "@" in url or "://" not in url:
        return url
    scheme, _, rest = url.partition("://")
    return f"{scheme}://:{quote(str(password), safe='')}@{rest}"


def _broker(settings: Any) -> Iterator[Target]:
    url = str(getattr(settings, "CELERY_BROKER_URL", "") or "")
    if url.partition("://")[0] in SCHEMES["broker"]:
        yield Target.at("broker", url, name="CELERY_BROKER_URL", uses=frozenset({"broker"}))
