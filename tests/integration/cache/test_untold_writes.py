"""Writes that go on while Redis is gone: word is left of them, and nobody is answered what was."""

import dataclasses
import os
import signal
import threading
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connections, transaction
from django.db import connection as current
from django.test.utils import override_settings

from praxis.cache.changes import outbox, table
from praxis.cache.hooks.connections import cached
from praxis.cache.hooks.queries import bypass
from praxis.cache.store import Store
from praxis.embedded import TcpProxy
from praxis.errors import CacheUnavailableError
from tests.integration.cache.points import elsewhere, is_hit, warm
from tests.integration.cache.results.computing import computed
from tests.integration.cache.test_near import until, until_near

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

LOOK_MS = 200
#: Longer than a test takes: a look from before counts through all of it.
LONG_MS = 60_000


@contextmanager
def way_to_redis(url, *, look_ms=LOOK_MS, policy="bypass", **more):
    """As another process would have it: another link, and nothing known from before."""
    from django.conf import settings  # noqa: TID251 - other ones are made of them

    cache = settings.PRAXIS["cache"] | {
        "when_unreachable": policy,
        "look_every_ms": look_ms,
        **more,
    }
    redis = {"url": url, "timeout_s": 0.25, "probe_s": 0.001}
    with override_settings(PRAXIS={"cache": cache, "redis": redis}):
        yield


@pytest.fixture
def bypassing(servers, library, connection):
    with way_to_redis(servers.redis.url):
        yield


@pytest.fixture
def nowhere(servers):
    """An address at which no Redis answers."""
    with TcpProxy(servers.redis.host, servers.redis.port) as proxy:
        proxy.refuse()
        yield proxy.through(servers.redis.url)


@pytest.fixture
def get(library):
    return lambda: library.Book.objects.get(pk=1).title


def forget_looks(servers):
    """As if the last look counted no more."""
    with servers.redis.client(decode_responses=False) as client:
        if keys := client.keys("praxis:*:looked"):
            client.delete(*keys)


def words():
    with current.cursor() as cursor:
        cursor.execute("SELECT table_name, conditions FROM praxis_cache_change ORDER BY id")
        return cursor.fetchall()


def rename(library, title):
    library.Book.objects.filter(pk=1).update(title=title)


def save(library, title):
    book = library.Book.objects.get(pk=1)
    book.title = title
    book.save()


def atomically(library, title):
    with transaction.atomic():
        rename(library, title)


def in_a_savepoint(library, title):
    with transaction.atomic():
        with transaction.atomic():
            rename(library, title)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            library.Author.objects.update(name="nobody")
            raise ZeroDivisionError


def manually(library, title):
    transaction.set_autocommit(False)
    rename(library, title)
    transaction.commit()
    transaction.set_autocommit(True)


def by_statements(library, title):
    with current.cursor() as cursor:
        cursor.execute("BEGIN")
        rename(library, title)
        cursor.execute("COMMIT")


def raw(library, title):
    with current.cursor() as cursor:
        cursor.execute("UPDATE library_book SET title = %s WHERE id = 1", [title])


WRITES = [rename, save, atomically, in_a_savepoint, manually, by_statements, raw]


@pytest.mark.parametrize("write", WRITES)
def test_a_writer_without_redis_is_seen_by_readers_with_it(
    bypassing, library, connection, get, nowhere, write
):
    warm(connection, get)
    with way_to_redis(nowhere):
        write(library, "Z")
        assert get() == "Z"
    assert get() == elsewhere(get) == "Z"
    warm(connection, get)
    assert words() == []


@pytest.mark.parametrize("write", [rename, atomically])
def test_it_is_the_wait_that_readers_are_kept_from_the_old_by(
    bypassing, servers, library, connection, get, nowhere, write, monkeypatch
):
    monkeypatch.setattr(outbox.Outbox, "acknowledge", lambda *_: None)
    with way_to_redis(servers.redis.url, look_ms=LONG_MS):
        warm(connection, get)
        with way_to_redis(nowhere, look_ms=LONG_MS):
            write(library, "Z")
        assert get() == "A"


