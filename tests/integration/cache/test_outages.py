"""Redis is gone, slow, empty or full of rubbish: nothing is stale, and writes say what they did."""

import struct
import threading

import pytest
from django.db import DatabaseError, connections, transaction
from django.db import connection as current
from django.test.utils import override_settings

from praxis.embedded import TcpProxy
from praxis.errors import CacheUnavailableError
from tests.integration.cache.points import elsewhere, is_hit, warm

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture
def get(library):
    return lambda: library.Book.objects.get(pk=1).title


def rename(library, title):
    library.Book.objects.filter(pk=1).update(title=title)


def in_the_database(get):
    from praxis.cache.hooks.queries import bypass

    with bypass():
        return get()


RUBBISH = {
    "flipped": lambda data: data[:-3] + bytes([data[-3] ^ 1]) + data[-2:],
    "half": lambda data: data[: len(data) // 2],
    "all but one byte": lambda data: data[:-1],
    "one byte more": lambda data: data + b"\0",
    "empty": lambda _: b"",
    "foreign": lambda _: b"hello",
    "stamps and nothing": lambda data: data[:16],
    "another version": lambda data: data.replace(b"P1", b"P2"),
    "counting more rows": lambda data: data[:16] + b"\xff" + data[17:],
    "zeros": lambda data: bytes(len(data)),
}


@pytest.mark.parametrize("kind", RUBBISH)
def test_an_entry_that_is_none_is_passed_over(
    connection, library, get, entries, redis_client, kind
):
    warm(connection, get)
    for key in entries():
        data = RUBBISH[kind](redis_client.get(key))
        redis_client.set(key, data)
    assert get() == "A"
    rename(library, "Z")
    assert get() == elsewhere(get) == "Z"


def test_an_entry_that_is_none_is_replaced(connection, servers, get, entries, redis_client):
    servers.redis.flush()
    warm(connection, get)
    (key,) = entries()
    redis_client.set(key, redis_client.get(key).replace(b"P1", b"P0"))
    get(), get()
    assert is_hit(connection, get)


@pytest.mark.parametrize("rubbish", ["list", "hash"])
def test_a_key_of_another_type_is_passed_over(
    connection, library, get, entries, redis_client, rubbish
):
    warm(connection, get)
    for key in entries():
        redis_client.delete(key)
        if rubbish == "list":
            redis_client.rpush(key, "x")
        else:
            redis_client.hset(key, "a", "x")
    assert get() == "A"
    rename(library, "Z")
    assert get() == "Z"


def test_an_emptied_redis_knows_nothing(connection, servers, library, get):
    warm(connection, get)
    servers.redis.flush()
    assert get() == "A"
    rename(library, "Z")
    assert get() == elsewhere(get) == "Z"


@pytest.mark.parametrize("moment", ["before_read", "after_read", "before_fill"])
def test_redis_is_emptied_under_a_reader(connection, servers, library, get, points, moment):
    def empty():
        servers.redis.flush()
        elsewhere(lambda: rename(library, "Z"))

    points.at(moment, empty)
    get()
    assert get() == elsewhere(get) == "Z"


@pytest.mark.parametrize("moment", ["before_mark", "after_mark", "before_settle"])
@pytest.mark.parametrize("is_atomic", [True, False])
def test_redis_is_emptied_under_a_writer(
    connection, servers, library, get, points, moment, is_atomic
):
    warm(connection, get)

    def empty():
        servers.redis.flush()
        elsewhere(get), elsewhere(get)

    points.at(moment, empty)
    if is_atomic:
        with transaction.atomic():
            rename(library, "Z")
    else:
        rename(library, "Z")
    assert get() == elsewhere(get) == "Z"


@pytest.mark.parametrize("moment", ["before_read", "after_read", "before_fill"])
def test_redis_begins_another_life_under_a_reader(
    connection, servers, library, get, points, moment
):
    def restart():
        servers.redis.restart()
        elsewhere(lambda: rename(library, "Z"))

    points.at(moment, restart)
    get()
    assert get() == elsewhere(get) == "Z"


@pytest.mark.parametrize("moment", ["before_mark", "after_mark", "before_settle", "after_settle"])
@pytest.mark.parametrize("is_atomic", [True, False])
def test_redis_begins_another_life_under_a_writer(
    connection, servers, library, get, points, moment, is_atomic
):
    warm(connection, get)

    def restart():
        servers.redis.restart()
        elsewhere(get), elsewhere(get)  # from the database as it is: an old row, perhaps

    points.at(moment, restart)
    if is_atomic:
        with transaction.atomic():
            rename(library, "Z")
    else:
        rename(library, "Z")
    assert get() == elsewhere(get) == "Z"


def test_redis_has_ended_and_reads_go_on(connection, servers, library, get):
    warm(connection, get)
    servers.redis.kill()
    assert get() == "A"
    servers.redis.restart()
    assert get() == "A"
    warm(connection, get)


def test_a_write_is_refused_when_readers_cannot_be_kept_off(connection, servers, library, get):
    warm(connection, get)
    servers.redis.kill()
    with pytest.raises(CacheUnavailableError, match="library_book") as caught:
        rename(library, "Z")
    assert isinstance(caught.value, DatabaseError)
    assert in_the_database(get) == "A"
    servers.redis.restart()
    assert get() == "A"
    rename(library, "Y")
    assert get() == elsewhere(get) == "Y"


def test_a_transaction_is_refused_and_rolled_back(connection, servers, library, get):
    warm(connection, get)
    servers.redis.kill()
    hooks = []
    with pytest.raises(CacheUnavailableError), transaction.atomic():
        transaction.on_commit(lambda: hooks.append(1))
        rename(library, "Z")
    assert in_the_database(get) == "A"
    assert not connection.in_atomic_block
    assert connection.get_autocommit()
    servers.redis.restart()
    # the connection is as good as before, and nothing of the refused one is left
    with transaction.atomic():
        rename(library, "Y")
    assert hooks == []
    assert get() == elsewhere(get) == "Y"
    warm(connection, get)


def test_a_manual_transaction_is_refused_and_can_be_rolled_back(connection, servers, library, get):
    warm(connection, get)
    servers.redis.kill()
    transaction.set_autocommit(False)
    rename(library, "Z")
    with pytest.raises(CacheUnavailableError):
        transaction.commit()
    transaction.rollback()
    transaction.set_autocommit(True)
    assert in_the_database(get) == "A"
    servers.redis.restart()
    warm(connection, get)


def test_a_commit_by_statement_is_refused(connection, servers, library, get):
    warm(connection, get)
    servers.redis.kill()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        rename(library, "Z")
        with pytest.raises(CacheUnavailableError):
            cursor.execute("COMMIT")
        cursor.execute("ROLLBACK")
    servers.redis.restart()
    assert get() == "A"
    rename(library, "Y")
    assert get() == elsewhere(get) == "Y"


def test_what_is_not_watched_is_written_all_the_same(connection, servers):
    servers.redis.kill()
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    Session.objects.create(session_key="k", session_data="", expire_date=timezone.now())
    assert Session.objects.count() == 1


@pytest.mark.parametrize("is_atomic", [True, False])
def test_redis_is_killed_between_commit_and_settlement(
    connection, servers, library, get, points, is_atomic
):
    warm(connection, get)
    points.at("before_settle", servers.redis.kill)
    if is_atomic:
        with transaction.atomic():
            rename(library, "Z")
    else:
        rename(library, "Z")  # it was written: no error tells otherwise
    assert get() == "Z"
    servers.redis.restart()
    assert get() == elsewhere(get) == "Z"
    warm(connection, get)


@pytest.fixture
def proxy(servers, library, connection):
    """All goes through it, with a short patience."""
    from django.conf import settings  # noqa: TID251 - other ones are made of them

    with TcpProxy(servers.redis.host, servers.redis.port) as proxy:
        redis = {"url": proxy.through(servers.redis.url), "timeout_s": 0.2, "probe_s": 0.001}
        with override_settings(PRAXIS={"cache": settings.PRAXIS["cache"], "redis": redis}):
            yield proxy


def test_a_silent_redis_holds_nobody_up_for_long(connection, library, get, proxy):
    warm(connection, get)
    proxy.black_hole()
    assert get() == "A"
    with pytest.raises(CacheUnavailableError):
        rename(library, "Z")
    proxy.restore()
    proxy.cut()
    assert get() == "A"


def test_a_mark_whose_answer_was_lost_keeps_readers_off(connection, library, get, proxy, points):
    warm(connection, get)

    def swallow():
        proxy.delay(to_client_s=1.0)

    points.at("before_mark", swallow)
    with pytest.raises(CacheUnavailableError):
        rename(library, "Z")
    proxy.restore()
    proxy.cut()
    assert get() == elsewhere(get) == "A"


def test_a_settlement_that_does_not_arrive_keeps_readers_off(
    connection, servers, library, get, proxy, points
):
    warm(connection, get)
    points.at("before_settle", proxy.black_hole)
    rename(library, "Z")
    # another process, whose way to Redis is whole: the mark stands
    assert get() == "Z"
    proxy.restore()
    proxy.cut()
    assert get() == elsewhere(get) == "Z"


def test_a_broken_connection_is_no_reason_to_refuse(connection, library, get, proxy):
    warm(connection, get)
    proxy.cut()
    rename(library, "Z")
    assert get() == "Z"
    proxy.cut()
    assert get() == "Z"


@pytest.mark.only("postgresql")
def test_the_database_ends_a_connection_in_a_transaction(connection, library, get):
    warm(connection, get)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()

    def end():
        with current.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])

    with pytest.raises(DatabaseError), transaction.atomic():
        rename(library, "Z")
        elsewhere(end)
        rename(library, "Y")
    connection.close()
    assert get() == elsewhere(get) == "A"
    rename(library, "X")
    assert get() == elsewhere(get) == "X"


