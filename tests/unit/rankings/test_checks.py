"""What ``manage.py check`` says of boards that follow models."""

import pytest
from django.contrib.auth.models import User
from django.core.checks import run_checks
from django.test import override_settings

from praxis.rankings import Leaderboard, follow


@pytest.fixture
def _followed():
    made = follow(User, Leaderboard("logins"), score="id")
    yield
    made.stop()


def ids():
    return [message.id for message in run_checks() if message.id.endswith("070")]


@pytest.mark.usefixtures("_followed")
def test_a_board_without_a_server_is_told():
    assert ids() == ["praxis.E070"]


@pytest.mark.usefixtures("_followed")
@override_settings(PRAXIS={"redis": {"url": "redis://127.0.0.1:1"}})
def test_one_with_a_server_is_not():
    assert ids() == []


@pytest.mark.usefixtures("_followed")
@override_settings(
    PRAXIS={"redis": {"a": {"url": "redis://127.0.0.1:1"}}, "rankings": {"redis": "b"}}
)
def test_a_server_that_is_not_named_is_told():
    assert ids() == ["praxis.E070"]


def test_without_boards_there_is_nothing_to_say():
    assert ids() == []
