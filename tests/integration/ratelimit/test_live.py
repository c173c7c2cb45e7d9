"""Limits and lists that are changed while processes run."""

import asyncio
import subprocess
import sys
import textwrap
import time

import pytest
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import RequestFactory

from praxis.errors import RateError, RedisUnavailableError, SettingsError
from praxis.ratelimit import By, Limiter, live, rate_limit
from praxis.redis import link

pytestmark = pytest.mark.redis


@pytest.fixture(autouse=True)
def settings(configured):
    """Processes ask whenever they are asked."""
    configured(follow_s=1e-9)


def let_in(limiter, key="a"):
    """How many of twenty."""
    return sum(limiter.hit(key).is_allowed for _ in range(20))


def elsewhere(call, server):
    """Do it in another process."""
    program = f"""
        import django
        from django.conf import settings
        settings.configure(PRAXIS={{"redis": {{"default": {{"url": {server.url!r}}}}}}})
        django.setup()
        from praxis.ratelimit import live
        live.{call}
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True)


def test_another_process_changes_rates_and_what_was_counted_stays(server):
    limiter = Limiter("search", "10/m")
    assert sum(limiter.hit("a").is_allowed for _ in range(5)) == 5
    elsewhere("change('search', '7/m')", server)
    limiter.peek("a")  # it hears of it here
    assert let_in(limiter) == 2
    assert [str(limit.rate) for limit in limiter.limits] == ["7/60s"]
    elsewhere("restore('search')", server)
    limiter.peek("b")
    assert let_in(limiter, "b") == 10


def test_a_limit_is_off_and_dry_for_a_while():
    limiter = Limiter("search", "3/m")
    live.change("search", is_off=True)
    decision = limiter.hit("a")
    assert (decision.is_allowed, decision.by) == (True, By.OFF)
    assert let_in(limiter) == 20
    live.change("search", is_dry=True)
    assert let_in(limiter) == 20
    assert limiter.hit("a").is_dry
    live.change("search", "1/m", for_s=0.2)
    assert let_in(limiter, "b") == 1
    time.sleep(0.25)
    assert let_in(limiter, "c") == 3


def test_it_follows_when_it_is_off_and_when_asked_by_tasks(server):
    limiter = Limiter("search", "3/m")
    live.change("search", is_off=True)

    async def hits():
        return [(await limiter.ahit("a")).is_allowed for _ in range(6)]

    assert asyncio.run(hits()) == [True] * 6
    elsewhere("restore('search')", server)
    assert asyncio.run(hits()) == [True, True, True, True, False, False]  # the first one hears


def test_other_limiters_stay_as_they_are():
    live.change("search", "1/m")
    assert let_in(Limiter("find", "5/m")) == 5


def test_addresses_are_let_in_and_kept_out(rf):
    view = rate_limit("1/m")(lambda request: HttpResponse("it"))

    def status():
        return view(rf.get("/", REMOTE_ADDR="203.0.113.7")).status_code

    assert [status(), status()] == [200, 429]
    live.allow("203.0.113.0/24")
    assert [status(), status()] == [200, 200]
    live.deny("203.0.113.7")
    assert status() == 403
    live.unlist("203.0.113.7")
    assert status() == 200
    live.unlist("203.0.113.0/24")
    live.deny("203.0.113.7", for_s=0.2)
    assert status() == 403
    time.sleep(0.25)
    Limiter("other", "1/m").hit()
    assert live.changes() == live.Changes()


def test_who_is_kept_out_is_let_in_again_by_another_process(rf, server):
    view = rate_limit("9/m")(lambda request: HttpResponse("it"))
    live.deny("203.0.113.7")
    request = rf.get("/", REMOTE_ADDR="203.0.113.7")
    assert view(request).status_code == 403
    elsewhere("unlist('203.0.113.7')", server)
    assert [view(request).status_code for _ in range(2)] == [403, 200]


@pytest.fixture
def rf():
    return RequestFactory()


@pytest.mark.parametrize(
    "change",
    [
        lambda: live.change("search", "lots"),
        lambda: live.change("search"),
        lambda: live.change("search", "1/m", for_s=-1),
        lambda: live.change("search", "1/m", algorithm="guess"),
        lambda: live.deny("everybody"),
        lambda: live.allow("203.0.113.7", for_s=float("nan")),
    ],
)
def test_what_means_nothing_is_not_noted(change):
    with pytest.raises((RateError, SettingsError)):
        change()
    assert live.changes() == live.Changes()


def test_what_others_wrote_there_harms_nobody(caplog):
    limiter = Limiter("search", "3/m")
    live.change("search", "5/m")
    for field, value in [
        ("limit:search", b"0|{"),
        ("limit:find", b'0|{"rates": "lots"}'),
        ("deny:x", b'0|{"network": "x"}'),
        ("\xff", b""),
    ]:
        link().call("HSET", live.KEY, field, value)
    link().call("HSET", live.KEY, "version", "7")
    assert let_in(limiter, "a") in {3, 5}
    assert let_in(limiter, "b") == 3
    assert "means nothing" in caplog.text
    live.change("find", "2/m")  # which takes away what is no change at all
    assert set(live.changes().limits) == {"find"}


def test_there_are_not_endless_many(monkeypatch):
    monkeypatch.setattr(live, "MAX_CHANGES", 2)
    live.deny("203.0.113.1")
    live.deny("203.0.113.2", for_s=0.1)
    with pytest.raises(RateError, match="There are 2 changes"):
        live.deny("203.0.113.3")
    live.deny("203.0.113.1", for_s=9)
    time.sleep(0.15)
    live.deny("203.0.113.3")


def test_without_redis_it_keeps_what_it_knows(server, configured):
    configured(follow_s=1e-9, on_error="fallback")
    limiter = Limiter("search", "10/m")
    live.change("search", "2/m")
    server.kill()
    assert let_in(limiter) == 2
    with pytest.raises(RedisUnavailableError):
        live.change("search", "3/m")


def test_nobody_follows_unless_it_is_wanted(configured, server):
    configured(follow_s=0)
    limiter = Limiter("search", "4/m")
    elsewhere("change('search', '2/m')", server)
    assert let_in(limiter) == 4


def test_the_command_shows_and_changes(capsys):
    Limiter("search", "4/m")
    kept = Limiter("shop.views.search", "4/m")

    def said(*words):
        call_command("praxis_ratelimit", *words)
        return capsys.readouterr().out

    said("change", "shop.views.search", "2/m", "--for", "60", "--dry")
    said("deny", "203.0.113.0/24")
    shown = said("show")
    assert "shop.views.search: 2/m, dry, for " in shown
    assert "203.0.113.0/24: not let in" in shown
    said("restore", "shop.views.search")
    said("unlist", "203.0.113.0/24")
    said("allow", "203.0.113.9", "--for", "5")
    shown = said("show")
    assert "shop.views.search: as the code says" in shown
    assert "203.0.113.9: let in for " in shown
    with pytest.raises(CommandError, match=r"Did you mean 'shop.views.search'"):
        said("change", "shop.views.serch", "2/m")
    said("change", "shop.tasks.later", "2/m", "--force")
    with pytest.raises(CommandError, match="'lots' is no rate"):
        said("change", "shop.views.search", "lots")
    assert kept.name in shown
