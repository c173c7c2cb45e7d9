from copy import copy
from functools import partial

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.checks import run_checks
from django.test import RequestFactory, override_settings
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject

from praxis.cache import dimensions
from praxis.cache.dimensions import UNCACHED, values
from praxis.cache.results import declared
from praxis.conf import config
from praxis.errors import DimensionError


@pytest.fixture(autouse=True)
def _forget_between_tests():
    config.cache_clear()
    yield
    config.cache_clear()


def asked(**meta):
    request = RequestFactory().get("/", **meta)
    request.user = AnonymousUser()
    return request


def declaring(**declared):
    return override_settings(PRAXIS={"cache": {"dimensions": declared}}, ALLOWED_HOSTS=["*"])


def tenant(request):
    return ("tenant", request and request.get_host())


def mode(request):
    return UNCACHED


def strange(request):
    return object()


def test_language_and_time_zone_need_no_request():
    with translation.override("de"), timezone.override("Asia/Tokyo"):
        assert values(["language", "time_zone"], None) == ("de", "Asia/Tokyo")


@pytest.mark.parametrize("name", ["host", "user", "permissions", "session", "messages"])
def test_others_say_that_they_need_one(name):
    with pytest.raises(DimensionError, match=f"'{name}' is told from a request"):
        values([name], None)


def test_what_the_settings_declare():
    request = asked(HTTP_X_REGION="no", HTTP_HOST="a.example", HTTP_COOKIE="currency=NOK")
    request.shop = asked()
    request.shop.key = 7
    with declaring(
        region="header:X-Region",
        currency="cookie:currency",
        tenant=f"{__name__}.tenant",
        shop="attribute:shop.key",
        none="attribute:shop.nothing.at.all",
    ):
        names = ["region", "currency", "tenant", "shop", "none"]
        assert values(names, request) == ("no", "NOK", ("tenant", "a.example"), 7, None)
        with pytest.raises(DimensionError, match="'region' is told from a request"):
            values(["region"], None)
        assert dimensions.cookie_of("currency") == "currency"
        assert dimensions.is_personal("currency")
        assert not dimensions.is_personal("region")


def test_a_declared_one_replaces_a_built_in_one():
    with declaring(language=f"{__name__}.tenant"):
        assert values(["language"], None) == (("tenant", None),)
    assert values(["language"], None) != (("tenant", None),)


def test_one_may_say_that_nothing_is_kept():
    with declaring(mode=f"{__name__}.mode"):
        assert values(["mode", "language"], None) is UNCACHED


def test_a_value_that_is_not_plain_is_told():
    with declaring(strange=f"{__name__}.strange"), pytest.raises(DimensionError, match="'strange'"):
        values(["strange"], None)


def test_a_user_is_all_of_the_row():
    request = asked()
    nobody = values(["user"], request)
    found = []
    for name in ("Ann", "Anna", "Ann"):
        user = User(pk=1, first_name=name, date_joined=None)
        request.user = SimpleLazyObject(partial(copy, user))  # as Django's middleware does
        found += values(["user"], request)
    assert found[0] == found[2]
    assert len({nobody[0], *found}) == 3


def test_permissions_are_what_a_user_may_do():
    request = asked()
    nobody = values(["permissions"], request)
    found = set()
    for flags in ({}, {"is_staff": True}, {"is_superuser": True}, {"is_active": False}):
        request.user = User(username="ann", **flags)
        request.user.get_all_permissions = lambda: {"b", "a"}
        found.add(values(["permissions"], request))
    request.user.get_all_permissions = set
    assert len({*found, nobody, values(["permissions"], request)}) == 6


def test_without_the_middleware_of_users_the_way_is_told():
    request = RequestFactory().get("/")
    with pytest.raises(DimensionError, match="AuthenticationMiddleware"):
        values(["user"], request)


def test_a_site_is_the_host_where_sites_are_not_installed():
    with override_settings(ALLOWED_HOSTS=["*"]):
        assert values(["site"], asked(HTTP_HOST="a.example")) == ((None, "a.example", "a.example"),)
    with pytest.raises(DimensionError, match="not installed"):
        values(["site"], None)


def told():
    return [message for message in run_checks() if message.id == "praxis.E016"]


def test_a_mistake_in_a_decorator_is_reported(monkeypatch):
    monkeypatch.setattr(declared, "_declared", {})
    declared.declare("@cached shop.prices", ("languages",))
    (message,) = told()
    assert message.msg.startswith("@cached shop.prices: There is no dimension 'languages'")


def test_mistakes_in_the_settings_are_reported(monkeypatch):
    monkeypatch.setattr(declared, "_declared", {})
    praxis = {
        "cache": {
            "views": {"/shop/*": {"vary": ["region"]}},
            "dimensions": {"tenant": "no.such.module", "size": f"{__name__}.pytest"},
        }
    }
    with override_settings(PRAXIS=praxis):
        said = [message.msg for message in told()]
    assert len(said) == 3
    assert "['views']['/shop/*']: There is no dimension 'region'" in said[0]
    assert "cannot be imported" in said[1]
    assert "no function" in said[2]


def test_wrong_settings_are_reported_by_another_check_alone():
    with override_settings(PRAXIS={"cache": {"view": {}}}):
        assert told() == []
