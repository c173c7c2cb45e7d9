import logging

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client, override_settings
from django.utils import timezone, translation

from praxis.cache import cached_view
from praxis.cache.results import responses
from tests.unit.cache.results import pages


@pytest.fixture(autouse=True)
def _site():
    pages.calls.clear()
    with override_settings(**pages.SETTINGS):
        yield


def get(path, client=None, **headers):
    return (client or Client()).get(path, headers=headers)


def how(response):
    return response.headers["X-Praxis-Cache"]


def kept(shelf, path, **options):
    """Whether the second answer to *path* is the first one, kept."""
    first, second = get(path, **options), get(path, **options)
    assert how(first) == "miss", how(first)
    return how(second) == "hit" and first.content == second.content


def why(path, client=None, **headers):
    """Why nothing is kept of *path*."""
    get(path, client, **headers)
    said = how(get(path, client, **headers))
    assert said.startswith("bypass; "), said
    return said.removeprefix("bypass; ")


@pytest.mark.parametrize(
    "path",
    ["/page", "/template", "/redirect", "/shelf/1", "/wrapped/1", "/later", "/later/1",
     "/wrapped_later/1", "/user_unseen", "/framed", "/conditional", "/request_id", "/own_total",
     "/own_session", "/own_messages", "/own_cookie", "/own_user", "/permissions",
     "/permissions_template", "/own_private", "/public", "/region", "/query", "/own_later_user"],
)  # fmt: skip
def test_a_page_that_is_the_same_for_all_is_kept(shelf, path):
    assert kept(shelf, path)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/error", "its status is 503"),
        ("/file", "streamed"),
        ("/cookie", "sets a cookie"),
        ("/token", "CSRF"),
        ("/form", "CSRF"),
        ("/session", "'session'"),
        ("/change_session", "changed the session"),
        ("/messages", "'messages'"),
        ("/add_message", "added a message"),
        ("/read_cookie", "cookie:theme"),
        ("/all_cookies", "all cookies"),
        ("/user", "request.user.username"),
        ("/user_in_template", "vary on 'user'"),
        ("/permissions_and_name", "request.user.username"),
        ("/later_user", "request.user.username"),
        ("/never", "no-store"),
        ("/private", "private"),
        ("/star", "Vary: *"),
        ("/vary_cookie", "Vary: Cookie"),
        ("/total", "X-Total"),
        ("/marked", "_policy"),
        ("/nonce", "nonce"),
        ("/own_nonce", "nonce"),
    ],
)
def test_a_page_that_is_for_one_visitor_is_not_kept(shelf, path, reason):
    assert reason in why(path)
    assert shelf.entries == {}
    assert shelf.asked.count("look") == shelf.asked.count("abandon") == 2


def test_a_page_that_is_not_kept_is_as_the_view_made_it(shelf):
    response = get("/session")
    assert not response.has_header("ETag")
    assert not response.has_header("Cache-Control")


@pytest.mark.parametrize(("path", "what"), [("/given", "'argument 1'"), ("/set_up/1", "'object'")])
def test_a_view_that_is_given_what_was_read_before_is_not_kept(shelf, path, what):
    assert f"{what}, which was read before" in why(path)
    assert shelf.asked == []


def test_what_as_view_reads_itself_was_not_read_before(shelf):
    assert kept(shelf, "/wrapped_set_up/1")


@pytest.mark.parametrize("path", ["/tenant", "/tenant_fragment"])
def test_rows_that_middleware_left_on_the_request_are_a_part_of_the_name(shelf, path):
    for _ in range(2):
        for name in ("here", "there"):
            assert get(path, **{"x-tenant": name}).content.startswith(name.encode())
    assert len(shelf.entries) == 2


def test_what_a_view_raises_is_raised_and_who_waits_is_let_go(shelf):
    with pytest.raises(LookupError):
        get("/failing")
    assert get("/missing").status_code == 404
    assert shelf.asked == ["look", "abandon"] * 2


def test_no_response_is_told_by_django_as_ever(shelf):
    with pytest.raises(ValueError, match="didn't return an HttpResponse"):
        get("/nothing")
    assert shelf.asked == ["look", "abandon"]


def test_only_get_and_head_are_answered(shelf):
    get("/page")
    for method in ("post", "put", "delete", "options"):
        response = getattr(Client(), method)("/page")
        assert how(response) == f"bypass; its method is {method.upper()}"


