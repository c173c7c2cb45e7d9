"""The public names as users write them; mypy reads this file, nothing runs it."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, assert_type

from django.contrib.auth.models import Permission, User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from praxis import embedded
from praxis.announcements import BypassReason, CacheBypass, listen
from praxis.audit import Cost, Edit, File, Finding, Fix, Place, Safety, rule
from praxis.cache import (
    Explanation,
    aremember,
    cache_statistics,
    cached,
    cached_queryset,
    cached_view,
    explain,
    explain_sql,
    remember,
)
from praxis.committed import Change, watch
from praxis.conf import Config, RedisConfig, config
from praxis.databases import (
    ReplicaRouter,
    connections_needed,
    current_token,
    from_url,
    pool_statistics,
    read_session,
    reading_primary,
    replica_status,
    wrote,
)
from praxis.errors import RedisUnavailableError
from praxis.prove import Comparison, Page, Site, compare, write_report
from praxis.rankings import (
    Counter,
    Entry,
    Following,
    Leaderboard,
    ShardedLeaderboard,
    Standing,
    Trending,
    UniqueCount,
    follow,
    ranked,
)
from praxis.realtime import (
    apublish,
    asgi,
    event_stream,
    position,
    presence,
    progress,
    publish,
    publish_changes,
    track,
)
from praxis.redis import (
    AsyncLink,
    AsyncSession,
    DedicatedSession,
    Link,
    Script,
    Session,
    async_link,
    link,
)

assert_type(config(), Config)
assert_type(config().redis["default"], RedisConfig)
assert_type(config().redis["default"].timeout_s, float)

with embedded.redis() as redis:
    assert_type(redis.url, str)

with embedded.postgres() as postgres:
    assert_type(postgres.database("shop").url, str)


@rule(code="XYZ101", visits=ast.Call, callees=["get"])
def check(file: File, node: ast.Call) -> Iterator[Finding]:
    place = file.place(node)
    assert_type(place, Place)
    edit = file.replace(node, "other()")
    assert_type(edit, Edit | None)
    fix = Fix((edit,), Safety.UNSAFE, "Call the other one") if edit else None
    yield Finding(place, "Call the other one.", fix, cost=Cost(1))


def difference(before: Site, after: Site) -> None:
    comparison = compare(before, after, [Page("Home", "/")])
    assert_type(comparison, Comparison)
    write_report(Path("report.html"), "The shop", comparison)


def count(name: str) -> None:
    script = Script("return redis.call('INCR', KEYS[1])")
    assert_type(link("sessions"), Link)
    try:
        link().run(script, [name], [1, "a", b"b", 1.5], retry="idempotent")
    except RedisUnavailableError as error:
        assert_type(error.may_have_run, bool)
    assert_type(link().session(name), Session)
    assert_type(link().session(name).incarnation, str)
    assert_type(link().run_many([(script, [name], ())]), list[Any])
    with link().dedicated(timeout_s=30.0) as session:
        assert_type(session, DedicatedSession)


def why_not(event: CacheBypass) -> None:
    assert_type(event.reason, BypassReason)
    assert_type(event.tables, frozenset[str])


def see() -> None:
    assert_type(explain(Permission.objects.all()), Explanation)
    assert_type(explain_sql("SELECT 1", using="default").reason, BypassReason | None)
    stop = listen(CacheBypass, why_not)
    with cache_statistics() as seen:
        assert_type(seen.hit_share, float)
        assert_type(seen.tables["auth_permission"].hits, int)
    stop()


async def count_async(name: str) -> None:
    assert_type(async_link(), AsyncLink)
    assert_type(await async_link().session(name), AsyncSession)
    async with async_link().dedicated() as session:
        assert_type(session, AsyncSession)


@cached(ttl_s=60, vary=["language"])
def total(first: int, *, second: int = 2) -> list[int]:
    return [first, second]


@cached(ttl_s=60)
async def later_total(first: int) -> int:
    return first


@cached_view(ttl_s=60, vary=["user"], ignore_params=["utm_*"])
def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.path)


async def kept_results(users: QuerySet[User]) -> None:
    assert_type(total(1, second=2), list[int])
    assert_type(total.uncached(1), list[int])
    total.forget(1)
    assert_type(await later_total(1), int)
    assert_type(remember("total", lambda: 1, ttl_s=60, reads=[User]), int)
    assert_type(await aremember("total", later_one, ttl_s=60), int)
    assert_type(cached_queryset(users, ttl_s=60), QuerySet[User])


async def later_one() -> int:
    return 1


class OwnRouter(ReplicaRouter):
    def primary_for(self, model: Any, **hints: Any) -> str | None:
        return "orders" if model is User else super().primary_for(model, **hints)


def reads(users: QuerySet[User]) -> None:
    with read_session(current_token(), session="export"), reading_primary():
        wrote("default")
    assert_type(current_token(), str)
    assert_type([one.lag_s for one in replica_status()], list[float])
    assert_type(from_url("postgresql://h/n", service="async", pooler="session"), dict[str, Any])
    assert_type(pool_statistics("default")["pool_size"], int)
    budget = connections_needed(max_connections=100, web_processes=2, per_process=4)
    assert_type(budget.fits, bool)


def note(changes: Sequence[Change]) -> None:
    assert_type(changes[0].using, str)


watch(User, note, fields=["username"])()

board = Leaderboard("points", period="week", ties="first")
assert_type(board.submit("a", 1.5, best=True), Standing | None)
assert_type(board.past(2), Leaderboard)
assert_type(board.top(), list[Entry])
assert_type(board.rank(5), int | None)
assert_type(Trending("searched").top(), list[Entry])
assert_type(ShardedLeaderboard("world").standing(5), Standing | None)
assert_type(Counter("views", period="day").past().values([1, 2])[1], int)
assert_type(UniqueCount("visitors").count(), int)
assert_type(follow(User, Leaderboard("users"), score="id"), Following)
assert_type(ranked(Leaderboard("users"), score="id")(User), type[User])


async def in_coroutines() -> None:
    assert_type(await board.aaround("a", 2), list[Entry])
    assert_type(await board.aincrement("a"), Standing | None)


async def live(request: HttpRequest) -> None:
    assert_type(publish("orders", {"id": 1}, on_commit=True), str)
    assert_type(await apublish("orders", [1, None]), str)
    assert_type(position("orders", "user:5"), str)
    assert_type(presence("orders"), list[str])
    assert_type(progress("id", 1, 2.5), str)
    assert_type(list(track([1, 2], "id")), list[int])
    await event_stream(request, ["orders"])
    asgi(print, path="/events/")
    stop = publish_changes(User, lambda change: f"user:{change.pk}", fields=["username"])
    stop()
