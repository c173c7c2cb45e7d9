"""Results that are computed from queries: kept until what they read is written, and not longer."""

import asyncio
import threading
import time

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.sessions.models import Session
from django.db import connection as current
from django.db import transaction
from psycopg import IsolationLevel

from praxis.cache.hooks.queries import bypass
from praxis.cache.protocol import computations
from praxis.cache.results.depending import depends_on
from praxis.cache.results.kept import Found, Terms, forget, look
from tests.integration.another_database import using
from tests.integration.cache import reads
from tests.integration.cache.points import elsewhere, learn, queries
from tests.integration.cache.results.computing import TERMS, Answer, computed

pytestmark = pytest.mark.redis


def is_kept(name):
    return isinstance(look(name.encode(), TERMS), Found)


def page(m):
    """Several queries: a row, its joined row, many-to-many rows, and a number."""
    book = m.Book.objects.select_related("author").get(pk=1)
    tags = [tag.name for tag in book.tags.order_by("pk")]
    return book.title, book.author.name, tags, m.Country.objects.count()


@pytest.mark.parametrize("name", reads.CASES)
def test_every_read_can_be_kept(library, connection, name):
    first = computed(name, lambda: reads.CASES[name](library))
    assert first.is_kept, first.reason
    again, sent = queries(connection, lambda: computed(name, lambda: 1 / 0))
    assert (again.text, sent) == (first.text, [])


@pytest.mark.parametrize(
    ("write", "is_void"),
    [
        (lambda m: m.Book.objects.filter(pk=1).update(title="Z"), True),
        (lambda m: m.Book.objects.filter(pk=2).update(title="Z"), False),
        (lambda m: m.Author.objects.filter(pk=1).update(name="Z"), True),
        (lambda m: m.Author.objects.filter(pk=2).update(name="Z"), False),
        (lambda m: m.Book.objects.get(pk=1).tags.add(3), True),
        (lambda m: m.Country.objects.create(name="Peru"), True),
        (lambda m: m.Visit.objects.create(page="/z"), False),
    ],
    ids=["row", "other row", "joined", "other joined", "many to many", "counted", "unread"],
)
def test_what_it_read_voids_it_and_nothing_else(library, connection, vendor, write, is_void):
    computed("page", lambda: page(library))
    learn(library)
    assert computed("page", lambda: page(library)).is_kept
    elsewhere(lambda: write(library))
    if vendor == "sqlite" and not is_void:
        return  # there an UPDATE tells of no single row
    assert is_kept("page") is not is_void
    assert computed("page", lambda: page(library)).text == repr(page(library))


@pytest.mark.parametrize("moment", ["before_read", "after_read", "before_fill", "before_keep"])
@pytest.mark.parametrize("is_shown", [True, False], ids=["hits", "misses"])
def test_what_is_written_while_it_is_computed_is_not_kept(
    library, connection, points, moment, is_shown
):
    if is_shown:
        page(library)
    learn(library)

    def write():
        elsewhere(lambda: library.Author.objects.filter(pk=1).update(name="Z"))

    points.at(moment, write)
    found = computed("page", lambda: page(library))
    assert computed("page", lambda: page(library)).text == repr(page(library))
    if moment == "before_keep":
        assert not found.is_kept


def test_a_result_inside_another_is_a_part_of_it(library, connection):
    def outer():
        return [computed("inner", lambda: page(library)).text, library.Tag.objects.count()]

    computed("outer", outer)
    elsewhere(lambda: library.Country.objects.create(name="Peru"))  # the inner one reads it
    assert not is_kept("outer")
    computed("inner", lambda: page(library))
    shown = computed("outer", outer)  # of which the inner part is a hit now
    assert shown.was_computed
    assert is_kept("outer")
    elsewhere(lambda: library.Author.objects.filter(pk=1).update(name="Z"))
    assert not is_kept("outer")
    assert "'Z'" in computed("outer", outer).text


def test_a_part_that_cannot_be_kept_takes_the_whole_along(library, connection):
    def inner():
        return Session.objects.count()

    found = computed("outer", lambda: computed("inner", inner).text)
    assert not found.is_kept
    assert "django_session" in found.reason


