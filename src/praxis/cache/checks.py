"""
Mistakes in what is to be cached, as ``manage.py check`` reports them; nothing is connected.

`praxis.cache.server_checks` asks Redis. All ids are permanent.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - its name
from django.db import connections, router
from django.db.models import Model

from praxis.cache.hooks.connections import VENDORS
from praxis.cache.watched import fits, pattern_of
from praxis.conf import CacheConfig, Config, config
from praxis.errors import SettingsError

TAG = "praxis"
#: What each id is about, for the documentation.
SAYS: Mapping[str, str] = {
    "praxis.E006": "`PRAXIS['cache']['redis']` names no server that has an address",
    "praxis.E009": (
        "models that `PRAXIS['cache']['models']` names are in a database of another vendor than "
        "PostgreSQL and SQLite"
    ),
    "praxis.W002": "a name in `PRAXIS['cache']['models']` fits no model",
    "praxis.W003": "such a name never counts, since an earlier one fits all that it fits",
    "praxis.W004": "such a name is a model's that is never cached: not managed, or a proxy",
    "praxis.W005": "a database is never cached: SQLite in memory, or of another vendor",
    "praxis.W006": "`ATOMIC_REQUESTS` keeps the views of a database from the cache",
    "praxis.W007": "`PRAXIS['cache']` says how to cache and names no models",
    "praxis.W010": "django-cachalot or django-cacheops is installed beside the cache",
    "praxis.W008": "with `--deploy` alone: every hit is compared with the database",
}
_MODELS = "PRAXIS['cache']['models']"
#: Of a database without an engine Django itself tells.
_TOLD_OF = VENDORS | {"unknown"}
#: So many models are named in one message.
_MAX_NAMED = 3
#: Vendors of which a transaction of READ COMMITTED can be had and is the default.
_READS_COMMITTED = "postgresql"


@register(TAG)
def check_cache(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """Name what is wrong in ``PRAXIS["cache"]``."""
    del app_configs
    try:
        whole = config()
    except SettingsError:
        return []  # told of elsewhere
    if not whole.cache.models:
        return [*_without_models(whole.cache)]
    checks: list[Callable[[], Iterator[CheckMessage]]] = [
        lambda: _server(whole),
        lambda: _names(list(whole.cache.models)),
        _databases,
        _elsewhere,
        _others,
    ]
    return [message for check in checks for message in check()]


@register(TAG, deploy=True)
def check_comparison(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """Tell of a cache that asks the database each time all the same."""
    del app_configs
    try:
        share = config().cache.verify_share
    except SettingsError:
        return []
    if share < 1:
        return []
    return [
        Warning(
            "PRAXIS['cache']['verify_share'] is 1: every hit asks the database, too.",
            hint="That is for staging. A share of 0.01 finds the same, at a hundredth of the cost.",
            id="praxis.W008",
        )
    ]


def _without_models(cache: CacheConfig) -> Iterator[CheckMessage]:
    if cache != CacheConfig():
        yield Warning(
            f"PRAXIS['cache'] says how to cache, and {_MODELS} names nothing to cache.",
            hint=f"Name models, as in {_MODELS} = {{'shop.*': {{}}}}.",
            id="praxis.W007",
        )


def _server(whole: Config) -> Iterator[CheckMessage]:
    alias = whole.cache.redis
    server = whole.redis.get(alias)
    if server is not None and server.url is not None:
        return
    known = [name for name, one in whole.redis.items() if one.url is not None]
    close = get_close_matches(alias, known, n=1)
    meant = f"Did you mean {close[0]!r}? " if close else ""
    lacks = "is not there" if server is None else "has no url"
    yield Error(
        f"PRAXIS['cache']['redis'] is {alias!r}, and PRAXIS['redis'][{alias!r}] {lacks}.",
        hint=f"{meant}With an address: {', '.join(map(repr, known)) or 'none'}.",
        id="praxis.E006",
    )


def _names(patterns: list[str]) -> Iterator[CheckMessage]:
    models = {model._meta.label_lower: model for model in apps.get_models()}  # noqa: SLF001 - public
    taken: set[str] = set()
    for pattern in patterns:
        fitting = {label for label in models if fits(label, pattern)}
        if not fitting:
            yield _unknown(pattern, list(models))
        elif fitting <= taken:
            earlier = next(p for p in patterns if any(fits(label, p) for label in fitting))
            yield Warning(
                f"{_MODELS}[{pattern!r}] never counts: what it fits, {earlier!r} fits before it.",
                hint=f"The first name that fits counts. Move it before {earlier!r}.",
                id="praxis.W003",
            )
        elif pattern.lower() in models:
            yield from _never_cached(pattern, models[pattern.lower()])
        taken |= fitting


def _unknown(pattern: str, labels: list[str]) -> CheckMessage:
    bare = [label for label in labels if label.partition(".")[2] == pattern.lower()]
    close = bare or get_close_matches(pattern.lower(), labels, n=1)
    meant = f"Did you mean {close[0]!r}? " if close else ""
    return Warning(
        f"{_MODELS}[{pattern!r}] fits no model.",
        hint=f"{meant}Names are 'app.model' or 'app.*'; a link table goes with the model that "
        "declares it.",
        id="praxis.W002",
    )


def _never_cached(pattern: str, model: type[Model]) -> Iterator[CheckMessage]:
    meta = model._meta  # noqa: SLF001 - public since ever
    if meta.proxy:
        of = meta.concrete_model._meta.label_lower if meta.concrete_model else ""  # noqa: SLF001
        why, hint = "a proxy, whose queries go as its model's do", f"Name {of!r} instead."
    elif not meta.managed:
        why = "not managed, so that it may be a view"
        hint = "Its queries are not cached. Take the name out."
    else:
        return
    yield Warning(f"{_MODELS}[{pattern!r}] is {why}.", hint=hint, id="praxis.W004")


def _databases() -> Iterator[CheckMessage]:
    for alias in connections:
        connection: Any = connections[alias]
        settings, vendor = connection.settings_dict, connection.vendor
        if vendor not in VENDORS:
            why = f"its vendor is {vendor}" if vendor != "unknown" else "it has no engine"
            yield _not_cached(alias, why, "PostgreSQL and SQLite are watched, and no others.")
        elif vendor == "sqlite" and settings["NAME"] == ":memory:":
            hint = "Give it a file, if it is to be cached."
            yield _not_cached(alias, "it is an SQLite database in its connection's memory", hint)
        elif settings["ATOMIC_REQUESTS"] and _shows_snapshots(connection):
            yield Warning(
                f"DATABASES[{alias!r}]['ATOMIC_REQUESTS'] keeps its views from the cache: their "
                "transactions see the moment at which they began.",
                hint="Use transaction.atomic() where something is written, or READ COMMITTED.",
                id="praxis.W006",
            )


def _elsewhere() -> Iterator[CheckMessage]:
    """Models that are named to be cached, where nothing is."""
    unwatched = {alias for alias in connections if connections[alias].vendor not in _TOLD_OF}
    found: dict[str, list[str]] = {}
    for model in apps.get_models() if unwatched else ():
        meta = model._meta  # noqa: SLF001 - public since ever
        if meta.managed and not meta.proxy and pattern_of(model) is not None:
            alias = router.db_for_read(model)
            if alias in unwatched:
                found.setdefault(alias, []).append(meta.label)
    for alias, labels in found.items():
        more = f" and {len(labels) - _MAX_NAMED} more" if len(labels) > _MAX_NAMED else ""
        yield Error(
            f"{_MODELS} names {', '.join(labels[:_MAX_NAMED])}{more}, which DATABASES[{alias!r}] "
            f"answers: a {connections[alias].vendor} database, of which nothing is cached.",
            hint="The query cache watches PostgreSQL and SQLite. Take these names out.",
            id="praxis.E009",
        )


def _others() -> Iterator[CheckMessage]:
    for package in ("cachalot", "cacheops"):
        if apps.is_installed(package):
            yield Warning(
                f"{package!r} is in INSTALLED_APPS, and {_MODELS} names models: each of the two "
                "stores what the other answers, also when it is not right any more.",
                hint=f"Run one after the other, as the guide to come from django-{package} says.",
                id="praxis.W010",
            )


def _not_cached(alias: str, why: str, hint: str) -> CheckMessage:
    return Warning(
        f"Of DATABASES[{alias!r}] nothing is cached: {why}.", hint=hint, id="praxis.W005"
    )


def _shows_snapshots(connection: Any) -> bool:
    if connection.vendor != _READS_COMMITTED:
        return True
    level = (connection.settings_dict["OPTIONS"] or {}).get("isolation_level")
    name = getattr(level, "name", "READ_COMMITTED")
    return name not in {"READ_COMMITTED", "READ_UNCOMMITTED", "DEFAULT"}