@pytest.mark.only("postgresql")
def test_the_database_ends_a_connection_under_an_autocommit_write(connection, library, get, points):
    warm(connection, get)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()

    def end():
        with current.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])

    points.at("after_mark", lambda: elsewhere(end))
    with pytest.raises(DatabaseError):
        rename(library, "Z")
    connection.close()
    assert get() == elsewhere(get) == "A"


def test_bypass_asks_the_database_and_tells_of_writes(connection, library, get):
    from praxis.cache.hooks.queries import bypass

    warm(connection, get)
    with bypass():
        assert not is_hit(connection, get)
        rename(library, "Z")
    assert get() == elsewhere(get) == "Z"
    warm(connection, get)


def test_bypass_is_of_its_own_thread(connection, library, get):
    from praxis.cache.hooks.queries import bypass

    warm(connection, get)
    seen = []
    with bypass():
        thread = threading.Thread(
            target=lambda: seen.append(is_hit(current, get)) or connections.close_all()
        )
        thread.start()
        thread.join()
    assert seen == [True]


def test_a_count_of_digests_that_lies_is_no_reason_to_fail(
    connection, library, entries, redis_client
):
    def read():
        return [b.author.name for b in library.Book.objects.select_related("author").order_by("pk")]

    warm(connection, read)
    for key in entries():
        data = redis_client.get(key)
        for lie in range(0, 256, 51):
            redis_client.set(key, data[:16] + struct.pack("B", lie) + data[17:])
            assert read() == ["Ann", "Ann", "Bob", "Bob"]
