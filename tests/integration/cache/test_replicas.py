"""What is read from a replica that is behind: shown, and kept by nobody."""

from importlib import import_module

import pytest
from django.conf import settings as configured  # noqa: TID251 - the servers are its own
from django.core.signals import setting_changed
from django.db import Error, connections, transaction
from django.test.utils import override_settings

from praxis import embedded
from praxis.announcements import CacheFill, NotStoredReason, listen
from praxis.cache.hooks import replicas
from praxis.cache.hooks.replicas import is_replica
from praxis.cache.results.kept import Terms
from tests.integration.another_database import using
from tests.integration.cache.conftest import APP, make_tables
from tests.integration.cache.points import queries, until
from tests.integration.cache.results.computing import computed
from tests.integration.cache.shelves import fill_shelves

pytestmark = [pytest.mark.redis, pytest.mark.postgres, pytest.mark.timeout(180)]
ON_REPLICA = Terms(ttl_s=60, wait_s=0, using="replica")


class Routed:
    """A router: nothing is read from the replica unasked, and all is written to the primary."""

    def db_for_write(self, model, **_):
        return "default"


@pytest.fixture(scope="module")
def group(hooked):
    with embedded.postgres_replication() as group:
        with using(group.primary.django_settings()) as connection:
            make_tables(connection)
        yield group


@pytest.fixture
def library(group, servers):
    """The library in a primary, all of which the replica shows; both of today's stamps."""
    servers.redis.flush()
    setting_changed.send(None, setting="PRAXIS", value=configured.PRAXIS, enter=True)
    models = import_module(f"{APP}.models")
    settings = group.django_settings()
    full = connections.configure_settings({
        "default": settings["default"], "replica": settings["replica1"],
    })  # fmt: skip
    go_on(group)
    connections.settings["replica"] = full["replica"]
    with using(settings["default"]), override_settings(DATABASE_ROUTERS=[Routed()]):
        models.Author.objects.all().delete()
        models.Country.objects.all().delete()
        models.Tag.objects.all().delete()
        fill_shelves(models)
        group.wait_until_replayed()
        yield models
        connections["replica"].close()
        del connections["replica"]
    del connections.settings["replica"]


@pytest.fixture
def fills():
    found = []
    stop = listen(CacheFill, lambda event: found.append((event.database, event.reason)))
    yield found
    stop()


def titles(library, alias):
    return [book.title for book in library.Book.objects.using(alias).filter(title__lt="N")]


def sent(alias, act):
    return queries(connections[alias], act)[1]


def go_on(group):
    group.replicas[0].sql("SELECT pg_wal_replay_resume()")


def rename(library, group, to):
    """Written and acknowledged; the replica does not show it."""
    group.replicas[0].sql("SELECT pg_wal_replay_pause()")
    paused = "SELECT pg_get_wal_replay_pause_state() = 'paused'"
    until(lambda: group.replicas[0].sql(paused) == "t")
    library.Book.objects.filter(title="A").update(title=to)


READS = {
    "orm": titles,
    "streamed": lambda m, alias: [
        book.title for book in m.Book.objects.using(alias).filter(title__lt="N").iterator()
    ],
    "raw": lambda m, alias: [
        book.title
        for book in m.Book.objects.using(alias).raw(
            "SELECT * FROM library_book WHERE title < 'N' ORDER BY id"
        )
    ],
}


@pytest.mark.parametrize("name", READS)
def test_what_a_replica_shows_late_is_not_kept(library, group, fills, name):
    read = READS[name]
    assert is_replica(connections["replica"])
    rename(library, group, "B2")
    fills.clear()
    assert sorted(read(library, "replica")) == ["A", "B", "C"]  # as without a cache
    assert fills == [("replica", NotStoredReason.REPLICA_BEHIND)]
    assert sorted(read(library, "default")) == ["B", "B2", "C"]
    assert fills[1:] == [("default", None)]
    # what the primary has answered is newer than what the replica shows
    assert sent("replica", lambda: read(library, "replica")) == []


def test_what_a_replica_shows_in_time_is_kept(library, group, fills):
    for to in ("B2", "B3"):
        library.Book.objects.filter(title__in=["A", "B2"]).update(title=to)
        group.wait_until_replayed()
        titles(library, "replica")
        if fills[-1][1] is not None:  # a record that the primary has not yet sent
            group.wait_until_replayed()
            titles(library, "replica")
        assert fills[-1] == ("replica", None)
        assert sent("default", lambda: titles(library, "default")) == []
        assert to in titles(library, "default")


def test_the_primary_is_asked_once_for_each_stamp(library, group, monkeypatch):
    asked, original = [], replicas._asked
    monkeypatch.setattr(
        replicas, "_asked", lambda database, query: asked.append(query) or original(database, query)
    )
    rename(library, group, "B2")
    for _ in range(3):
        titles(library, "replica")
    assert asked.count(replicas._POSITION) == 1
    assert asked.count(replicas._REPLAYED) == 3


READS_OF_A_PAGE = READS | {
    "cursor": lambda m, alias: cursor_titles(alias),
    "uncached": lambda m, alias: [
        book.title for book in m.Book.objects.using(alias).uncached().filter(title__lt="N")
    ],
}


def cursor_titles(alias):
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT title FROM library_book WHERE title < 'N'")
        return [title for (title,) in cursor.fetchall()]


@pytest.mark.parametrize("name", READS_OF_A_PAGE)
def test_no_result_is_kept_that_read_what_is_late(library, group, name):
    def work():
        return sorted(READS_OF_A_PAGE[name](library, "replica"))

    rename(library, group, "B2")
    late = computed("x", work, ON_REPLICA)
    assert late.text == "['A', 'B', 'C']"
    assert not late.is_kept
    assert late.reason == "it reads from a replica that may not show all that was written"
    go_on(group)
    group.wait_until_replayed()
    assert computed("x", work, ON_REPLICA).text == "['B', 'B2', 'C']"


def test_in_a_transaction_too(library, group, fills):
    rename(library, group, "B2")
    with transaction.atomic(using="replica"):
        assert "A" in titles(library, "replica")
    assert fills[-1] == ("replica", NotStoredReason.REPLICA_BEHIND)


def test_where_the_primary_does_not_answer_nothing_is_kept(library, group, fills, monkeypatch):
    original = replicas._asked

    def asked(database, query):
        if query == replicas._POSITION:
            raise Error
        return original(database, query)

    monkeypatch.setattr(replicas, "_asked", asked)
    titles(library, "replica")
    assert fills[-1] == ("replica", NotStoredReason.REPLICA_BEHIND)


class Misrouted:
    def db_for_write(self, model, **_):
        return "replica"


def test_where_no_primary_is_known_nothing_is_kept(library, fills):
    with override_settings(DATABASE_ROUTERS=[Misrouted()]):
        titles(library, "replica")
    assert fills[-1] == ("replica", NotStoredReason.REPLICA_BEHIND)


def test_a_server_that_tells_nothing_of_itself_is_asked(library, monkeypatch):
    monkeypatch.setattr(replicas, "_parameter", lambda *_: None)
    for _ in range(2):
        assert is_replica(connections["replica"])
        assert not is_replica(connections["default"])


def test_a_hit_is_not_held_against_a_replica(library, group, caplog):
    rename(library, group, "B2")
    praxis = configured.PRAXIS | {"cache": configured.PRAXIS["cache"] | {"verify_share": 1.0}}
    with override_settings(PRAXIS=praxis):
        titles(library, "default")
        assert "B2" in titles(library, "replica")
    assert "stale" not in caplog.text
