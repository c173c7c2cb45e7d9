"""Mistakes in how the Redis of the cache is set up: ``manage.py check --deploy`` asks it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - its name

from praxis.cache.checks import TAG
from praxis.cache.server import OLDEST, ServerFacts, ask_server
from praxis.conf import config
from praxis.errors import PraxisError, SettingsError
from praxis.redis import Link

#: What each id is about, for the documentation.
SAYS: Mapping[str, str] = {
    "praxis.E007": "with `--deploy` alone: Redis may evict keys that must stay",
    "praxis.E008": "with `--deploy` alone: Redis is older than 6.2",
    "praxis.W009": "with `--deploy` alone: Redis refuses writes when its memory is full",
}


@register(TAG, deploy=True)
def check_server(app_configs: Sequence[Any] | None = None, **_: Any) -> list[CheckMessage]:
    """Ask the Redis that holds the cache how it is set up."""
    del app_configs
    try:
        alias, models = config().cache.redis, config().cache.models
        server = config().redis.get(alias)
        if not models or server is None or server.url is None:
            return []
        link = Link(server, alias)
    except SettingsError:
        return []  # told of elsewhere
    try:
        facts = ask_server(link.session())
    except PraxisError:
        return []  # check_redis tells that it does not answer
    finally:
        link.close()
    return [*_mistakes(alias, facts)]


def _mistakes(alias: str, facts: ServerFacts) -> Iterator[CheckMessage]:
    where = f"The Redis {alias!r} at {facts.address}"
    if facts.is_old:
        oldest = ".".join(map(str, OLDEST))
        yield Error(
            f"{where} is {facts.version}; the cache needs {oldest}.",
            hint="Update it, or use Valkey.",
            id="praxis.E008",
        )
    if not facts.evicts_safely:
        yield Error(
            f"{where} has maxmemory-policy {facts.policy}: it may evict the marks of writes that "
            "are in flight.",
            hint="Set maxmemory-policy to volatile-lru.",
            id="praxis.E007",
        )
    if facts.policy == "noeviction" and facts.max_bytes:
        yield Warning(
            f"{where} has maxmemory-policy noeviction and a limit of {facts.max_bytes} bytes: when "
            "it is full, writes to cached models are refused.",
            hint="Set maxmemory-policy to volatile-lru: entries go, and what must stay stays.",
            id="praxis.W009",
        )
