"""Who may subscribe what, and what they are told."""

import pytest

from praxis.realtime import publish
from tests.integration.realtime.sites import serve

pytestmark = pytest.mark.redis


@pytest.mark.parametrize(
    ("user", "channels", "status"),
    [
        ("", ["orders"], 200),
        ("", ["members"], 403),
        ("5", ["members"], 200),
        ("5", ["staff"], 403),
        ("1", ["staff"], 200),
        ("1", ["secret"], 403),
        ("5", ["user:5"], 200),
        ("5", ["user:6"], 403),
        ("", ["user:5"], 403),
        ("5", ["room:open"], 200),
        ("5", ["room:closed"], 403),
        ("", ["room:open"], 403),
        ("5", ["orders", "staff"], 403),
        ("5", ["nope"], 403),
        ("5", ["user:%0d%0aX-Evil:1"], 403),
    ],
)
def test_who_may_subscribe(site, user, channels, status):
    with site.open(*channels, headers=[("X-User", user)]) as events:
        assert events.status == status


def test_what_is_not_there_looks_like_what_is_not_allowed(site):
    with site.open("staff") as there, site.open("nope") as absent:
        assert (there.status, there.body) == (absent.status, absent.body)
        drop = {"date"}
        assert {n: v for n, v in there.headers.items() if n not in drop} == {
            n: v for n, v in absent.headers.items() if n not in drop
        }


def test_the_sites_middleware_sees_the_request_and_the_response(site):
    with site.open("orders", headers=[("X-User", "13")]) as events:
        assert (events.status, events.headers["location"]) == (302, "/login/")
    with site.open("orders") as events:
        assert events.headers["x-seen"] == "yes"
        assert events.headers["set-cookie"].startswith("seen=1")


def test_a_host_that_is_not_allowed_is_refused(site):
    assert site.get("/events/?channel=orders", Host="evil.example")[0] == 400


def test_a_function_that_fails_is_a_server_error(site):
    with site.open("room:broken", headers=[("X-User", "5")]) as events:
        assert events.status == 500


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/events/", 400),
        ("/events/?" + "&".join(f"channel=user:{n}" for n in range(21)), 400),
        ("/events/?channel=" + "x" * 20_000, 400),
        ("/events", 404),
        ("/work/", 200),
    ],
)
def test_bad_requests(site, path, status):
    assert site.get(path)[0] == status


def test_who_may_no_longer_is_told_and_cut_off(site):
    with site.open("user:77", headers=[("X-User", "77")]) as events:
        events.until("praxis.ready")
        publish("user:77", 1)
        assert events.next()[1] == 1
        assert site.get("/ban/77/")[0] == 200
        assert events.until("praxis.dropped") == {"reason": "forbidden", "channels": ["user:77"]}
        assert events.next() is None


def test_a_process_that_is_full_says_so(server, configured):
    from tests.integration.realtime.conftest import CHANNELS

    with (
        serve(server.url, {"channels": CHANNELS, "max_connections": 2}) as site,
        site.open("orders") as one,
        site.open("orders") as other,
    ):
        one.until("praxis.ready")
        other.until("praxis.ready")
        with site.open("orders") as third:
            assert third.status == 503
            assert int(third.headers["retry-after"]) >= 1
            assert "as many clients as it takes" in third.body
        assert site.get("/work/")[0] == 200
