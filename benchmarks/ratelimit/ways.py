"""The ways to decide, each with its own counts."""

import itertools
from collections.abc import Callable
from typing import Any

from django.conf import settings  # noqa: TID251 - the peers ask Django for their own
from django.http import HttpResponse
from django.test import RequestFactory

#: Of what every one of them allows: so much that nothing is refused.
RATE, COUNT, PERIOD_S = "100000000/h", 100_000_000, 3600
KEYS = 450
Act = Callable[[], Any]


def decisions(url: str) -> dict[str, Act]:
    """One decision that allows, by each of them, of one of many keys; and a bare round trip."""
    import limits
    import redis
    from redis.connection import Connection

    from praxis.ratelimit import Limiter
    from praxis.redis import Script, link

    keys = itertools.cycle([f"somebody{n}@example.org" for n in range(KEYS)])
    client = redis.Redis.from_url(url)
    where = client.connection_pool.connection_kwargs
    bare = Connection(**{k: v for k, v in where.items() if k in {"host", "port", "password", "db"}})
    script = Script("return redis.call('INCR', KEYS[1])")
    sha = client.script_load(script.text.decode())

    def on_bare_connection() -> Any:
        bare.send_command("EVALSHA", sha, 1, next(keys), check_health=False)
        return bare.read_response(disable_decoding=True)

    found: dict[str, Act] = {
        "a round trip: redis-py's connection, INCR in a script": on_bare_connection,
        "a round trip: redis-py's client, INCR in a script": lambda: client.evalsha(
            sha, 1, next(keys)
        ),
        "a round trip: praxis.redis, INCR in a script": lambda: link().run(script, [next(keys)]),
    }
    for algorithm in ("window", "gcra", "fixed", "bucket"):
        limiter = Limiter(f"{algorithm}", RATE, algorithm=algorithm)
        found[f"praxis {algorithm}"] = lambda own=limiter: own.hit(next(keys))
    two = Limiter("two", f"{RATE}, {COUNT}/day")
    found["praxis window, two rates"] = lambda: two.hit(next(keys))
    storage = limits.storage.storage_from_string(url)
    item = limits.RateLimitItemPerHour(COUNT)
    for kind in ("FixedWindow", "SlidingWindowCounter", "MovingWindow"):
        strategy = getattr(limits.strategies, f"{kind}RateLimiter")(storage)
        few = limits.RateLimitItemPerHour(10_000) if kind == "MovingWindow" else item
        found[f"limits {kind}"] = lambda own=strategy, it=few: own.hit(it, next(keys))
    return found


def views() -> dict[str, Act]:
    """One request to a view that does nothing, limited by each of them."""
    from django_ratelimit.decorators import ratelimit
    from rest_framework.throttling import AnonRateThrottle

    from praxis.ratelimit import rate_limit

    addresses = itertools.cycle([f"9.9.{n // 250}.{n % 250}" for n in range(KEYS)])
    factory = RequestFactory()
    request = factory.get("/")

    def view(_: Any) -> HttpResponse:
        return HttpResponse()

    def asking(of: Callable[[Any], Any]) -> Act:
        def ask() -> Any:
            request.META["REMOTE_ADDR"] = next(addresses)
            request.__dict__.pop("rate_limits", None)
            return of(request)

        return ask

    found = {
        "no limit": asking(view),
        "praxis @rate_limit": asking(rate_limit(RATE, name="view")(view)),
    }
    for cache, name in (("django_redis", "django-redis"), ("default", "Django's RedisCache")):
        with_cache = _with_cache(cache, ratelimit(key="ip", rate=RATE, group=cache)(view))
        found[f"django-ratelimit on {name}"] = asking(with_cache)

    class Throttle(AnonRateThrottle):  # type: ignore[misc]  # it ships no types
        rate = "10000/hour"

        def get_cache_key(self, request: Any, view: Any) -> str:
            del view
            return f"throttle_{request.META['REMOTE_ADDR']}"

    found["Django REST framework's throttle, Django's RedisCache"] = asking(
        lambda request: Throttle().allow_request(request, None)
    )
    return found


def _with_cache(alias: str, view: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def ask(request: Any) -> Any:
        settings.RATELIMIT_USE_CACHE = alias
        return view(request)

    return ask


def refusals() -> dict[str, Act]:
    """One decision that refuses a key of which that is known, and one that has to be asked for."""
    from praxis.ratelimit import Limiter

    known, asked = Limiter("known", "1/h"), Limiter("asked", "1/h")
    for limiter in (known, asked):
        limiter.hit("x")
    return {"praxis, asked for": lambda: asked.peek("x"), "praxis, known": lambda: known.hit("x")}
