import pytest
from django.core.checks import run_checks
from django.db import models
from django.test import override_settings
from django.test.utils import isolate_apps

from praxis.cache import checks, server_checks
from praxis.cache.server import ServerFacts
from praxis.conf import config

REDIS = {"url": "redis://127.0.0.1:1/0"}
MODELS = {"auth.user": {}}


def told(cache, *, redis=REDIS, deploy=False):
    with override_settings(PRAXIS={"cache": cache, "redis": redis}):
        messages = run_checks(include_deployment_checks=deploy)
    return [m for m in messages if m.id.startswith("praxis.") and m.id not in UNASKED]


#: What the tests' own settings are reported for: their database is in memory, and no Redis answers.
UNASKED = {"praxis.W005", "praxis.W001"}


@pytest.fixture(autouse=True)
def _forget_between_tests():
    config.cache_clear()
    yield
    config.cache_clear()


def one(*args, **options):
    (message,) = told(*args, **options)
    return message.id, f"{message.msg} {message.hint}"


def test_good_settings_are_silent():
    assert told({"models": {"auth.user": {"ttl_s": 5}, "auth.*": {}}}) == []


def test_a_name_that_fits_no_model_is_told_with_the_nearest():
    assert one({"models": {"auth.usr": {}}})[0] == "praxis.W002"
    for wrong, meant in {"auth.usr": "auth.user", "permission": "auth.permission"}.items():
        assert f"Did you mean '{meant}'?" in one({"models": {wrong: {}}})[1]


def test_the_table_of_a_link_has_no_name_of_its_own():
    code, said = one({"models": {"auth.user_groups": {}}})
    assert code == "praxis.W002"
    assert "the model that declares it" in said


def test_a_name_that_an_earlier_one_takes_everything_from_is_told():
    code, said = one({"models": {"auth.*": {}, "auth.user": {"ttl_s": 5}}})
    assert code == "praxis.W003"
    assert "'auth.*' fits before it" in said
    assert told({"models": {"auth.user": {"ttl_s": 5}, "auth.*": {}}}) == []


def test_a_server_that_is_not_there_is_told_with_those_that_are():
    named = {"default": REDIS, "limits": REDIS}
    code, said = one({"models": MODELS, "redis": "limit"}, redis=named)
    assert code == "praxis.E006"
    assert "Did you mean 'limits'?" in said


def test_a_server_without_an_address_is_told():
    assert one({"models": MODELS}, redis={})[0] == "praxis.E006"
    assert "has no url" in one({"models": MODELS}, redis={})[1]


def test_settings_for_a_cache_of_nothing_are_told():
    assert one({"verify_share": 0.5})[0] == "praxis.W007"
    assert told({"models": {}}) == []


def test_a_cache_that_always_asks_the_database_is_told_at_deployment():
    always = {"models": MODELS, "verify_share": 1.0}
    assert told(always) == []
    assert one(always, deploy=True)[0] == "praxis.W008"
    assert told({"models": MODELS, "verify_share": 0.01}, deploy=True) == []


@pytest.mark.parametrize("ttl_s", [float("inf"), float("nan"), 0, -1, 1e12])
def test_times_out_of_range_are_told(ttl_s):
    assert one({"models": {"auth.user": {"ttl_s": ttl_s}}})[0] == "praxis.E004"


@pytest.mark.parametrize("package", ["cachalot", "cacheops"])
def test_another_cache_beside_it_is_told(monkeypatch, package):
    monkeypatch.setattr(checks.apps, "is_installed", lambda name: name == package)
    code, said = one({"models": MODELS})
    assert code == "praxis.W010"
    assert package in said
    assert told({"models": {}}) == []


class Connections(dict):
    def __iter__(self):
        return iter(self.keys())


class Connection:
    def __init__(self, vendor, name="db", atomic=False, options=None):
        self.vendor = vendor
        self.settings_dict = {"NAME": name, "ATOMIC_REQUESTS": atomic, "OPTIONS": options or {}}


class Level:
    name = "REPEATABLE_READ"


