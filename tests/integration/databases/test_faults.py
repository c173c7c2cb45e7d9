"""Replicas that are killed, hang, are late, restart or are promoted: nobody sees an error."""

import threading

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError, ProgrammingError, connections, transaction

from praxis import embedded
from praxis.databases import current_token, read_session, reading, replica_status
from praxis.databases.hooks import hook
from praxis.databases.positions import Position
from praxis.databases.tokens import read_token, write_token
from praxis.databases.watching import stop_watching
from tests.integration.databases.conftest import ALIASES, all_up, databases_of, is_up
from tests.integration.databases.points import delay, go_on, stop_replay, until

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(240)]


@pytest.fixture
def pk(routed):
    Group.objects.all().delete()
    pk = Group.objects.create(name="here").pk
    routed.wait_until_replayed()
    return pk


def session_of(alias):
    """A session whose home that replica is."""
    for number in range(1000):
        with read_session(session=f"session {number}"):
            if Group.objects.all().db == alias:
                return f"session {number}"
    raise AssertionError(alias)


@pytest.fixture
def at_home(routed, pk):
    """In a session that has read from replica1, on a connection that stays open."""
    with read_session(session=session_of("replica1")):
        assert Group.objects.get(pk=pk)._state.db == "replica1"
        yield routed.replicas[0]


def name_of(pk):
    return Group.objects.get(pk=pk).name


WAYS = {
    "rows": lambda pk: [one.name for one in Group.objects.filter(pk=pk)],
    "values": lambda pk: list(Group.objects.filter(pk=pk).values_list("name", flat=True)),
    "streamed": lambda pk: [one.name for one in Group.objects.filter(pk=pk).iterator()],
    "raw": lambda pk: [
        one.name for one in Group.objects.raw("SELECT * FROM auth_group WHERE id = %s", [pk])
    ],
    "count": lambda pk: ["here"] * Group.objects.filter(pk=pk).count(),
    "exists": lambda pk: ["here"] if Group.objects.filter(pk=pk).exists() else [],
}


@pytest.mark.parametrize("way", WAYS)
def test_a_read_whose_connection_breaks_is_answered_elsewhere(at_home, pk, way):
    # only the connections: the server goes on, and the watch need not notice
    at_home.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    assert WAYS[way](pk) == ["here"]
    until(lambda: is_up(1))


def test_a_killed_replica_is_missed_by_nobody_and_comes_back(at_home, pk):
    at_home.kill()
    assert name_of(pk) == "here"
    connections.close_all()  # also where the connection is opened anew
    assert name_of(pk) == "here"
    until(lambda: Group.objects.all().db == "replica2")
    at_home.restart()
    until(lambda: is_up(1))
    assert Group.objects.get(pk=pk)._state.db == "replica1"


def test_a_connection_that_cannot_be_opened_is_opened_elsewhere(at_home, pk):
    stop_watching()  # nobody notices
    connections["replica1"].close()
    at_home.kill()
    with connections["replica1"].cursor() as cursor:
        cursor.execute("SELECT name FROM auth_group WHERE id = %s", [pk])
        assert cursor.fetchone() == ("here",)
        assert cursor.db.alias == "replica2" or cursor.db.alias == "default"


def test_a_read_of_a_replica_that_hangs_is_answered_elsewhere(at_home, pk):
    at_home.pause()
    try:
        assert name_of(pk) == "here"  # else the test's own time runs out
        assert not is_up(1)
    finally:
        at_home.resume()
    until(lambda: is_up(1))
    assert Group.objects.get(pk=pk)._state.db == "replica1"


def test_a_connection_to_one_that_hangs_is_opened_elsewhere(at_home, pk):
    stop_watching()  # nobody notices
    connections["replica1"].close()
    at_home.pause()
    try:
        with connections["replica1"].cursor() as cursor:
            cursor.execute("SELECT name FROM auth_group WHERE id = %s", [pk])
            assert cursor.fetchone() == ("here",)
            assert cursor.db.alias != "replica1"
    finally:
        at_home.resume()


def test_behind_a_balancer_each_connection_is_asked(group, django_db_blocker):
    settings = group.django_settings()
    first, second = (settings.pop(name) for name in ALIASES)
    ports = f"{first['PORT']},{second['PORT']}"
    settings["reader"] = first | {
        "HOST": "127.0.0.1,127.0.0.1", "PORT": ports, "OPTIONS": {"load_balance_hosts": "random"},
    }  # fmt: skip
    with (
        django_db_blocker.unblock(),
        databases_of(settings, replicas={"reader": "default"}, balanced=["reader"]),
    ):
        pk = Group.objects.create(name="balanced").pk
        group.wait_until_replayed()
        until(lambda: replica_status()[0].is_up)
        stop_replay(group.replicas[1])
        read_at = set()
        with read_session():
            Group.objects.filter(pk=pk).update(name="new")
            token = current_token()
        try:
            until(
                lambda: group.replicas[0].sql(f"SELECT name FROM auth_group WHERE id={pk}") == "new"
            )
            for _ in range(40):
                with read_session(token):
                    found = Group.objects.get(pk=pk)
                    assert found.name == "new"
                    read_at.add(found._state.db)
                    connections["reader"].close()
        finally:
            go_on(group.replicas[1])
    assert read_at == {"default", "reader"}


