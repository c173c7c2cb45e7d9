"""Which alias a query is sent to."""

import threading

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connections, router, transaction
from django.db.models import F

from praxis.databases import ReplicaRouter, read_session, reading_primary, wrote
from tests.integration.databases.conftest import ALIASES, all_up, databases_of
from tests.integration.databases.points import until

pytestmark = pytest.mark.postgres


def alias():
    return Group.objects.all().db


@pytest.fixture
def reading(routed):
    with read_session(session="tests"):
        assert alias() in ALIASES
        yield routed


def test_outside_of_requests_the_primary_is_read(routed):
    assert alias() == "default"


def test_in_a_transaction_the_primary_is_read(reading):
    with transaction.atomic():
        assert alias() == "default"
    assert alias() in ALIASES
    connections["default"].set_autocommit(False)
    try:
        assert alias() == "default"
    finally:
        connections["default"].rollback()
        connections["default"].set_autocommit(True)


WRITES = {
    "create": lambda: Group.objects.create(name="a"),
    "bulk": lambda: Group.objects.bulk_create([Group(name="b")]),
    "update": lambda: Group.objects.update(name=F("name")),
    "delete": lambda: Group.permissions.through.objects.all().delete(),
    "lock": lambda: Group.objects.select_for_update().filter(pk=0).update(name="c"),
    "said": wrote,
}


@pytest.mark.parametrize("way", WRITES)
def test_after_a_write_the_primary_is_read(reading, way):
    Group.objects.using("default").all().delete()
    WRITES[way]()
    assert alias() == "default"


def test_a_read_of_the_primary_is_no_write(reading):
    list(Group.objects.using("default").order_by("name")[:5])
    Group.objects.using("default").count()
    with transaction.atomic():
        list(Group.objects.select_for_update())
    assert alias() in ALIASES


def test_where_the_primary_is_wanted_it_is_read(reading):
    with reading_primary():
        assert alias() == "default"
    assert alias() in ALIASES


def test_using_is_done_as_it_says(reading):
    for name in ("default", *ALIASES):
        assert Group.objects.using(name).all().db == name


def test_what_was_read_from_a_replica_is_written_to_the_primary(reading):
    Group.objects.using("default").all().delete()
    pk = Group.objects.using("default").create(name="one").pk
    reading.wait_until_replayed()
    for name in ALIASES:
        found = Group.objects.using(name).get(pk=pk)
        found.name = f"from {name}"
        found.save()
    assert Group.objects.using("default").get(pk=pk).name == "from replica2"
    assert found._state.db == "default"


def test_rows_of_primary_and_replica_may_be_related(reading):
    first, second = Group(), Permission()
    first._state.db, second._state.db = "default", "replica1"
    assert router.allow_relation(first, second)
    second._state.db = "elsewhere"
    assert not router.allow_relation(first, second)


def test_rows_of_other_databases_are_left_to_others(reading):
    instance = Group()
    instance._state.db = "elsewhere"
    ours = ReplicaRouter()
    assert ours.db_for_read(Group, instance=instance) is None
    assert ours.db_for_write(Group, instance=instance) is None


def test_replicas_are_not_migrated(routed):
    assert router.allow_migrate("default", "auth")
    assert not router.allow_migrate("replica1", "auth")
    call_command("migrate", verbosity=0)


def test_another_thread_is_another_story(reading):
    found = []
    thread = threading.Thread(target=lambda: found.append(alias()))
    thread.start()
    thread.join()
    assert found == ["default"]


def test_the_servers_say_who_follows_whom(group, django_db_blocker):
    with django_db_blocker.unblock(), databases_of(group.django_settings()):
        until(all_up)
        with read_session():
            assert alias() in ALIASES


def test_mirrors_are_replicas_and_in_djangos_tests_the_primary(group, django_db_blocker):
    settings = group.django_settings()
    for name in ALIASES:
        settings[name]["TEST"] = {"MIRROR": "default"}
    with django_db_blocker.unblock(), databases_of(settings):
        until(all_up)
        with read_session():
            assert alias() == "default"


def test_one_of_another_primary_is_not_read(group, postgres_server, django_db_blocker, caplog):
    settings = group.django_settings()
    settings["default"] = postgres_server.django_settings()
    with django_db_blocker.unblock(), databases_of(settings, replicas=ALIASES), read_session():
        until(lambda: alias() and "follows another primary" in caplog.text)
        assert alias() == "default"
