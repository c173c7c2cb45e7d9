"""A process that asks as often as it can: how much is let in together."""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.peers import configure

#: What is allowed, and for how long it is asked.
COUNT, SECONDS = 100, 5.0


def main() -> None:
    url, way, start = sys.argv[1], sys.argv[2], float(sys.argv[3])
    configure(url)
    hit = WAYS[way](url)
    hit()  # connected, and over by the time that it begins
    time.sleep(max(0.0, start - time.time()))
    admitted = []
    while (now := time.time()) < start + SECONDS:
        if hit():
            admitted.append(now - start)
    print(json.dumps(admitted))


def _praxis(algorithm: str) -> Callable[[str], Callable[[], Any]]:
    def make(url: str) -> Callable[[], Any]:
        del url
        from praxis.ratelimit import Limiter

        limiter = Limiter("hammered", f"{COUNT}/s", algorithm=algorithm)
        return lambda: limiter.hit("x").is_allowed

    return make


def _limits(kind: str) -> Callable[[str], Callable[[], Any]]:
    def make(url: str) -> Callable[[], Any]:
        import limits

        storage = limits.storage.storage_from_string(url)
        strategy = getattr(limits.strategies, f"{kind}RateLimiter")(storage)
        item = limits.RateLimitItemPerSecond(COUNT)
        return lambda: strategy.hit(item, "x")

    return make


def _django_ratelimit(url: str) -> Callable[[], Any]:
    del url
    from django.conf import settings  # noqa: TID251 - the peer asks Django for its own
    from django.test import RequestFactory
    from django_ratelimit.core import is_ratelimited

    settings.RATELIMIT_USE_CACHE = "django_redis"
    request = RequestFactory().get("/")
    return lambda: (
        not is_ratelimited(request, group="g", key="ip", rate=f"{COUNT}/s", increment=True)
    )


WAYS = {
    "praxis window": _praxis("window"),
    "praxis gcra": _praxis("gcra"),
    "limits SlidingWindowCounter": _limits("SlidingWindowCounter"),
    "limits MovingWindow": _limits("MovingWindow"),
    "django-ratelimit": _django_ratelimit,
}

if __name__ == "__main__":
    main()