def test_with_no_replica_left_the_primary_is_read_and_that_is_told_once(
    routed, pk, caplog, monkeypatch
):
    monkeypatch.setattr(reading, "_warnings", reading._Warnings())
    for replica in routed.replicas:
        replica.kill()
    with read_session():
        for _ in range(5):
            assert name_of(pk) == "here"
    until(lambda: not is_up(1) and not is_up(2))
    with read_session():
        for _ in range(5):
            assert Group.objects.get(pk=pk)._state.db == "default"
    assert caplog.text.count("No replica of 'default' is left") == 1


def test_what_a_migration_has_made_is_read_from_the_primary(at_home, pk):
    delay(at_home, 600)
    with connections["default"].cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS fresh AS SELECT 1 AS id")
    try:
        hook(connections["replica1"])
        with connections["replica1"].cursor() as cursor:
            cursor.execute("SELECT id FROM fresh")
            assert cursor.fetchall() == [(1,)]
            with pytest.raises(ProgrammingError):
                cursor.execute("SELECT id FROM never")
    finally:
        with connections["default"].cursor() as cursor:
            cursor.execute("DROP TABLE fresh")


def test_in_a_transaction_on_a_replica_the_error_is_the_callers(at_home, pk):
    @transaction.atomic(using="replica1")
    def read():
        list(Group.objects.using("replica1"))
        at_home.kill()
        list(Group.objects.using("replica1"))

    with pytest.raises(OperationalError):
        read()


def test_a_query_that_stands_in_the_way_of_the_replay_is_answered_elsewhere(at_home, pk):
    at_home.sql("ALTER SYSTEM SET max_standby_streaming_delay = 0")
    at_home.sql("SELECT pg_reload_conf()")
    Group.objects.using("default").bulk_create(Group(name=f"g{n}") for n in range(50))
    found = []

    def read():
        with read_session(session=session_of("replica1")):
            found.append(
                len(
                    Group.objects.raw(
                        "SELECT g.*, pg_sleep(0.1) FROM auth_group g WHERE name LIKE 'g%%'"
                    )
                )
            )
            connections.close_all()

    thread = threading.Thread(target=read)
    thread.start()
    running = (
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(0.1)%' "
        "AND state = 'active' AND pid <> pg_backend_pid()"
    )
    until(lambda: at_home.sql(running) != "0" or not thread.is_alive())
    Group.objects.using("default").filter(name__startswith="h").update(name="h")
    with connections["default"].cursor() as cursor:
        cursor.execute("VACUUM FULL auth_group")
    thread.join()
    assert found == [50]
    at_home.sql("ALTER SYSTEM RESET max_standby_streaming_delay")
    at_home.sql("SELECT pg_reload_conf()")


def test_a_promoted_replica_is_not_read_and_one_that_did_not_follow_neither(django_db_blocker):
    with django_db_blocker.unblock(), embedded.postgres_replication(replicas=2) as group:
        settings = group.django_settings()
        with databases_of(settings, replicas=ALIASES):
            until(all_up)
            group.replicas[0].promote()
            until(lambda: not is_up(1))
            with read_session(session="x"):
                group.replicas[1].sql("SELECT 1")
                assert connections["default"].cursor() is not None
        # the promoted one is the primary from now on; the other follows the old one
        moved = settings | {"default": settings["replica1"]}
        del moved["replica1"]
        with databases_of(moved, replicas={"replica2": "default"}):
            with connections["default"].cursor() as cursor:
                cursor.execute("CREATE TABLE after_it AS SELECT 1 AS id")
                cursor.execute("SELECT pg_current_wal_insert_lsn()")
            group.primary.sql("SELECT pg_switch_wal()")  # further than the new one
            until(lambda: "timeline" in replica_status()[0].reason)
            with read_session():
                assert Group.objects.all().db == "default"


def test_a_token_of_the_new_timeline_is_not_shown_by_the_old_one(routed, pk):
    with read_session():
        Group.objects.filter(pk=pk).update(name="new")
        token = current_token()
    ((identifier, position),) = read_token(token, max_age_s=99).items()
    routed.wait_until_replayed()
    later = write_token({identifier: Position(position.timeline + 1, position.lsn)})
    with read_session(later):
        assert Group.objects.all().db == "default"