def test_redis_is_killed_and_comes_back(bypassing, servers, library, connection, get):
    warm(connection, get)
    servers.redis.kill()
    for title in ("X", "Y", "Z"):
        rename(library, title)
        assert get() == elsewhere(get) == title
    servers.redis.restart()
    assert get() == elsewhere(get) == "Z"


def test_a_frozen_redis_that_goes_on_knows_nothing_old(
    bypassing, servers, library, connection, get
):
    warm(connection, get)
    os.kill(servers.redis.pid, signal.SIGSTOP)
    try:
        rename(library, "Z")
        assert get() == "Z"
    finally:
        os.kill(servers.redis.pid, signal.SIGCONT)
    assert get() == elsewhere(get) == "Z"
    assert words() == []


def test_a_transaction_that_is_rolled_back_leaves_no_word(
    bypassing, library, connection, get, nowhere
):
    warm(connection, get)
    with way_to_redis(nowhere), pytest.raises(ZeroDivisionError), transaction.atomic():
        rename(library, "Z")
        raise ZeroDivisionError
    assert words() == []
    assert get() == "A"


def test_a_statement_that_fails_leaves_no_word(bypassing, library, connection, get, nowhere):
    with way_to_redis(nowhere), pytest.raises(DatabaseError):
        library.Book.objects.filter(pk=1).update(title=None)
    assert words() == []
    assert connection.get_autocommit()
    assert not connection.in_atomic_block
    rename(library, "Z")
    assert get() == "Z"


def test_hooks_that_wait_for_the_commit_find_readers_told(
    bypassing, servers, library, connection, get, nowhere
):
    warm(connection, get)
    seen = []

    def read_with_redis():
        with way_to_redis(servers.redis.url):
            seen.append(elsewhere(get))

    with way_to_redis(nowhere), transaction.atomic():
        rename(library, "Z")
        transaction.on_commit(read_with_redis)
    assert seen == ["Z"]


def test_word_tells_which_rows(bypassing, servers, library, connection, nowhere):
    def other():
        return library.Book.objects.get(pk=2).title

    library.Book.objects.get(pk=1)
    rename(library, "A")  # this process knows the shape from now on
    rename(library, "A")
    with way_to_redis(servers.redis.url, look_ms=LONG_MS):
        warm(connection, other)
        with current.cursor() as cursor:
            cursor.execute(
                "INSERT INTO praxis_cache_change (table_name, conditions, made_at) VALUES "
                "('library_book', '{\"id\": [[1]]}', CURRENT_TIMESTAMP)"
            )
        forget_looks(servers)
        assert is_hit(connection, other)
        assert words() == []


@pytest.mark.parametrize("conditions", ["", "rubbish", "[]", '{"id": 1}', '{"id": [[{}]]}', "7"])
def test_word_that_is_none_stands_for_any_row(
    bypassing, servers, library, connection, get, conditions
):
    warm(connection, get)
    with current.cursor() as cursor:
        connection.connection.cursor().execute("UPDATE library_book SET title = 'Z' WHERE id = 1")
        cursor.execute(
            "INSERT INTO praxis_cache_change (table_name, conditions, made_at) VALUES "
            "('library_book', %s, CURRENT_TIMESTAMP)",
            [conditions],
        )
    forget_looks(servers)
    assert get() == "Z"
    assert words() == []