@pytest.mark.parametrize(
    ("work", "reason"),
    [
        (lambda m: m.Visit.objects.create(page="/"), "it writes"),
        (lambda _: Session.objects.count(), "django_session"),
        (lambda m: m.Book.objects.order_by("?").first(), "differently each time"),
        (lambda m: list(m.Book.objects.raw("SELECT *, random() r FROM library_book")), "each time"),
    ],
    ids=["writes", "unwatched", "random", "random raw"],
)
def test_what_is_more_than_a_read_is_not_kept(library, connection, work, reason):
    found = computed("x", lambda: work(library))
    assert not found.is_kept
    assert reason in found.reason


def test_locked_rows_are_not_kept(library, connection):
    with transaction.atomic():
        found = computed("x", lambda: list(library.Book.objects.select_for_update().values("pk")))
    assert not found.is_kept


def test_a_statement_of_its_own_counts_for_its_tables(library, connection):
    def work():
        with current.cursor() as cursor:
            cursor.execute("SELECT name FROM library_author WHERE id = 1")
            return cursor.fetchone()

    assert computed("x", work).is_kept
    elsewhere(lambda: library.Book.objects.filter(pk=1).update(title="Z"))
    assert is_kept("x")
    elsewhere(lambda: library.Author.objects.filter(pk=1).update(name="Z"))
    assert computed("x", work).text == repr(("Z",))


def test_models_that_are_cached_on_demand_alone_are_told_apart_all_the_same(library, connection):
    assert computed("x", lambda: library.Visit.objects.get(pk=1).page).is_kept
    again, sent = queries(connection, lambda: computed("x", lambda: 1 / 0))
    assert (again.text, sent) == ("'/'", [])
    elsewhere(lambda: library.Visit.objects.update(page="/z"))
    assert computed("x", lambda: library.Visit.objects.get(pk=1).page).text == "'/z'"


def test_inside_bypass_nothing_is_looked_up(library, connection):
    computed("page", lambda: page(library))
    with bypass():
        assert computed("page", lambda: 1).was_computed
    assert not computed("page", lambda: 1).was_computed


@pytest.mark.only("postgresql")
def test_a_transaction_that_wrote_keeps_and_sees_nothing(library, connection):
    computed("page", lambda: page(library))
    with transaction.atomic():
        assert not computed("page", lambda: 1).was_computed
        library.Book.objects.filter(pk=1).update(title="Z")
        mine = computed("page", lambda: page(library))
        assert (mine.was_computed, mine.is_kept, "'Z'" in mine.text) == (True, False, True)
        transaction.set_rollback(True)
    assert "'A'" in computed("page", lambda: page(library)).text


def test_what_it_is_said_to_depend_on_voids_it(library, connection):
    book, other = library.Novel.objects.get(), library.Book.objects.get(pk=1)

    def work():
        depends_on(library.Tag, book, library.Book.objects.filter(author=1))

    def is_voided_by(write):
        assert computed("x", work).is_kept
        elsewhere(write)
        return not is_kept("x")

    computed("x", work)
    learn(library)
    assert is_voided_by(lambda: library.Tag.objects.create(name="z"))
    assert is_voided_by(lambda: library.Novel.objects.filter(pk=book.pk).update(genre="z"))
    assert is_voided_by(lambda: library.Book.objects.filter(pk=book.pk).update(title="z"))
    assert is_voided_by(lambda: library.Book.objects.filter(pk=other.pk).update(title="z"))
    assert not is_voided_by(lambda: library.Country.objects.create(name="z"))
    with pytest.raises(TypeError, match="not int"):
        computed("y", lambda: depends_on(1))


