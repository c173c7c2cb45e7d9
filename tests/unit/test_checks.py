import socket
import sys

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.test import override_settings

from praxis.checks import check_changes
from praxis.conf import config


@pytest.fixture(autouse=True)
def _forget_between_tests():
    config.cache_clear()
    yield
    config.cache_clear()


def told(**kwargs):
    return [message for message in run_checks(**kwargs) if message.id.startswith("praxis.")]


def test_good_settings_are_silent():
    assert told() == []


@override_settings(PRAXIS={"redis": {"timeout": 1}})
def test_a_mistake_is_reported_with_its_id():
    (message,) = told()
    assert message.id == "praxis.E002"
    assert "PRAXIS['redis']['timeout']" in message.msg
    assert "timeout_s" in message.hint


@override_settings(PRAXIS={"redis": {"timeout": 1}})
def test_a_mistake_does_not_break_the_deployment_check():
    assert [message.id for message in told(include_deployment_checks=True)] == ["praxis.E002"]


def test_a_server_that_does_not_answer_is_told_at_deployment():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: a connection is refused
        url = f"redis://:hunter2@127.0.0.1:{closed.getsockname()[1]}/0"
        with override_settings(PRAXIS={"redis": {"url": url}}):
            (message,) = told(include_deployment_checks=True)
    assert message.id == "praxis.W001"
    assert "serve-redis" in message.hint
    assert "hunter2" not in str(message)


@override_settings(PRAXIS={"redis": {"url": "http://:hunter2@nowhere"}})
def test_an_address_that_is_none_is_told_without_the_password():
    (message,) = told(include_deployment_checks=True)
    assert message.id == "praxis.E005"
    assert "redis://" in message.msg
    assert "hunter2" not in str(message)


@override_settings(PRAXIS={"redis": {"default": {}, "limits": {"url": "redis://a,b"}}})
def test_an_address_is_told_with_its_alias():
    (message,) = told()
    assert message.id == "praxis.E005"
    assert "'limits'" in message.msg


@pytest.mark.parametrize("setting", [{"when_unreachable": "bypass"}, {"outside_writes": True}])
def test_the_app_that_a_setting_wants_is_named(setting, monkeypatch):
    with override_settings(PRAXIS={"cache": {"models": {"auth.*": {}}, **setting}}):
        (message,) = check_changes()
        assert message.id == "praxis.E021"
        assert "praxis.cache.changes" in message.hint
        # installed in earnest it would hook into Django for all tests that follow
        with monkeypatch.context() as patch:
            patch.setattr(apps, "is_installed", lambda name: name == "praxis.cache.changes")
            assert check_changes() == []
    with override_settings(PRAXIS={"cache": setting}):
        assert check_changes() == []


def test_an_id_means_one_thing():
    found = [
        module.SAYS for name, module in sys.modules.items()
        if name.startswith("praxis.") and name.endswith("checks") and hasattr(module, "SAYS")
    ]  # fmt: skip
    ids = [check_id for says in found for check_id in says]
    assert len(found) > 5
    assert len(set(ids)) == len(ids)
