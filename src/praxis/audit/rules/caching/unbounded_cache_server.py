"""
Flag a Redis cache in production whose entries never expire.

## Why

With `"TIMEOUT": None` every entry without a limit of its own stays until somebody removes it. Redis
is told by default to refuse writes once its memory is full (`noeviction`), and hosts often set it
to drop only what has a limit (`volatile-lru`): either way the site ends with errors at every
`cache.set`. What is wrong in the cache stays wrong, too. Without `KEY_PREFIX`, the entries of
another site or of staging on the same server have the same names.

## Bad

```python
# file: manage.py
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
# file: shop/settings.py
SECRET_KEY = "x"
INSTALLED_APPS = ["shop"]
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://cache:6379/0",
        "TIMEOUT": None,
    },
}
```

## Good

```python
# file: manage.py
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
# file: shop/settings.py
SECRET_KEY = "x"
INSTALLED_APPS = ["shop"]
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://cache:6379/0",
        "TIMEOUT": 3600,
        "KEY_PREFIX": "shop",
    },
}
```

## Fix

Writes an hour for `None`. Unsafe: what was meant to stay has to be stored with `timeout=None` of
its own. A prefix is left to you: setting one empties the cache once.

## Misses

A server that several sites share shows in nobody's settings, so a missing prefix alone is not
flagged, except for two caches of the same settings at one address. Memcached, which always drops
what was not used for longest.

## When to ignore it

Where the server is set to drop any entry (`allkeys-lru`), and nothing else is kept on it. A project
whose own configuration of Redis says so is not bothered.

## Source

https://docs.djangoproject.com/en/stable/ref/settings/#timeout,
https://redis.io/docs/latest/develop/reference/eviction/
"""

from collections.abc import Iterator

from praxis.audit import Confidence, Edit, Finding, Fix, Project, Safety, Step, rule
from praxis.audit.facts.caching.servers import (
    backend_of,
    caches_of,
    drops_any_entry,
    shared_locations,
)
from praxis.audit.facts.settings import settings_of
from praxis.audit.facts.settings.values import Constant, Mapping, Missing, Origin

ENDLESS = (
    "Entries of this Redis cache never expire: its memory fills up until it refuses writes. Give "
    '"TIMEOUT" a number of seconds{prefix}.'
)
COLLIDING = (
    "The caches {one!r} and {other!r} are at one address without a KEY_PREFIX: they overwrite each "
    "other's entries, and clear() of one empties both. Give each a KEY_PREFIX."
)
AND_PREFIX = ", and set KEY_PREFIX where others use the server"


@rule(code="CACHE109", visits=Project)
def check(project: Project) -> Iterator[Finding]:
    told: set[Origin] = set()
    for environment in project.derive(settings_of).production:
        for name, cache in caches_of(environment):
            timeout = cache.get("TIMEOUT")
            if name != "default" or "redis" not in backend_of(cache).lower():
                continue
            if not (isinstance(timeout, Constant) and timeout.value is None):
                continue
            origin = timeout.origin or cache.origin
            if origin is None or origin in told or drops_any_entry(project):
                continue
            told.add(origin)
            lacks_prefix = isinstance(cache.get("KEY_PREFIX"), Missing)
            yield Finding(
                environment.place(origin),
                ENDLESS.format(prefix=AND_PREFIX if lacks_prefix else ""),
                _fix(project, timeout.origin),
                environment.steps_to(origin),
            )
        for one, other in shared_locations(environment):
            origin = _where(other[1])
            if origin is not None and origin not in told:
                told.add(origin)
                first = _where(one[1])
                yield Finding(
                    environment.place(origin),
                    COLLIDING.format(one=one[0], other=other[0]),
                    steps=(Step(environment.place(first), f"is {one[0]!r}"),) if first else (),
                    confidence=Confidence.LIKELY,
                )


def _where(cache: Mapping) -> Origin | None:
    location = cache.get("LOCATION")
    return location.origin or cache.origin


def _fix(project: Project, origin: Origin | None) -> Fix | None:
    if origin is None or project.text(origin.path)[origin.start : origin.end] != "None":
        return None
    edit = Edit(origin.path, origin.start, origin.end, "3600")
    return Fix((edit,), Safety.UNSAFE, "Let entries expire after an hour")