def test_redis_begins_another_life_between_mark_and_commit_and_is_gone_after_it(
    bypassing, servers, library, connection, get, points
):
    """The mark is lost, an old row is read anew, and the settlement gets through nowhere."""
    warm(connection, get)
    url = servers.redis.url

    def restart():
        servers.redis.restart()
        elsewhere(get), elsewhere(get)

    points.at("after_mark", restart)
    with (
        TcpProxy(servers.redis.host, servers.redis.port) as proxy,
        way_to_redis(proxy.through(url)),
    ):
        points.at("before_settle", lambda: (proxy.refuse(), proxy.cut()))
        atomically(library, "Z")
    assert get() == elsewhere(get) == "Z"


def test_reads_in_transactions_look_too(bypassing, servers, library, connection, get, nowhere):
    warm(connection, get)
    with way_to_redis(nowhere):
        rename(library, "Z")
    with transaction.atomic():
        assert get() == "Z"
        library.Author.objects.create(name="D")
    assert get() == "Z"
    assert library.Author.objects.filter(name="D").exists()
    assert words() == []


def test_without_the_table_nothing_is_cached_and_writes_are_refused(
    bypassing, servers, library, connection, get, nowhere
):
    with connection.schema_editor() as editor:
        editor.execute("ALTER TABLE praxis_cache_change RENAME TO praxis_cache_change_away")
    try:
        with way_to_redis(servers.redis.url):
            for _ in range(3):
                assert get() == "A"
            assert not is_hit(connection, get)
            with transaction.atomic():
                assert get() == "A"
                assert library.Book.objects.count() == 4
            rename(library, "Y")
            assert get() == "Y"
        with (
            way_to_redis(nowhere),
            pytest.raises(CacheUnavailableError, match=r"praxis_cache_change.*migrate"),
        ):
            rename(library, "Z")
        with bypass():
            assert get() == "Y"
    finally:
        with connection.schema_editor() as editor:
            editor.execute("ALTER TABLE praxis_cache_change_away RENAME TO praxis_cache_change")


def test_refuse_refuses_as_ever(bypassing, library, connection, get, nowhere):
    warm(connection, get)
    with way_to_redis(nowhere, policy="refuse"):
        with pytest.raises(CacheUnavailableError):
            rename(library, "Z")
        with pytest.raises(CacheUnavailableError):
            atomically(library, "Z")
    assert words() == []
    assert get() == "A"


@pytest.mark.only("postgresql")
def test_what_commits_by_itself_in_the_midst_is_refused(
    bypassing, library, connection, get, nowhere
):
    with (
        way_to_redis(nowhere),
        current.cursor() as cursor,
        pytest.raises(CacheUnavailableError, match="commits by itself"),
    ):
        cursor.execute("BEGIN; UPDATE library_book SET title = 'Z' WHERE id = 1; COMMIT")
    assert words() == []
    assert get() == "A"


def test_a_second_write_of_an_outage_leaves_a_hold_and_later_ones_need_not_wait(
    bypassing, servers, library, connection, get, nowhere
):
    slept = []
    with way_to_redis(nowhere, look_ms=LOOK_MS):
        box = cached(current).outbox
        sleep = box._sleep
        box._sleep = lambda seconds: (slept.append(seconds), sleep(seconds))
        for title in "VWXYZ":
            rename(library, title)
    assert [seconds > 0 for seconds in slept] == [True, True, False, False, False]
    assert ("", None) in words()
    # while the hold stands, nobody is answered from the cache, so nobody can be wrong
    assert get() == elsewhere(get) == "Z"
    assert not is_hit(connection, get)


def test_many_words_are_dealt_with_in_parts(
    bypassing, servers, library, connection, get, monkeypatch
):
    monkeypatch.setattr(table, "BATCH_ROWS", 3)
    warm(connection, get)
    with current.cursor() as cursor:
        connection.connection.cursor().execute("UPDATE library_book SET title = 'Z' WHERE id = 1")
        for name in [*["library_tag"] * 9, "library_book"]:
            cursor.execute(
                "INSERT INTO praxis_cache_change (table_name, made_at) VALUES "
                "(%s, CURRENT_TIMESTAMP)",
                [name],
            )
    forget_looks(servers)
    assert get() == "Z"
    assert words() == []