@pytest.mark.parametrize(
    ("stands_for", "is_any"),
    [
        (lambda m: m.Book(pk="1"), False),
        (lambda m: m.Book(pk=True), False),
        (lambda m: m.Book(pk="one"), True),
        (lambda m: m.Book(pk=float("inf")), True),
        (lambda m: m.Book(), True),
        (lambda m: m.Novel(pk="1", id=1), False),
        (lambda m: m.Novel(pk="2", id="1"), False),  # its part of the table of books is another
        (lambda m: m.Novel(pk="1", id="one"), True),
    ],
    ids=["text", "truth", "no number", "infinite", "none", "child", "two keys", "parent's"],
)
def test_an_instance_stands_for_the_row_that_a_query_would_find(
    library, connection, stands_for, is_any
):
    def work():
        depends_on(stands_for(library))

    computed("x", work)
    learn(library)
    assert computed("x", work).is_kept
    elsewhere(lambda: library.Book.objects.filter(pk=2).update(title="z"))
    assert is_kept("x") != is_any
    assert computed("x", work).is_kept
    elsewhere(lambda: library.Book.objects.filter(pk=1).update(title="z"))
    assert not is_kept("x")


def test_a_queryset_without_rows_depends_on_nothing(library, connection):
    def work():
        depends_on(library.Book.objects.none())

    assert computed("x", work).is_kept
    elsewhere(lambda: library.Book.objects.filter(pk=2).update(title="z"))
    assert is_kept("x")


def test_it_can_be_forgotten(library, connection):
    computed("x", lambda: 1)
    forget(b"x")
    assert computed("x", lambda: 2).text == "2"
    assert not computed("x", lambda: 3).was_computed


def test_one_that_is_being_computed_is_forgotten_too(library, connection):
    def work():
        elsewhere(lambda: forget(b"x"))

    assert not computed("x", work).is_kept
    assert computed("x", lambda: 2).is_kept

    def overtaken():
        elsewhere(lambda: forget(b"x"))
        elsewhere(lambda: computed("x", lambda: 3))

    forget(b"x")
    computed("x", overtaken)
    assert computed("x", lambda: 4).text == "3"


def test_what_is_not_one_is_passed_over(library, connection, redis_client, caplog):
    computed("x", lambda: 1)
    (key,) = redis_client.scan_iter(b"*:r*")
    whole = redis_client.get(key)
    for size in range(len(whole)):
        redis_client.set(key, whole[:size], px=60_000)
        assert computed("x", lambda: 2).text == "2"
    for at in range(len(whole)):
        bits = bytearray(whole)
        bits[at] ^= 1
        redis_client.set(key, bytes(bits), px=60_000)
        assert computed("x", lambda: 2).text in {"1", "2"}
    redis_client.set(key, b"C" + b"\xff" * 40, px=60_000)
    assert computed("x", lambda: 2).text == "2"


def test_a_result_with_many_rows_depends_on_their_table(library, connection, monkeypatch):
    monkeypatch.setattr(computations, "MAX_CONDITIONS", 2)

    def work():
        return [library.Book.objects.get(pk=pk).title for pk in (1, 2, 3)]

    assert computed("x", work).is_kept
    elsewhere(lambda: library.Book.objects.filter(pk=2).update(title="Z"))
    assert "Z" in computed("x", work).text


def test_queries_in_threads_of_async_code_count(library, connection):
    async def work():
        one, other = await asyncio.gather(
            library.Author.objects.aget(pk=1),
            sync_to_async(library.Tag.objects.count)(),
        )
        return one.name, other

    async def run():
        found = await sync_to_async(look)(b"x", TERMS)
        if isinstance(found, Found):
            return Answer(found.payload.decode(), True, False)
        with found.collecting():
            text = repr(await work())
        kept = await sync_to_async(found.keep)(text.encode())
        return Answer(text, kept, True, found.reason)

    first = async_to_sync(run)()
    assert first.is_kept, first.reason
    assert not async_to_sync(run)().was_computed
    elsewhere(lambda: library.Author.objects.filter(pk=1).update(name="Z"))
    assert async_to_sync(run)().text == repr(("Z", 3))
    elsewhere(lambda: library.Tag.objects.create(name="z"))
    assert async_to_sync(run)().text == repr(("Z", 4))


