"""What is told of kept results, and what is counted of them."""

from functools import partial

import pytest
from django.template import Context, engines
from django.test import Client, override_settings

from praxis.announcements import (
    ResultBypass,
    ResultFill,
    ResultHit,
    ResultKind,
    ResultMiss,
    listen,
)
from praxis.cache import cache_statistics, cached, remember
from praxis.cache.dimensions import UNCACHED
from tests.unit.cache.results import pages

PAGE, FRAGMENT, FUNCTION = ResultKind.PAGE, ResultKind.FRAGMENT, ResultKind.FUNCTION


@pytest.fixture(autouse=True)
def _site():
    with override_settings(**pages.SETTINGS):
        yield


@pytest.fixture
def told():
    events = []
    stops = [
        listen(kind, events.append) for kind in (ResultHit, ResultMiss, ResultFill, ResultBypass)
    ]
    yield events
    for stop in stops:
        stop()


@cached(60)
def doubled(number):
    return number * 2


@cached(60)
def failing():
    raise LookupError


def never_kept(request):
    return UNCACHED


def test_a_page_misses_is_kept_and_hits(shelf, told):
    for _ in range(2):
        Client().get("/page")
    (entry,) = shelf.entries.values()
    name = f"{pages.__name__}.text.<locals>.view"
    assert told == [
        ResultMiss(PAGE, name), ResultFill(PAGE, name, "", len(entry)),
        ResultHit(PAGE, name, is_stale=False),
    ]  # fmt: skip


def test_a_page_that_is_not_kept_says_why(shelf, told):
    Client().get("/user")
    miss, fill = told
    assert isinstance(miss, ResultMiss)
    assert fill.reason == "it looked at request.user.username: vary on 'user'"
    assert fill.size_bytes == 0


def test_a_request_past_the_cache_says_why(shelf, told):
    Client().post("/page")
    (event,) = told
    assert event.reason == "its method is POST"
    told.clear()
    Client().get("/rest/method")
    (event,) = told
    assert event.reason.startswith("its request is a rest_framework.request.Request")


def test_a_page_of_the_middleware_is_called_by_its_pattern(shelf, told):
    praxis = {"cache": {"views": {"/tenant*": {"ttl_s": 60}}}}
    middleware = [*pages.MIDDLEWARE, "praxis.cache.CacheMiddleware"]
    with override_settings(PRAXIS=praxis, MIDDLEWARE=middleware):
        Client().get("/tenant_fragment")
    assert {(event.kind, event.name) for event in told} == {(PAGE, "/tenant*"), (FRAGMENT, "a")}


def test_an_old_page_is_told_as_one(shelf, told):
    doubled(1)
    shelf.is_stale = True
    doubled(1)
    assert told[-1] == ResultHit(FUNCTION, f"{__name__}.doubled", is_stale=True)


def test_what_fails_is_not_filled(shelf, told):
    with pytest.raises(LookupError):
        failing()
    assert told == [ResultMiss(FUNCTION, f"{__name__}.failing")]


def test_what_cannot_be_read_is_passed_over(shelf, told):
    doubled(1)
    shelf.entries = dict.fromkeys(shelf.entries, b"x")
    told.clear()
    doubled(1)
    assert told == [ResultBypass(FUNCTION, f"{__name__}.doubled", "what was kept cannot be read")]


def test_what_a_dimension_forbids_is_passed_over(shelf, told):
    @cached(60, key="never", vary=["never"])
    def never():
        return 1

    praxis = {"cache": {"dimensions": {"never": f"{__name__}.never_kept"}}}
    with override_settings(PRAXIS=praxis):
        never()
        remember("a key", lambda: 1, ttl_s=60, vary=["never"])
        engines["django"].from_string(
            "{% load praxis_cache %}{% cached 60 'a' vary='never' %}{% endcached %}"
        ).template.render(Context())
    assert [type(event) for event in told] == [ResultBypass] * 3
    assert {event.reason for event in told} == {"a dimension says so"}


@pytest.mark.parametrize("wrapped", [lambda one: one, partial, lambda one: partial(partial(one))])
def test_what_is_remembered_is_called_by_what_computes_it(shelf, told, wrapped):
    def compute():
        return 1

    remember(("cart", 7), wrapped(compute), ttl_s=60)
    assert {event.name for event in told} == {f"{__name__}.{compute.__qualname__}"}


def test_results_are_counted_by_name(shelf):
    with cache_statistics() as seen:
        for number in (1, 1, 1, 2):
            doubled(number)
        shelf.is_stale = True
        doubled(2)
        Client().get("/user")
        Client().post("/user")
    counts = seen.functions[f"{__name__}.doubled"]
    assert (counts.hits, counts.stale, counts.misses, counts.fills) == (3, 1, 2, 2)
    assert counts.hit_share == 3 / 5
    (page,) = seen.pages.values()
    assert (page.misses, page.fills, page.hit_share) == (1, 0, 0)
    assert sorted(page.not_kept.values()) == [1]
    assert page.bypasses == {"its method is POST": 1}
    assert (seen.fragments, seen.hits) == ({}, 0)