def test_head_is_answered_by_the_page_of_get_alone(shelf):
    assert "HEAD" in how(Client().head("/page"))
    assert shelf.entries == {}
    get("/page")
    assert how(Client().head("/page")) == "hit"


@pytest.mark.parametrize(
    "other",
    [
        {"path": "/page?a=1"},
        {"path": "/page?a=1&a=2"},
        {"path": "/page?a="},
        {"path": "/page", "secure": True},
        {"path": "/page", "headers": {"host": "other"}},
    ],
)
def test_another_address_is_another_page(shelf, other):
    get("/page")
    assert how(Client().get(**other)) == "miss"
    assert how(Client().get(**other)) == "hit"


def test_the_order_of_parameters_does_not_count_but_that_of_values_does(shelf):
    get("/query?a=1&b=2&a=3")
    assert how(get("/query?b=2&a=1&a=3")) == "hit"
    assert how(get("/query?b=2&a=3&a=1")) == "miss"


def test_parameters_that_do_not_count_are_not_seen_by_the_view(shelf):
    first = get("/echo?utm_source=x&b=1&ref=y&a=2")
    assert first.content == b"/echo?b=1&a=2 1"
    assert first.wsgi_request.get_full_path() == "/echo?utm_source=x&b=1&ref=y&a=2"
    assert how(get("/echo?a=2&b=1")) == "hit"
    assert how(get("/echo?a=2&b=1&utm_campaign=z")) == "hit"


def test_language_and_time_zone_tell_pages_apart(shelf):
    get("/page")
    with translation.override("de"):
        assert how(get("/page")) == "miss"
    with timezone.override("Asia/Tokyo"):
        assert how(get("/page")) == "miss"
    assert how(get("/page")) == "hit"


def test_each_user_has_a_page_and_all_others_one(shelf):
    for name in ("ann", "bo", ""):
        assert f"hello {name}".encode() in get("/own_user", **{"x-user": name}).content
    for name in ("ann", "bo", ""):
        again = get("/own_user", **{"x-user": name})
        assert how(again) == "hit"
        assert f"hello {name}".encode() in again.content


def test_a_page_of_permissions_is_shared_by_those_who_have_them(shelf):
    get("/permissions", **{"x-user": "bob"})
    assert how(get("/permissions", **{"x-user": "bib"})) == "hit"
    assert how(get("/permissions", **{"x-user": "ann"})) == "miss"
    assert how(get("/permissions", **{"x-user": "boss"})) == "miss"
    assert how(get("/permissions")) == "miss"


def test_a_page_that_did_not_look_at_the_user_is_for_all(shelf):
    get("/page", **{"x-user": "ann"})
    assert how(get("/page", **{"x-user": "bo"})) == "hit"


def test_credentials_in_a_header_are_not_passed_by(shelf):
    get("/page")
    assert "Authorization" in how(get("/page", authorization="Bearer x"))
    assert "Authorization" in how(get("/own_user", authorization="Bearer x"))
    own = {"authorization": "Bearer x", "x-user": "ann"}
    assert how(get("/own_user", **own)) == "miss"
    assert how(get("/own_user", **own)) == "hit"


def test_a_session_has_its_own_page_for_what_it_holds(shelf):
    client = Client()
    for cart in ("a", "b", "a"):
        session = client.session
        session["cart"] = cart
        session.save()
        client.cookies["sessionid"] = session.session_key
        assert get("/own_session", client).content.startswith(cart.encode())


def test_who_has_messages_sees_them(shelf):
    client = Client()
    assert kept(shelf, "/own_messages")
    get("/add_message", client)
    shown = get("/own_messages", client)
    assert shown.content == b"hello"
    assert how(shown) == "bypass; a dimension says so"
    assert how(get("/own_messages", client)) == "hit"


def test_a_cookie_that_is_a_dimension_tells_pages_apart(shelf):
    client = Client()
    for theme in ("dark", "light", "dark"):
        client.cookies["theme"] = theme
        assert get("/own_cookie", client).content.startswith(theme.encode())
    assert len(pages.calls) == 2


def test_a_header_that_is_a_dimension_tells_pages_apart(shelf):
    for region in ("no", "cl", "no"):
        assert get("/region", **{"x-region": region}).content.startswith(region.encode())
    assert len(pages.calls) == 2


