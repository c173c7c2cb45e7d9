"""A row that is saved is mostly what it was, and is asked for more only where it is not."""

import threading

import psycopg
import pytest
from django.db import transaction

from praxis.cache.hooks import returned_rows
from tests.integration.cache.points import elsewhere, is_hit, learn

pytestmark = pytest.mark.only("postgresql")


def of(author, m):
    return sorted(m.Book.objects.filter(author=author).values_list("title", flat=True))


@pytest.fixture(autouse=True)
def luck():
    """No statement has been tried yet."""
    returned_rows._asking.known.cache_clear()


@pytest.fixture
def book(library, connection):
    """One of Ann's, while it is known that books are asked for by their authors."""
    for author in (1, 2):
        of(author, library), of(author, library)
    found = library.Book.objects.get(pk=1)
    learn(library)
    return found


def updates(connection, work):
    """The statements that get to the driver; Django itself hears of one."""
    sent = []

    def note(execute, sql, params, many, context):
        sent.append(sql)
        return execute(sql, params, many, context)

    connection.execute_wrappers.append(note)
    try:
        work()
    finally:
        connection.execute_wrappers.remove(note)
    return [sql for sql in sent if sql.startswith("UPDATE")]


def test_a_row_that_stays_where_it_is_takes_one_plain_statement(library, connection, book):
    of(1, library), of(2, library)
    book.title = "Z"
    (sql,) = updates(connection, book.save)
    assert "IS NOT DISTINCT FROM" in sql
    assert "FOR NO KEY UPDATE" not in sql
    assert is_hit(connection, lambda: of(2, library))
    assert "Z" in of(1, library)


@pytest.mark.parametrize("is_atomic", [False, True])
def test_one_that_moves_is_asked_where_it_was(library, connection, book, is_atomic):
    def move():
        book.author_id, book.title = 2, "Z"
        if is_atomic:
            with transaction.atomic():
                book.save()
        else:
            book.save()

    of(1, library), of(2, library)
    first, second = updates(connection, move)
    assert "IS NOT DISTINCT FROM" in first
    assert "FOR NO KEY UPDATE" in second
    assert "A" not in of(1, library)
    assert "Z" in of(2, library)


def test_where_rows_mostly_move_they_are_asked_at_once(library, connection, book):
    for author in (2, 1, 2, 1):
        book.author_id = author
        sent = updates(connection, book.save)
    (sql,) = sent
    assert "FOR NO KEY UPDATE" in sql
    for _ in range(10):
        (sql,) = updates(connection, book.save)
    assert "IS NOT DISTINCT FROM" in sql


def test_null_is_what_it_was(library, connection):
    for country in (None, 1):
        for _ in range(2):
            list(library.Author.objects.filter(country=country))
    learn(library)
    author = library.Author.objects.get(pk=2)
    author.country_id = None
    author.save()
    author.name = "Z"
    (sql,) = updates(connection, author.save)
    assert "IS NOT DISTINCT FROM" in sql
    assert "Z" in [one.name for one in library.Author.objects.filter(country=None)]


def test_a_row_that_is_not_there_is_made(library, connection, book):
    of(1, library)
    made = library.Book(pk=70, title="N", author_id=1)
    sent = updates(connection, made.save)
    assert len(sent) == 2
    assert "N" in of(1, library)


def test_what_a_trigger_sets_instead_counts_too(library, connection, database, book):
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION moved() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN NEW.author_id := 2; RETURN NEW; END$$"
        )
        cursor.execute(
            "CREATE TRIGGER moves BEFORE UPDATE ON library_book "
            "FOR EACH ROW EXECUTE FUNCTION moved()"
        )
    try:
        for _ in range(2):
            of(1, library), of(2, library)
        learn(library)
        of(1, library), of(2, library)
        book.title = "Z"
        (sql,) = updates(connection, book.save)
        assert "IS NOT DISTINCT FROM" in sql
        assert "Z" not in of(1, library)
        assert "Z" in of(2, library)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER moves ON library_book; DROP FUNCTION moved()")


def test_a_row_that_another_moves_meanwhile_is_asked_where_it_was_then(
    library, connection, database, book, servers
):
    of(1, library), of(2, library)
    with psycopg.connect(servers.url) as other:
        other.execute("UPDATE library_book SET author_id = 2 WHERE id = 1")
        book.title = "Z"
        saving = threading.Thread(target=elsewhere, args=(book.save,))
        saving.start()
        with psycopg.connect(servers.url, autocommit=True) as watcher:
            while not watcher.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
                pass
        other.commit()
        saving.join()
    assert "Z" in of(1, library)
    assert "A" not in of(2, library)
    assert "Z" not in of(2, library)


def test_a_value_of_another_kind_is_left_to_the_database(library, connection, book):
    book.author_id = "1"
    (sql,) = updates(connection, book.save)
    assert "IS NOT DISTINCT FROM" in sql  # Django has made a number of it
    with connection.cursor() as cursor:
        text = 'UPDATE "library_book" SET "author_id" = %s WHERE "id" = %s'
        (sql,) = updates(connection, lambda: cursor.execute(text, ["2", 1]))
    assert "FOR NO KEY UPDATE" in sql
    assert "A" not in of(1, library)
