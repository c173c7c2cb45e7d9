import pytest
from django.db.backends.sqlite3.base import DatabaseWrapper as Sqlite
from django.test import override_settings

from praxis.cache.hooks.connections import cached, forget, is_in_transaction
from praxis.cache.hooks.isolation import sees_a_snapshot


@pytest.fixture
def connection(tmp_path):
    praxis = {"cache": {"models": {"auth.*": {}}}, "redis": {"url": "redis://127.0.0.1:1"}}
    with override_settings(PRAXIS=praxis):
        entry = {"NAME": str(tmp_path / "shop"), "OPTIONS": {}, "TIME_ZONE": None}
        yield Sqlite(entry, "default")


def test_a_connection_that_is_led_to_a_test_database_has_other_entries(connection):
    before = cached(connection)
    connection.settings_dict["NAME"] += "_test"
    forget(connection)
    assert cached(connection).store is not before.store


def test_a_connection_that_is_opened_again_has_the_same_entries(connection):
    before = cached(connection)
    forget(connection)
    assert cached(connection) is not before
    assert cached(connection).store is before.store


def test_a_connection_that_is_not_open_yet_is_in_no_transaction(connection):
    assert not is_in_transaction(connection, cached(connection).state)


def test_of_a_connection_that_was_closed_in_a_transaction_the_worst_is_assumed(connection):
    assert sees_a_snapshot(connection)
