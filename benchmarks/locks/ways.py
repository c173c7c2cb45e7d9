"""The ways to hold a lock, each with a name of its own."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

Hold = Callable[[], AbstractContextManager[Any]]
LEASE_S = 30
#: How long all processes want it, and how long each keeps it.
SECONDS, KEEPS_S = 4.0, 0.002


def _praxis(url: str) -> Hold:
    del url
    from praxis.locks import Lock

    return Lock("benchmark", lease_s=LEASE_S).hold


def _redis_py(url: str) -> Hold:
    from redis import Redis

    client = Redis.from_url(url)
    return lambda: client.lock("redis-py", timeout=LEASE_S)


def _python_redis_lock(url: str) -> Hold:
    import redis_lock
    from redis import Redis

    client = Redis.from_url(url)
    return lambda: redis_lock.Lock(client, "python-redis-lock", expire=LEASE_S)


WAYS: dict[str, Callable[[str], Hold]] = {
    "praxis.locks": _praxis,
    "redis-py Lock": _redis_py,
    "python-redis-lock": _python_redis_lock,
}
