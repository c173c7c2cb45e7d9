import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import MiddlewareNotUsed
from django.test import AsyncClient, Client, override_settings
from django.urls import path

from praxis.cache import CacheMiddleware
from tests.unit.cache.results import pages

urlpatterns = [
    path("shop/books", pages.text()),
    path("shop/cart", pages.text()),
    path("shop/me", pages.text(pages.user_name)),
    path("shop/template", pages.text(pages.template("{{ a }}", a=1))),
    path("shop/missing", pages.text(pages.missing)),
    path("shop/failing", pages.text(pages.failing)),
    path("shop/later", pages.later),
    path("shop/kept", pages.PAGES["page"]),
    path("about", pages.text()),
]
VIEWS = {
    "/shop/cart": {"automatic": False},
    "/shop/me": {"ttl_s": 5, "vary": ["user"]},
    "/shop/*": {"ttl_s": 30, "stale_s": 10, "ignore_params": ["utm_*"]},
}
SETTINGS = pages.SETTINGS | {
    "ROOT_URLCONF": __name__,
    "MIDDLEWARE": [*pages.MIDDLEWARE, "praxis.cache.CacheMiddleware"],
    "PRAXIS": {"cache": {"views": VIEWS}},
}


@pytest.fixture(autouse=True)
def _site():
    pages.calls.clear()
    with override_settings(**SETTINGS):
        yield


def how(path, **headers):
    return Client().get(path, headers=headers).headers.get("X-Praxis-Cache")


@pytest.mark.parametrize("path", ["/shop/books", "/shop/template", "/shop/later", "/shop/me"])
def test_pages_of_these_paths_are_kept(shelf, path):
    assert [how(path), how(path)] == ["miss", "hit"]


def test_the_first_pattern_that_fits_counts(shelf):
    assert how("/shop/cart") is None
    assert how("/about") is None
    assert how("/shop/me", **{"x-user": "ann"}) == "miss"
    assert how("/shop/me", **{"x-user": "bo"}) == "miss"
    how("/shop/books")
    assert {(terms.ttl_s, terms.stale_s) for terms in shelf.terms.values()} == {(5, 0), (30, 10)}


def test_parameters_that_do_not_count(shelf):
    how("/shop/books?utm_source=a")
    assert how("/shop/books?utm_source=b") == "hit"


def test_an_error_is_no_page(shelf):
    assert "404" in how("/shop/missing")
    client = Client(raise_request_exception=False)
    assert "500" in client.get("/shop/failing").headers["X-Praxis-Cache"]
    assert shelf.entries == {}


def test_a_view_that_is_kept_itself_is_a_part(shelf):
    assert how("/shop/kept") == "miss"
    assert len(shelf.entries) == 2
    assert how("/shop/kept") == "hit"


def test_an_unchanged_page_is_304(shelf):
    etag = Client().get("/shop/books").headers["ETag"]
    assert Client().get("/shop/books", headers={"if-none-match": etag}).status_code == 304
    assert len(pages.calls) == 1


def test_under_asgi(shelf):
    async def twice():
        client = AsyncClient()
        return [await client.get("/shop/later") for _ in range(2)]

    assert [one.headers["X-Praxis-Cache"] for one in async_to_sync(twice)()] == ["miss", "hit"]


def test_without_paths_it_is_left_out():
    with override_settings(PRAXIS={}), pytest.raises(MiddlewareNotUsed):
        CacheMiddleware(lambda request: None)
