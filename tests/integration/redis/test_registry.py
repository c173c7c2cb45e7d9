"""One link an alias and process, made of the settings."""

import asyncio

import pytest
from django.test import override_settings

from praxis.conf import config
from praxis.errors import SettingsError
from praxis.redis import async_link, link
from tests.integration.redis.conftest import INCREMENT

pytestmark = pytest.mark.redis


def test_gives_the_same_link_each_time_and_another_after_a_change(server):
    with override_settings(PRAXIS={"redis": {"url": server.url}}):
        first = link()
        assert link("default") is first
        assert first.run(INCREMENT, ["n"]) == 1
        session = first.session()
        assert async_link() is async_link()
        assert asyncio.run(async_link().run(INCREMENT, ["n"])) == 2
    assert not session.is_open
    with override_settings(PRAXIS={"redis": {"url": f"{server.url}/1"}}):
        assert link() is not first
        assert link().run(INCREMENT, ["n"]) == 1
        assert config().redis["default"].timeout_s == 0.25


def test_knows_several_and_takes_one_from_the_caches(server):
    servers = {"default": {"url": f"{server.url}/1"}, "sessions": {"url": "cache:default"}}
    caches = {"default": server.django_settings()}
    with override_settings(PRAXIS={"redis": servers}, CACHES=caches):
        assert link("sessions") is not link()
        link().call("SET", "k", "one")
        link("sessions").call("SET", "k", "two")
        assert link().call("GET", "k") == b"one"


def test_says_what_there_is_when_an_alias_or_an_address_is_missing():
    with override_settings(PRAXIS={"redis": {"sessions": {"url": "redis://h"}, "b": {}}}):
        with pytest.raises(SettingsError, match="Did you mean 'sessions'"):
            link("session")
        with pytest.raises(SettingsError, match="'b' has no address"):
            link("b")
        with pytest.raises(SettingsError, match="Known there: 'sessions', 'b'"):
            async_link()