def test_headers_that_a_page_varies_on_are_learnt(shelf):
    assert "news" in how(get("/agent", **{"user-agent": "a"}))
    assert how(get("/agent", **{"user-agent": "a"})) == "miss"
    assert how(get("/agent", **{"user-agent": "b"})) == "miss"
    for agent in ("a", "b"):
        again = get("/agent", **{"user-agent": agent})
        assert how(again) == "hit"
        assert again.content == agent.encode()
        assert again.headers["Vary"] == "User-Agent"


def test_an_unchanged_page_is_304_without_its_view(shelf):
    first = get("/page")
    assert first.headers["ETag"].startswith('W/"')
    assert first.headers["Cache-Control"] == "max-age=0, must-revalidate"
    second = get("/page", **{"if-none-match": first.headers["ETag"]})
    assert second.status_code == 304
    assert second.content == b""
    assert second.headers["ETag"] == first.headers["ETag"]
    assert len(pages.calls) == 1


def test_a_changed_page_is_not_304(shelf):
    first = get("/page")
    shelf.write()
    second = get("/page", **{"if-none-match": first.headers["ETag"]})
    assert second.status_code == 200
    assert second.headers["ETag"] != first.headers["ETag"]


def test_a_view_that_would_answer_304_is_asked_for_the_page(shelf):
    assert get("/conditional", **{"if-none-match": '"own"'}).status_code == 304
    assert len(shelf.entries) == 1
    assert get("/conditional").content == b"page 1"
    assert get("/conditional").headers["ETag"] == '"own"'


def test_a_personal_page_is_private(shelf):
    assert get("/own_user").headers["Cache-Control"] == "private, max-age=0, must-revalidate"
    assert "Cookie" in get("/own_user").headers["Vary"]


def test_what_a_view_says_of_caching_stands(shelf):
    assert get("/public").headers["Cache-Control"] == "public, max-age=30"
    assert get("/public").headers["Cache-Control"] == "public, max-age=30"


def test_a_hit_has_the_headers_of_its_content(shelf):
    first, second = get("/own_total"), get("/own_total")
    assert second.headers["X-Total"] == "x"
    assert second.headers["Content-Type"] == first.headers["Content-Type"]
    assert get("/request_id").has_header("X-Request-Id")
    assert not get("/request_id").has_header("X-Request-Id")


def test_a_hit_may_be_framed_where_the_view_said_so(shelf):
    for _ in range(2):
        assert not get("/framed").has_header("X-Frame-Options")
        assert get("/page").headers["X-Frame-Options"] == "DENY"


def test_a_part_is_no_page(shelf):
    assert "part" in how(get("/page", range="bytes=0-1"))


def test_nothing_is_said_where_debug_is_off(shelf):
    with override_settings(DEBUG=False):
        assert not get("/page").has_header("X-Praxis-Cache")


def test_an_entry_of_another_form_is_passed_over(shelf):
    get("/page")
    (name,) = shelf.entries
    for data in (b"?", b"R1\x90", b"R1" + responses.msgspec.msgpack.encode((1, "", [], [], b""))):
        shelf.entries[name] = data
        assert get("/page").status_code == 200


def test_in_async_code_the_view_is_awaited_and_redis_is_not_waited_for_in_the_loop(shelf):
    async def twice():
        client = AsyncClient()
        return [await client.get(path) for path in ("/later", "/later", "/page", "/page")]

    answers = async_to_sync(twice)()
    assert [how(answer) for answer in answers] == ["miss", "hit", "miss", "hit"]


def test_a_class_is_no_view():
    with pytest.raises(TypeError, match=r"Shelf.as_view\(\)"):
        cached_view(60)(pages.Shelf)


def test_a_method_of_rest_framework_is_called_each_time_and_its_views_are_kept(shelf, caplog):
    caplog.set_level(logging.INFO, "praxis.cache")
    for _ in range(2):
        assert get("/rest/method").json() == {"number": len(pages.calls)}
    assert shelf.asked == []
    assert "decorate as_view() or dispatch()" in caplog.text
    assert kept(shelf, "/rest/view")
    assert "Authorization" in how(get("/rest/view", authorization="Token x"))
    assert "request.user" in why("/rest/user")


def test_without_a_request_the_way_to_decorate_is_told():
    with pytest.raises(TypeError, match="method_decorator"):
        cached_view(60)(lambda self, request: None)(object(), object())
