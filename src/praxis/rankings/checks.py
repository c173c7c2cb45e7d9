"""Mistakes in how the Redis of the rankings is set up, as ``manage.py check`` reports them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.checks import CheckMessage, Warning, register  # noqa: A004 - its name

from praxis.conf import config
from praxis.errors import PraxisError, SettingsError
from praxis.rankings.following import followed
from praxis.redis import Link
from praxis.setup_checks import TAG, without_address

#: What each id is about, for the documentation.
SAYS: Mapping[str, str] = {
    "praxis.E070": "boards follow models, and `PRAXIS['rankings']['redis']` has no address",
    "praxis.W070": "with `--deploy` alone: the Redis of the rankings may evict boards",
}


@register(TAG)
def check_rankings(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """Name what is wrong where boards follow models."""
    del app_configs
    try:
        whole = config()
    except SettingsError:
        return []  # told of elsewhere
    if not followed:
        return []
    boards = ", ".join(map(repr, sorted(followed)))
    what = f"The boards {boards} follow models, and are kept in"
    return [*without_address(whole, whole.rankings.redis, what=what, check_id="praxis.E070")]


@register(TAG, deploy=True)
def check_rankings_server(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """Ask the Redis that has the boards whether it may evict them."""
    del app_configs
    try:
        whole = config()
        alias = whole.rankings.redis
        server = whole.redis.get(alias)
        if not followed or server is None or server.url is None:
            return []
        link = Link(server, alias)
    except SettingsError:
        return []
    try:
        settings = [link.call("CONFIG", "GET", name) for name in ("maxmemory", "maxmemory-policy")]
    except PraxisError:
        return []  # it does not answer, which is told of elsewhere, or does not say
    finally:
        link.close()
    return [*_evicting(alias, [bytes(pair[1]).decode() for pair in settings if len(pair) == 2])]


def _evicting(alias: str, settings: Sequence[str]) -> Iterator[CheckMessage]:
    if len(settings) == 2 and settings[0] != "0" and settings[1].startswith("allkeys-"):
        yield Warning(
            f"The Redis {alias!r} has maxmemory-policy {settings[1]}: when it is full it may evict "
            "boards.",
            hint="Set maxmemory-policy to volatile-lru or noeviction, or name another server in "
            "PRAXIS['rankings']['redis'].",
            id="praxis.W070",
        )
