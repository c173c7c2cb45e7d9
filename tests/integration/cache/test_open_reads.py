"""SQLite while rows are still being fetched: what is read then may be old, and is not kept."""

import pytest
from django.db import connection as current

from tests.integration.cache.points import elsewhere, is_hit, warm

pytestmark = pytest.mark.only("sqlite")


@pytest.fixture
def many(library, connection):
    """More books than are fetched at a time, in a file that is read while it is written."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.fetchall()
    library.Book.objects.bulk_create(
        library.Book(title=f"x{number}", author_id=1) for number in range(200)
    )
    yield library
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode=DELETE")
        cursor.fetchall()


def name(m):
    return m.Author.objects.get(pk=1).name


def streamed(m):
    rows = m.Book.objects.order_by("pk").iterator(chunk_size=10)
    next(rows)
    return rows


def of_a_cursor(m):
    cursor = current.cursor()
    cursor.execute("SELECT * FROM library_book")
    cursor.fetchone()
    return cursor


@pytest.mark.parametrize("begin", [streamed, of_a_cursor])
def test_what_is_read_within_another_read_is_not_kept(many, connection, begin):
    rows = begin(many)
    elsewhere(lambda: many.Author.objects.filter(pk=1).update(name="Z"))
    name(many)  # what there was when the first one began: as SQLite has it
    assert elsewhere(lambda: name(many)) == "Z"
    rows.close()
    assert name(many) == "Z"
    assert warm(connection, lambda: name(many)) == "Z"


@pytest.mark.parametrize("end", [list, lambda rows: rows.close()])
def test_what_is_read_after_it_is_kept(many, connection, end):
    rows = streamed(many)
    name(many)
    assert not is_hit(connection, lambda: name(many))
    end(rows)
    warm(connection, lambda: name(many))


def test_a_cursor_that_is_forgotten_has_ended(many, connection):
    rows = of_a_cursor(many)
    name(many)
    del rows
    warm(connection, lambda: name(many))


@pytest.mark.parametrize(
    "fetch",
    [
        lambda cursor: cursor.fetchall(),
        list,
        lambda cursor: [*iter(cursor.fetchone, None)],
        lambda cursor: [row for rows in iter(cursor.fetchmany, []) for row in rows],
        lambda cursor: [row for rows in iter(lambda: cursor.fetchmany(3), []) for row in rows],
    ],
)
def test_rows_are_fetched_as_ever(many, connection, fetch):
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM library_tag ORDER BY id")
        assert fetch(cursor) == [(1,), (2,), (3,)]
        assert cursor.fetchone() is None
        warm(connection, lambda: name(many))
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
