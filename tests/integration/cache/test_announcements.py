"""What the cache tells of each query and of each write, and what is counted of it."""

import pytest
from django.db import ProgrammingError, transaction
from django.db import connection as current
from django.db.models import Avg, F, Field, Func
from django.db.models.functions import Now
from django.test.utils import override_settings

from praxis import announcements
from praxis.announcements import (
    BypassReason,
    CacheBypass,
    CacheFill,
    CacheHit,
    CacheMiss,
    CacheWrite,
    CorruptEntry,
    NotStoredReason,
    listen,
)
from praxis.cache import bypass, cache_statistics
from praxis.cache.hooks.once import Once
from praxis.embedded import TcpProxy
from tests.integration.cache.points import elsewhere, learn
from tests.integration.cache.results.computing import computed

KINDS = CacheHit, CacheMiss, CacheFill, CacheBypass, CacheWrite, CorruptEntry


@pytest.fixture
def told():
    """The events, in their order."""
    events = []
    stops = [listen(kind, events.append) for kind in KINDS]
    yield events
    for stop in stops:
        stop()


def read(m):
    """A query that the preparations do not make."""
    return list(m.Book.objects.filter(pages__lt=9999))


def kinds(events):
    return [type(event) for event in events]


def test_a_query_misses_is_kept_and_hits(library, told):
    told.clear()
    for _ in range(2):
        list(library.Book.objects.filter(author__name="Ann"))
    miss, fill, hit = told
    assert kinds(told) == [CacheMiss, CacheFill, CacheHit]
    assert hit.database == "default"
    assert hit.model == "library.Book"
    assert hit.tables == {"library_book", "library_author"}
    assert "library_author" in hit.sql
    assert "Ann" not in hit.sql
    assert (fill.reason, miss.sql) == (None, hit.sql)
    assert fill.size_bytes > 100


def test_a_write_tells_its_tables_and_how_many_conditions(library, told):
    library.Book.objects.get(pk=1)
    learn(library)
    told.clear()
    library.Book.objects.filter(pk__in=[1, 2]).update(pages=7)
    with transaction.atomic():
        library.Author.objects.create(name="New")
        library.Country.objects.filter(name="Chile").update(name="Peru")
    one, two = told
    assert kinds(told) == [CacheWrite, CacheWrite]
    assert one == CacheWrite("default", {"library_book": 2})
    assert two.conditions.keys() == {"library_author", "library_country"}


def test_a_write_of_which_nothing_is_known_voids_its_table(library, connection, told):
    library.Book.objects.get(pk=1)
    learn(library)
    told.clear()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM library_book WHERE pages + 0 > 1000 AND id IN (SELECT 1)")
    (event,) = told
    assert event.database == "default"
    assert list(event.conditions) == ["library_book"]


def test_what_is_rolled_back_is_no_write(library, told):
    told.clear()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        library.Book.objects.update(pages=1)
        raise ZeroDivisionError
    assert told == []


def in_own_transaction(m):
    with transaction.atomic():
        m.Book.objects.update(pages=1)
        list(m.Book.objects.all())


def in_bypass(m):
    with bypass():
        list(m.Book.objects.all())


def in_broken_transaction(m):
    with pytest.raises(transaction.TransactionManagementError), transaction.atomic():
        transaction.set_rollback(True)
        list(m.Book.objects.all())


def in_snapshot(m):
    with transaction.atomic():
        current.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        list(m.Book.objects.all())


def in_other_session(m):
    current.cursor().execute("SET search_path TO public")
    list(m.Book.objects.all())


def with_locks(m):
    with transaction.atomic():
        list(m.Book.objects.select_for_update())


def with_unknown_function(m):
    with pytest.raises(ProgrammingError, match="mine"):
        list(m.Book.objects.annotate(x=Func(F("pages"), function="mine")))


def with_odd_parameter(m):
    from psycopg.types.json import Json

    with pytest.raises(ProgrammingError, match="operator"):
        list(m.Book.objects.extra(where=["title = %s"], params=[Json({"a": 1})]))


REASONS = {
    BypassReason.ASKED_FOR: [in_bypass, lambda m: list(m.Book.objects.all().uncached())],
    BypassReason.NOT_AUTOMATIC: [lambda m: list(m.Visit.objects.all())],
    BypassReason.OWN_WRITE: [in_own_transaction],
    BypassReason.SNAPSHOT: [in_snapshot],
    BypassReason.BROKEN_TRANSACTION: [in_broken_transaction],
    BypassReason.SESSION_CHANGED: [in_other_session],
    BypassReason.LOCKS: [with_locks],
    BypassReason.VOLATILE: [lambda m: list(m.Book.objects.filter(added__lt=Now()))],
    BypassReason.NOT_A_READ: [with_unknown_function],
    BypassReason.PARAMETER_TYPE: [with_odd_parameter],
}