@pytest.mark.only("postgresql")
def test_two_readers_look_while_a_writer_has_not_committed(
    bypassing, servers, library, connection, get, nowhere
):
    """A word of a lower number becomes visible after one of a higher."""
    warm(connection, get)
    entered, go = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            with current.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO praxis_cache_change (table_name, made_at) "
                    "VALUES ('library_book', now())"
                )
                current.connection.cursor().execute(
                    "UPDATE library_book SET title = 'Z' WHERE id = 1"
                )
            entered.set()
            go.wait()
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    entered.wait()
    with current.cursor() as cursor:
        cursor.execute(
            "INSERT INTO praxis_cache_change (table_name, made_at) VALUES ('library_tag', now())"
        )
    forget_looks(servers)
    assert get() == "A"
    assert words() == []
    go.set()
    thread.join()
    forget_looks(servers)
    assert get() == "Z"


def test_what_the_process_holds_itself_is_not_held_for_ever(
    bypassing, servers, library, connection, get, monkeypatch
):
    trips, read = [], Store.read
    monkeypatch.setattr(Store, "read", lambda *a, **o: trips.append(1) or read(*a, **o))
    with way_to_redis(servers.redis.url, near_s=0.3):
        until_near(trips, get)
        driver = connection.connection
        driver.cursor().execute("UPDATE library_book SET title = 'Z' WHERE id = 1")
        driver.cursor().execute(
            "INSERT INTO praxis_cache_change (table_name, made_at) "
            "VALUES ('library_book', CURRENT_TIMESTAMP)"
        )
        until(lambda: get() == "Z")
        connections.close_all()


class ReadsFromTheReplica:
    """A router: what is read goes to the replica, what is written to the primary."""

    def db_for_read(self, model, **_):
        return "replica"

    def db_for_write(self, model, **_):
        return "default"


@pytest.fixture
def replica(bypassing, library, connection, database, monkeypatch):
    """A second alias of the database that answers as a replica would, were it asked."""
    full = connections.configure_settings({"default": {}, "replica": dict(database)})
    connections.settings["replica"] = full["replica"]
    place_of = table.place_of

    def place(asked):
        found = place_of(asked)
        return dataclasses.replace(found, is_replica=asked.alias == "replica")

    monkeypatch.setattr(table, "place_of", place)
    with override_settings(DATABASE_ROUTERS=[ReadsFromTheReplica()]):
        yield connections["replica"]
    connections["replica"].close()
    del connections.settings["replica"], connections["replica"]


@pytest.mark.only("postgresql")
def test_who_reads_from_a_replica_looks_at_the_primary(
    replica, servers, library, connection, get, monkeypatch
):
    asked, waiting = [], table.waiting
    monkeypatch.setattr(
        table, "waiting", lambda database, *_: asked.append(database.alias) or waiting(database, *_)
    )
    warm(replica, get)
    assert asked == ["default"]
    connection.connection.cursor().execute("UPDATE library_book SET title = 'Z' WHERE id = 1")
    connection.connection.cursor().execute(
        "INSERT INTO praxis_cache_change (table_name, made_at) VALUES ('library_book', now())"
    )
    forget_looks(servers)
    assert get() == "Z"
    assert words() == []
    with transaction.atomic():  # on the primary, which sees what is committed all the same
        forget_looks(servers)
        assert get() == "Z"
    assert set(asked) == {"default"}


def test_what_was_computed_from_queries_looks_too(
    bypassing, servers, library, connection, get, nowhere
):
    def shown():
        answer = computed("title", get)
        return answer.text, answer.was_computed

    assert [shown(), shown()] == [("'A'", True), ("'A'", False)]
    with way_to_redis(nowhere):
        rename(library, "Z")
    assert shown() == ("'Z'", True)
    assert elsewhere(shown) == ("'Z'", False)