@pytest.mark.parametrize("is_kept", [True, False])
def test_of_many_one_computes(library, connection, is_kept):
    terms = Terms(ttl_s=60, wait_s=20)
    barrier, times, answers = threading.Barrier(8), [], []

    def work():
        times.append(1)
        time.sleep(0.2)
        return library.Book.objects.count() if is_kept else Session.objects.count()

    def run():
        barrier.wait()
        answers.append(computed("x", work, terms).text)

    threads = [threading.Thread(target=lambda: elsewhere(run)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 1
    if is_kept:
        assert len(times) == 1
    else:  # the others do not wait for one another
        assert len(times) == 8


def test_who_waits_in_vain_computes(library, connection):
    begun, ends = threading.Event(), threading.Event()

    def work():
        begun.set()
        ends.wait(20)
        return 1

    thread = threading.Thread(target=lambda: elsewhere(lambda: computed("x", work)))
    thread.start()
    begun.wait(20)
    assert computed("x", lambda: 2, Terms(ttl_s=60, wait_s=0.05)).text == "2"
    ends.set()
    thread.join()


def test_who_fails_lets_the_others_go_on(library, connection):
    with pytest.raises(ZeroDivisionError):
        computed("x", lambda: 1 / 0)
    assert computed("x", lambda: 2, Terms(ttl_s=60, wait_s=20)).text == "2"


def test_others_are_shown_the_one_before_while_one_computes(library, connection):
    terms = Terms(ttl_s=60, stale_s=60, wait_s=20)

    def work():
        return library.Tag.objects.count()

    computed("x", work, terms)
    elsewhere(lambda: library.Tag.objects.create(name="z"))

    def slow():
        shown = elsewhere(lambda: computed("x", work, terms))
        assert (shown.text, shown.is_stale) == ("3", True)
        outer = elsewhere(lambda: computed("y", lambda: computed("x", work, terms).text))
        assert (outer.text, outer.is_kept) == ("'3'", False)
        return work()

    assert computed("x", slow, terms).text == "4"
    shown = computed("x", work, terms)
    assert (shown.text, shown.is_stale) == ("4", False)


def test_one_that_was_not_current_for_too_long_is_not_shown(library, connection):
    terms = Terms(ttl_s=60, stale_s=0.05, wait_s=0.05)

    def work():
        return library.Tag.objects.count()

    computed("x", work, terms)
    elsewhere(lambda: library.Tag.objects.create(name="z"))
    time.sleep(0.1)  # its time is up

    def slow():
        return elsewhere(lambda: computed("x", work, terms).text)

    assert computed("x", slow, terms).text == "'4'"


def test_without_redis_it_is_computed(library, connection, servers):
    computed("x", library.Tag.objects.count)
    servers.redis.kill()
    found = computed("x", library.Tag.objects.count)
    assert (found.was_computed, found.is_kept) == (True, False)
    servers.redis.restart()
    assert computed("x", library.Tag.objects.count).text == "3"


@pytest.mark.parametrize(
    "terms", [{"ttl_s": 0}, {"ttl_s": 1, "stale_s": -1}, {"ttl_s": 1, "wait_s": -1}]
)
def test_terms_that_mean_nothing_are_refused(terms):
    with pytest.raises(ValueError, match="need ttl_s > 0"):
        Terms(**terms)


@pytest.mark.parametrize("read", ["orm", "cursor"])
def test_what_a_snapshot_shows_is_not_kept(library, database, vendor, read):
    if vendor == "postgresql":
        snapshot = {"OPTIONS": {"isolation_level": IsolationLevel.REPEATABLE_READ}}
    else:  # with a log, which lets others write meanwhile
        snapshot = {"OPTIONS": {"timeout": 30, "init_command": "PRAGMA journal_mode = wal"}}

    def title(connection):
        if read == "orm":
            return library.Book.objects.get(pk=1).title
        with connection.cursor() as cursor:
            cursor.execute("SELECT title FROM library_book WHERE id = 1")
            return cursor.fetchone()[0]

    with using(database | snapshot) as connection:

        def work():
            with transaction.atomic():
                library.Author.objects.count()
                elsewhere(lambda: library.Book.objects.filter(pk=1).update(title="Z"))
                return title(connection)

        first = computed("x", work)
        assert first.text == "'A'"
        assert not first.is_kept
        assert first.reason == "its transaction sees the moment at which it began"
        if vendor == "sqlite":  # whose file keeps the mode
            connection.cursor().execute("PRAGMA journal_mode = delete")