@pytest.mark.only("postgresql")
@pytest.mark.parametrize(
    ("reason", "read"),
    [(reason, read) for reason, reads in REASONS.items() for read in reads],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_bypass_tells_why(library, told, reason, read):
    told.clear()
    read(library)
    events = [event for event in told if not isinstance(event, CacheWrite)]
    assert [event.reason for event in events if isinstance(event, CacheBypass)] == [reason]
    assert kinds(events) == [CacheBypass]


def test_a_table_that_is_not_watched_is_told(database, servers, library, told):
    from django.contrib.auth.models import Group

    told.clear()
    list(Group.objects.all())
    (event,) = told
    assert event.reason is BypassReason.UNWATCHED_TABLE
    assert (event.model, event.tables) == ("auth.Group", {"auth_group"})


def test_a_write_in_flight_is_told(library, points, told):
    points.at("after_mark", lambda: elsewhere(lambda: read(library)))
    told.clear()
    library.Book.objects.update(pages=1)
    bypassed, written = told
    assert bypassed.reason is BypassReason.WRITE_IN_FLIGHT
    assert written.conditions.keys() == {"library_book"}


def test_a_result_that_was_overtaken_is_told(library, points, told):
    points.at("before_fill", lambda: elsewhere(lambda: library.Book.objects.update(pages=1)))
    told.clear()
    read(library)
    miss, _, fill = told
    assert (type(miss), fill.reason) == (CacheMiss, NotStoredReason.WRITTEN_MEANWHILE)


@pytest.mark.only("postgresql")
def test_a_column_that_cannot_be_kept_is_told(library, told):
    told.clear()
    pages = Func(F("pages"), F("pages"), function="int4range", output_field=Field())
    list(library.Book.objects.annotate(range=pages).values_list("range"))
    assert told[-1].reason is NotStoredReason.COLUMN_TYPE
    assert told[-1].size_bytes == 0


@pytest.mark.only("postgresql")
def test_what_a_transaction_reads_after_other_writes_is_not_kept(library, told):
    told.clear()
    with transaction.atomic():
        library.Country.objects.update(name="X")
        list(library.Tag.objects.all())
        assert kinds(told) == [CacheMiss, CacheFill]
        assert told[-1].reason is NotStoredReason.TRANSACTION_WROTE


def test_a_long_stream_is_told(library, told, monkeypatch):
    monkeypatch.setattr("praxis.cache.hooks.lookups.MAX_STREAMED", 2)
    told.clear()
    list(library.Book.objects.filter(pages__lt=9999).iterator(chunk_size=1))
    assert told[-1].reason is NotStoredReason.MANY_ROWS


def test_an_entry_that_is_none_is_told(library, entries, redis_client, told):
    list(library.Book.objects.all())
    for key in entries():
        redis_client.set(key, redis_client.get(key)[:-1])
    told.clear()
    list(library.Book.objects.all())
    (event,) = told
    assert isinstance(event, CorruptEntry)
    assert event.tables == {"library_book"}


def test_entries_that_are_none_are_logged_once(
    library, entries, redis_client, told, caplog, monkeypatch
):
    monkeypatch.setattr("praxis.cache.hooks.lookups._not_entries", Once())
    reads = [lambda pk=pk: list(library.Book.objects.filter(pk=pk)) for pk in (1, 2, 3)]
    for one in reads:
        one()
    for key in entries():
        redis_client.set(key, redis_client.get(key)[:-1])
    told.clear()
    for one in reads:
        one()
    assert kinds(told) == [CorruptEntry] * 3
    assert caplog.text.count("Entries of the cache are none") == 1


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_server_that_is_down_is_told(library, servers, hooked, told):
    with TcpProxy(servers.redis.host, servers.redis.port) as proxy:
        praxis = {
            "cache": {"models": {"library.*": {}}},
            "redis": {"url": proxy.through(servers.redis.url)},
        }
        with override_settings(PRAXIS=praxis):
            list(library.Book.objects.all())
            proxy.refuse()
            proxy.cut()
            told.clear()
            list(library.Book.objects.all())
    (event,) = told
    assert event.reason is BypassReason.REDIS_DOWN


def test_counts_by_table_by_model_and_of_all(library):
    library.Book.objects.count()
    with cache_statistics() as seen:
        for _ in range(3):
            list(library.Book.objects.select_related("author"))
        library.Author.objects.aggregate(Avg("id"))
        list(library.Visit.objects.all())
        library.Author.objects.create(name="New")
    library.Book.objects.count()
    assert (seen.hits, seen.misses, seen.fills) == (2, 2, 2)
    assert seen.hit_share == 0.5
    assert (seen.tables["library_author"].hits, seen.tables["library_author"].misses) == (2, 2)
    assert (seen.models["library.Book"].hits, seen.models["library.Author"].hits) == (2, 0)
    assert seen.bypasses == {BypassReason.NOT_AUTOMATIC: 1}
    author = seen.tables["library_author"]
    assert author.writes + author.voided == 1


def test_nothing_is_counted_before_and_after(library):
    with cache_statistics() as seen:
        pass
    list(library.Book.objects.all())
    assert (seen.hits, seen.misses) == (0, 0)
    assert not any(kind in announcements.heard for kind in KINDS)


def test_counts_all_threads(library):
    with cache_statistics() as seen:
        for _ in range(2):
            elsewhere(lambda: read(library))
    assert (seen.hits, seen.misses) == (1, 1)


def test_queries_inside_of_a_computation_are_told_as_well(library, told):
    def page():
        return [len(read(library)) for _ in range(2)]

    told.clear()
    assert computed("page", page).is_kept
    assert kinds(told) == [CacheMiss, CacheFill, CacheHit]
    told.clear()
    computed("page", page)
    assert told == []


@pytest.mark.only("postgresql")
def test_a_computation_that_reads_past_the_cache_is_told_why(library, told):
    told.clear()
    computed("page", library.Visit.objects.count)
    assert [event.reason for event in told] == [BypassReason.NOT_AUTOMATIC]
