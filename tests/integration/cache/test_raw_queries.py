"""What ``raw()`` answers from the cache is what the database answers, names and all."""

from contextlib import closing

import pytest
from django.db import connection as current
from django.test.utils import override_settings

from praxis.announcements import (
    BypassReason,
    CacheBypass,
    CacheFill,
    NotStoredReason,
    StaleResult,
    listen,
)
from praxis.cache import uncached_queryset
from praxis.errors import PraxisError
from tests.integration.cache.points import elsewhere, is_hit, queries, warm

TITLES = "SELECT id, title FROM library_book ORDER BY id"


def titles(books):
    return [(book.pk, book.title) for book in books]


def test_columns_are_known_before_the_rows_are_asked_for(library, connection):
    for _ in range(2):
        assert library.Book.objects.raw(TITLES).columns == ["id", "title"]
    assert is_hit(connection, lambda: library.Book.objects.raw(TITLES).columns)


def test_translations_and_deferred_columns_are_as_ever(library, connection):
    def read():
        raw = library.Book.objects.raw("SELECT id, title AS t FROM library_book ORDER BY id", (), {
            "t": "title",
        })  # fmt: skip
        return [(book.title, book.get_deferred_fields() - {"title"} != set()) for book in raw]

    assert warm(connection, read)[0] == ("A", True)


def test_no_row_at_all_is_an_answer(library, connection):
    def read():
        return titles(library.Book.objects.raw("SELECT * FROM library_book WHERE id = %s", [99]))

    assert warm(connection, read) == []
    elsewhere(lambda: library.Book.objects.create(pk=99, title="99", author_id=1))
    assert read() == [(99, "99")]


def test_a_row_leaves_the_others_alone(library, connection):
    def read(pk):
        return titles(library.Book.objects.raw("SELECT * FROM library_book WHERE id = %s", [pk]))

    def rename(title):
        library.Book.objects.filter(pk=2).update(title=title)

    read(1), read(2)
    rename("first after a new kind")
    warm(connection, lambda: read(1)), warm(connection, lambda: read(2))
    rename("Z")
    assert is_hit(connection, lambda: read(1))
    assert read(2) == [(2, "Z")]


def test_parameters_of_other_types_are_other_queries(library, connection):
    sql = "SELECT id, title, %s AS given FROM library_book WHERE id = 1"
    givens = [1, True, "1", 1.0, None]
    for _ in range(2):
        found = [library.Book.objects.raw(sql, [given])[0].given for given in givens]
    fresh = [library.Book.objects.raw(sql, [given]).uncached()[0].given for given in givens]
    assert found == fresh
    assert [*map(type, found)] == [*map(type, fresh)]


def test_a_text_without_parameters_keeps_its_per_cent_signs(library, connection):
    library.Book.objects.filter(pk=1).update(title="%%")
    sql = "SELECT id, title FROM library_book WHERE title = '%%'"

    def read(params):
        return titles(library.Book.objects.raw(sql, params))

    assert [read(None), read(()), read(None), read(())] == [[(1, "%%")], [], [(1, "%%")], []]


def test_what_is_asked_for_is_kept_by_what_is_made_of_it(library, connection):
    raw = library.Book.objects.raw(TITLES)
    assert warm(connection, lambda: titles(raw.cached(ttl_s=60).using("default")))
    for asked in (
        raw.uncached(),
        uncached_queryset(raw).using("default"),
        raw.uncached().prefetch_related(),
    ):
        assert not is_hit(connection, lambda asked=asked: titles(asked))
    assert is_hit(connection, lambda: titles(raw.using("default")))


def test_tables_that_are_not_automatic_are_cached_only_where_asked_for(library, connection):
    def visits():
        return library.Visit.objects.raw("SELECT * FROM library_visit")

    reasons = []
    stop = listen(CacheBypass, lambda event: reasons.append(event.reason))
    [*visits()]
    stop()
    assert reasons == [BypassReason.NOT_AUTOMATIC]
    assert not is_hit(connection, lambda: [*visits()])
    assert warm(connection, lambda: [visit.page for visit in visits().cached()]) == ["/"]
    library.Visit.objects.update(page="/new")
    assert [visit.page for visit in visits().cached()] == ["/new"]


def test_long_results_are_whole_and_not_kept(library, connection, monkeypatch):
    monkeypatch.setattr("praxis.cache.hooks.raw_queries.MAX_STREAMED", 2)
    reasons = []
    stop = listen(CacheFill, lambda event: reasons.append(event.reason))
    found = titles(library.Book.objects.raw(TITLES))
    stop()
    assert [title for _, title in found] == ["A", "B", "C", "N"]
    assert reasons == [NotStoredReason.MANY_ROWS]


def test_an_iterator_that_is_left_can_be_begun_anew(library, connection):
    raw = library.Book.objects.raw(TITLES)
    for _ in range(3):
        assert next(raw.iterator()).title == "A"
    assert len([*raw.iterator()]) == 4


RUBBISH = {
    "half": lambda data: data[: len(data) // 2],
    "a long name": lambda data: data[:18] + b"\xff" + data[19:],
    "no names": lambda data: data[:17] + bytes(4) + data[21:],
    "nothing": lambda data: data[:17],
}


@pytest.mark.parametrize("kind", RUBBISH)
def test_an_entry_that_is_none_is_passed_over(library, connection, entries, redis_client, kind):
    read = lambda: titles(library.Book.objects.raw(TITLES))  # noqa: E731
    others = set(entries())
    found = warm(connection, read)
    (entry,) = set(entries()) - others
    redis_client.set(entry, RUBBISH[kind](redis_client.get(entry)))
    assert read() == found
    assert warm(connection, read) == found


def test_a_text_that_is_no_select_is_the_databases_affair(library, connection):
    sql = "UPDATE library_book SET pages = pages + 1 WHERE id = 1 RETURNING id, pages"
    before = library.Book.objects.get(pk=1).pages
    for more in (1, 2):
        assert [book.pages for book in library.Book.objects.raw(sql)] == [before + more]
    assert library.Book.objects.get(pk=1).pages == before + 2


def test_errors_are_the_databases(library, connection):
    from django.db import DatabaseError

    for _ in range(2):
        with pytest.raises(DatabaseError) as told:
            [*library.Book.objects.raw("SELECT id, nothing FROM library_book")]
        assert not isinstance(told.value, PraxisError)


def test_the_database_is_asked_once_for_what_is_not_kept(library, connection):
    raw = library.Book.objects.raw("SELECT id, title FROM library_book WHERE pages > 5")
    assert len(queries(connection, lambda: titles(raw))[1]) == 1


def test_hits_are_compared_with_the_database_where_asked(library, hooked, servers, told_stale):
    raw = library.Book.objects.raw(TITLES)
    praxis = {
        "cache": {"models": {"library.*": {}}, "verify_share": 1.0},
        "redis": {"url": servers.redis.url},
    }
    with override_settings(PRAXIS=praxis):
        found = [titles(raw.iterator()) for _ in range(3)]
        assert found == [found[0]] * 3
        assert told_stale == []
        past_django(library)
        assert (1, "Z") in titles(raw.iterator())
    (event,) = told_stale
    assert (event.lacking, event.surplus) == (1, 1)


@pytest.fixture
def told_stale():
    events = []
    stop = listen(StaleResult, events.append)
    yield events
    stop()


def past_django(library):
    with closing(current.connection.cursor()) as cursor:
        cursor.execute("UPDATE library_book SET title = 'Z' WHERE id = 1")
