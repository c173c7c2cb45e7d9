"""The caches of production by their settings: which server, what they set."""

import re
from collections.abc import Iterator
from itertools import combinations

from praxis.audit.facts.configurations import configurations
from praxis.audit.facts.settings import Environment, settings_of
from praxis.audit.facts.settings.values import (
    Constant,
    Mapping,
    Missing,
    Value,
    alternatives_of,
    default_of,
)
from praxis.audit.project import Project

#: Files that may hold the configuration of a Redis server.
_REDIS_FILES = re.compile(r"redis[^/]*\.conf$|compose[^/]*\.ya?ml$|\.(?:tf|yaml|yml|conf)$")
_DROPS_ANY = re.compile(r"maxmemory[-_]policy\W{1,12}allkeys-", re.IGNORECASE)
_IN_PROCESS = ("LocMemCache", "DummyCache")


def is_in_process(project: Project) -> bool:
    """Whether every production environment surely keeps its default cache in the process."""
    environments = project.derive(settings_of).production
    return bool(environments) and all(
        backends and all(name.endswith(_IN_PROCESS) for name in backends)
        for backends in (set(_default_backends(known)) for known in environments)
    )


def _default_backends(environment: Environment) -> Iterator[str]:
    for caches in alternatives_of(environment.get("CACHES")):
        settled = default_of(caches)
        default = settled.get("default") if isinstance(settled, Mapping) else settled
        yield from (backend_of(each) for each in alternatives_of(default))


def backend_of(cache: Value) -> str:
    """The backend of one cache; ``"?"`` where it is not known."""
    settled = default_of(cache)
    backend = settled.get("BACKEND") if isinstance(settled, Mapping) else settled
    known = default_of(backend)
    if isinstance(known, Constant) and isinstance(known.value, str):
        return known.value
    return "?"


def caches_of(environment: Environment) -> Iterator[tuple[str, Mapping]]:
    """Each cache that ``CACHES`` may hold, by its alias."""
    for caches in alternatives_of(environment.get("CACHES")):
        settled = default_of(caches)
        for alias, value in settled.items if isinstance(settled, Mapping) else ():
            for alternative in alternatives_of(value):
                cache = default_of(alternative)
                if isinstance(cache, Mapping) and isinstance(alias.value, str):
                    yield alias.value, cache


def shared_locations(
    environment: Environment,
) -> Iterator[tuple[tuple[str, Mapping], tuple[str, Mapping]]]:
    """Pairs of caches of one server and database that no prefix or version keeps apart."""
    for caches in alternatives_of(environment.get("CACHES")):
        settled = default_of(caches)
        if not isinstance(settled, Mapping):
            continue
        held = [
            (str(alias.value), cache)
            for alias, value in settled.items
            if isinstance(cache := default_of(value), Mapping) and _is_plain(cache)
        ]
        for one, other in combinations(held, 2):
            location = one[1].get("LOCATION")
            if (
                location == other[1].get("LOCATION")
                and _is_server(location)
                and backend_of(one[1]) == backend_of(other[1])
                and not _is_the_same(one[1], other[1])
            ):
                yield one, other


def _is_the_same(one: Mapping, other: Mapping) -> bool:
    """Whether two names were given to one cache, on purpose."""
    return one.get("BACKEND").origin == other.get("BACKEND").origin


def _is_plain(cache: Mapping) -> bool:
    """Whether surely nothing sets its keys apart."""
    return all(
        isinstance(cache.get(key), Missing) for key in ("KEY_PREFIX", "VERSION", "KEY_FUNCTION")
    ) and backend_of(cache).rpartition(".")[2].startswith(("Redis", "PyMemcache", "PyLibMC"))


def _is_server(location: Value) -> bool:
    settled = default_of(location)
    return isinstance(settled, Constant) and isinstance(settled.value, str)


def drops_any_entry(project: Project) -> bool:
    """Whether a configuration in the project tells Redis to drop what was not used for longest."""
    return project.derive(_drops_any_entry)


def _drops_any_entry(project: Project) -> bool:
    return any(_DROPS_ANY.search(text) for _, text in configurations(project, _REDIS_FILES))