@pytest.mark.parametrize(
    ("connection", "code"),
    [
        (Connection("sqlite", ":memory:"), "praxis.W005"),
        (Connection("oracle"), "praxis.W005"),
        (Connection("sqlite"), None),
        (Connection("sqlite", atomic=True), "praxis.W006"),
        (Connection("mysql", atomic=True), "praxis.W005"),
        (Connection("postgresql", atomic=True), None),
        (Connection("postgresql", atomic=True, options={"isolation_level": Level}), "praxis.W006"),
        (Connection("postgresql", options={"isolation_level": Level}), None),
    ],
)
def test_databases_that_are_not_cached_are_told(monkeypatch, connection, code):
    monkeypatch.setattr(checks, "connections", Connections(other=connection))
    with override_settings(PRAXIS={"cache": {"models": MODELS}, "redis": REDIS}):
        messages = checks.check_cache()
    assert [message.id for message in messages] == ([code] if code else [])
    assert all("'other'" in message.msg for message in messages)


class Router:
    """What is read of contenttypes is in another database."""

    def db_for_read(self, model, **_):
        return "other" if model._meta.app_label == "contenttypes" else None


@pytest.mark.parametrize("vendor", ["mysql", "oracle"])
def test_models_in_a_database_that_is_not_watched_are_an_error(monkeypatch, vendor):
    both = Connections(default=Connection("sqlite"), other=Connection(vendor))
    monkeypatch.setattr(checks, "connections", both)

    def ids(models):
        with override_settings(PRAXIS={"cache": {"models": models}, "redis": REDIS}):
            return [(message.id, message.msg) for message in checks.check_cache()]

    with override_settings(DATABASE_ROUTERS=[Router()]):
        (unwatched, _), (code, said) = ids({"auth.*": {}, "contenttypes.*": {}})
        assert (unwatched, code) == ("praxis.W005", "praxis.E009")
        assert "contenttypes.ContentType, which DATABASES['other'] answers" in said
        assert [code for code, _ in ids({"auth.*": {}})] == ["praxis.W005"]


def facts(**changed):
    known = {"policy": "volatile-lru", "version": "7.2.4", "max_bytes": 0}
    values = {**known, **changed}
    return ServerFacts("h:1", uptime_s=1, used_bytes=1, keys=1, evicted=0, **values)


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({}, []),
        ({"policy": "noeviction"}, []),
        ({"policy": "noeviction", "max_bytes": 10}, ["praxis.W009"]),
        ({"policy": "allkeys-lfu"}, ["praxis.E007"]),
        ({"version": "6.0.16"}, ["praxis.E008"]),
        ({"version": "6.2.0"}, []),
        ({"version": ""}, []),
    ],
)
def test_servers_that_are_set_up_badly_are_told(changed, codes):
    messages = server_checks._mistakes("default", facts(**changed))
    assert [message.id for message in messages] == codes


def test_every_id_is_documented():
    from docs.generate import CHECKED

    assert set(checks.SAYS) | set(server_checks.SAYS) <= set(CHECKED)


@pytest.fixture
def shop(monkeypatch):
    """Models of an app of their own: a plain one, a proxy of it, and one that may be a view."""
    from praxis.cache import watched

    with isolate_apps("django.contrib.contenttypes") as registry:

        class Order(models.Model):
            class Meta:
                app_label = "shop"

        class PaidOrder(Order):
            class Meta:
                app_label = "shop"
                proxy = True

        class Report(models.Model):
            class Meta:
                app_label = "shop"
                managed = False

        monkeypatch.setattr(registry, "get_models", lambda **_: [Order, PaidOrder, Report])
        monkeypatch.setattr(checks, "apps", registry)
        monkeypatch.setattr(watched, "apps", registry)
        watched.watched.cache_clear()
        yield
    watched.watched.cache_clear()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("shop.paidorder", "is a proxy, whose queries go as its model's do. Name 'shop.order'"),
        ("shop.report", "is not managed, so that it may be a view"),
    ],
)
def test_a_model_that_is_never_cached_is_told_where_it_is_named(shop, name, said):
    code, told_of = one({"models": {name: {}}})
    assert code == "praxis.W004"
    assert said in told_of
    assert told({"models": {"shop.*": {}}}) == []


def test_a_proxy_does_not_decide_how_its_model_is_cached(shop):
    from praxis.cache.watched import watched

    praxis = {"cache": {"models": {"shop.order": {"ttl_s": 5}, "shop.*": {}}}, "redis": REDIS}
    with override_settings(PRAXIS=praxis):
        found = watched("sqlite")
    assert {table: one.ttl_s for table, one in found.tables.items()} == {"shop_order": 5}
    assert found.patterns == {"shop_order": "shop.order"}
