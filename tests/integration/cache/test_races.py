"""A reader or a writer is stopped at a moment, and somebody else does the rest."""

import threading

import pytest
from django.db import connection as current
from django.db import connections, transaction

from tests.integration.another_database import using
from tests.integration.cache.points import elsewhere, is_hit, learn, queries, warm

READ_MOMENTS = ["before_read", "after_read", "before_fill", "after_fill"]
WRITE_MOMENTS = ["before_mark", "after_mark", "before_settle", "after_settle"]


def raw_update():
    with current.cursor() as cursor:
        cursor.execute("UPDATE library_book SET title = 'Z', pages = 9, author_id = 2 WHERE id = 1")


def save(m):
    book = m.Book.objects.get(pk=1)
    book.title, book.pages, book.author_id = "Z", 9, 2
    book.save()


def update(m):
    m.Book.objects.filter(pk=1).update(title="Z", pages=9, author=2)


def save_in_atomic(m):
    with transaction.atomic():
        save(m)


def missing(m):
    m.Book.objects.create(pk=77, title="M", author_id=1)


def new(m):
    m.Book.objects.create(title="M", author_id=1)


def delete(m):
    m.Book.objects.get(pk=1).delete()


def rename_author(m):
    m.Author.objects.filter(pk=1).update(name="Z", country=2)


WRITES = {
    "save": save,
    "update": update,
    "atomic": save_in_atomic,
    "raw": lambda _: raw_update(),
    "a row that was missing": missing,
    "a new row": new,
    "delete": delete,
    "joined": rename_author,
}
READS = {
    "get": lambda m: m.Book.objects.filter(pk=1).values_list("title", "pages").first(),
    "missing": lambda m: [m.Book.objects.filter(pk=pk).exists() for pk in (5, 77)],
    "count": lambda m: m.Book.objects.count(),
    "count of one author": lambda m: m.Book.objects.filter(author=1).count(),
    "list": lambda m: list(m.Book.objects.order_by("pk").values_list("pk", "title", "pages")),
    "by author": lambda m: sorted(m.Book.objects.filter(author=2).values_list("pk", "title")),
    "by title": lambda m: list(m.Book.objects.filter(title="Z").values_list("pk", "pages")),
    "join": lambda m: [
        (b.title, b.author.name) for b in m.Book.objects.select_related("author").order_by("pk")
    ],
    "far": lambda m: list(
        m.Book.objects.filter(author__country__name="Chile").order_by("pk").values_list("pk")
    ),
    "aggregate": lambda m: list(
        m.Author.objects.values_list("name", "books__title").order_by("pk", "books__pk")
    ),
}


@pytest.mark.parametrize("moment", READ_MOMENTS)
@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("read", READS)
def test_a_reader_that_was_stopped_leaves_nothing_old_behind(
    library, points, entries, redis_client, read, write, moment
):
    ask, change = READS[read], WRITES[write]
    for one in READS.values():
        one(library)
    learn(library)
    redis_client.delete(*entries())  # what is known of conditions stays
    done = points.at(moment, lambda: elsewhere(lambda: change(library)))
    ask(library)
    assert done  # it was stopped there
    fresh = elsewhere(lambda: without_cache(lambda: ask(library)))
    assert ask(library) == fresh
    assert ask(library) == fresh
    assert elsewhere(lambda: ask(library)) == fresh


def without_cache(read):
    from praxis.cache.hooks.queries import bypass

    with bypass():
        return read()


@pytest.mark.parametrize("is_warm", [True, False])
@pytest.mark.parametrize("moment", WRITE_MOMENTS)
@pytest.mark.parametrize("write", WRITES)
def test_what_others_read_while_a_writer_is_stopped_is_not_kept(
    library, connection, points, write, moment, is_warm
):
    for ask in READS.values():
        ask(library)
    learn(library)
    for ask in READS.values():
        for _ in range(2 * is_warm):
            ask(library)

    def read_all():
        return [ask(library) for ask in READS.values()]

    seen = points.at(moment, lambda: elsewhere(read_all))
    WRITES[write](library)
    fresh = [without_cache(lambda ask=ask: ask(library)) for ask in READS.values()]
    assert seen
    assert elsewhere(read_all) == fresh
    assert read_all() == fresh
    if moment == "after_settle":
        assert seen[0] == fresh


@pytest.mark.parametrize("write", WRITES)
def test_readers_between_commit_and_settlement_see_what_was_committed(
    library, connection, points, write
):
    # Nothing was acknowledged yet, but nobody may go back behind what another has seen.
    for ask in READS.values():
        for _ in range(2):
            ask(library)

    def read_all():
        return [ask(library) for ask in READS.values()]

    seen = points.at("before_settle", lambda: elsewhere(read_all))
    WRITES[write](library)
    assert seen[0] == [without_cache(lambda ask=ask: ask(library)) for ask in READS.values()]


def test_a_hook_on_commit_reads_what_was_committed(library, connection):
    def read():
        return [ask(library) for ask in READS.values()]

    read(), read()
    seen = []
    with transaction.atomic():
        transaction.on_commit(lambda: seen.append(elsewhere(read)))
        transaction.on_commit(lambda: seen.append(read()))
        save(library)
        rename_author(library)
    fresh = [without_cache(lambda ask=ask: ask(library)) for ask in READS.values()]
    assert seen == [fresh, fresh]


def test_a_hook_on_commit_that_writes_is_told_of(library, connection):
    get = lambda: library.Book.objects.get(pk=1).pages  # noqa: E731
    warm(connection, get)
    with transaction.atomic():
        transaction.on_commit(lambda: library.Book.objects.filter(pk=1).update(pages=12))
        library.Book.objects.filter(pk=1).update(pages=11)
    assert get() == elsewhere(get) == 12


def test_a_signal_that_reads_after_a_save_does_not_keep_it_from_others(library, connection):
    from django.db.models.signals import post_save

    get = lambda: library.Book.objects.get(pk=1).title  # noqa: E731
    seen = []

    def look(**_):
        seen.append((get(), elsewhere(get) if current.vendor == "postgresql" else "A"))

    warm(connection, get)
    post_save.connect(look, sender=library.Book)
    try:
        with transaction.atomic():
            save(library)
    finally:
        post_save.disconnect(look, sender=library.Book)
    assert seen == [("Z", "A")]
    assert get() == elsewhere(get) == "Z"


@pytest.mark.only("postgresql")
def test_a_long_transaction_keeps_nothing_that_others_have_overtaken(library, connection, points):
    ask = READS["list"]
    with transaction.atomic():
        ask(library)
        elsewhere(lambda: save(library))
        fresh = elsewhere(lambda: without_cache(lambda: ask(library)))
        assert ask(library) == fresh  # READ COMMITTED
        points.at("before_fill", lambda: elsewhere(lambda: delete(library)))
        READS["get"](library)
    assert READS["get"](library) is None


def test_a_long_transaction_of_sqlite_keeps_nothing(library, connection, vendor):
    if vendor == "postgresql":
        pytest.skip("it is the test above")
    ask = READS["list"]
    with transaction.atomic():
        ask(library)
    elsewhere(lambda: save(library))
    assert ask(library) == without_cache(lambda: ask(library))


@pytest.mark.only("postgresql")
@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
@pytest.mark.parametrize("way", ["settings", "options", "statement", "session"])
def test_a_snapshot_neither_keeps_old_rows_nor_sees_new_ones(database, library, level, way):
    ask = READS["list"]
    with using(database | {"OPTIONS": _options(level, way)}) as connection:
        with connection.cursor() as cursor:
            if way == "session":
                cursor.execute(f"SET default_transaction_isolation = '{level.lower()}'")
            with transaction.atomic():
                if way == "statement":
                    cursor.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
                old = library.Author.objects.count(), ask(library)
                elsewhere(lambda: save(library))
                fresh = elsewhere(lambda: ask(library))
                assert elsewhere(lambda: ask(library)) == fresh != old[1]
                assert ask(library) == old[1]
                assert READS["get"](library) == ("A", 100)
        assert ask(library) == fresh
        assert READS["get"](library) == ("Z", 9)
    assert elsewhere(lambda: READS["get"](library)) == ("Z", 9)


def _options(level, way):
    from psycopg import IsolationLevel

    if way == "settings":
        return {"isolation_level": IsolationLevel[level.replace(" ", "_")]}
    if way == "options":
        return {"options": "-c default_transaction_isolation=" + level.lower().replace(" ", "\\ ")}
    return {}


@pytest.mark.only("postgresql")
def test_a_snapshot_that_was_begun_by_a_statement_sees_no_new_rows(library, connection):
    ask = READS["list"]
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        old = ask(library)
        elsewhere(lambda: save(library))
        elsewhere(lambda: ask(library))
        assert ask(library) == old
        cursor.execute("COMMIT")
    assert ask(library) == elsewhere(lambda: ask(library)) != old


def test_own_writes_are_seen_inside_a_transaction_while_others_fill(library, connection, vendor):
    get = lambda: library.Book.objects.get(pk=1).title  # noqa: E731
    warm(connection, get)
    with transaction.atomic():
        save(library)
        assert get() == "Z"
        if vendor == "postgresql":
            assert elsewhere(get) == "A"
            assert elsewhere(get) == "A"
        assert get() == "Z"
        with transaction.atomic():
            library.Book.objects.filter(pk=1).update(title="Y")
            assert get() == "Y"
        assert get() == "Y"
    assert get() == elsewhere(get) == "Y"


def test_a_part_that_is_rolled_back_is_gone_for_everybody(library, connection):
    get = lambda: library.Book.objects.get(pk=1).title  # noqa: E731
    warm(connection, get)
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            save(library)
            assert get() == "Z"
            raise ZeroDivisionError
        assert get() == "A"
    assert get() == elsewhere(get) == "A"
    assert is_hit(connection, get)


def test_what_was_read_after_a_rollback_is_what_was_there_before(library, connection):
    get = lambda: library.Book.objects.get(pk=1).title  # noqa: E731
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        save(library)
        assert get() == "Z"
        raise ZeroDivisionError
    assert get() == elsewhere(get) == "A"


def test_without_autocommit_others_see_a_write_when_it_is_committed(library, connection, vendor):
    get = lambda: library.Book.objects.get(pk=1).title  # noqa: E731
    warm(connection, get)
    transaction.set_autocommit(False)
    try:
        update(library)
        assert get() == "Z"
        if vendor == "postgresql":
            assert elsewhere(get) == "A"
        transaction.commit()
        assert elsewhere(get) == "Z"
        library.Book.objects.filter(pk=1).update(title="Y")
        transaction.rollback()
        assert get() == "Z"
        transaction.commit()
    finally:
        transaction.set_autocommit(True)
    assert get() == elsewhere(get) == "Z"


@pytest.mark.only("sqlite")
def test_going_back_to_autocommit_commits_in_sqlite(library, connection):
    get = lambda: library.Book.objects.get(pk=1).title  # noqa: E731
    warm(connection, get)
    transaction.set_autocommit(False)
    update(library)
    transaction.set_autocommit(True)
    assert elsewhere(get) == get() == "Z"
    warm(connection, get)


def test_a_transaction_of_statements_is_one(library, connection, vendor):
    get = lambda: library.Book.objects.get(pk=1).title  # noqa: E731
    warm(connection, get)
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        update(library)
        assert get() == "Z"
        if vendor == "postgresql":
            assert elsewhere(get) == "A"
            assert elsewhere(get) == "A"
        cursor.execute("COMMIT")
    assert elsewhere(get) == get() == "Z"
    warm(connection, get)


@pytest.mark.only("postgresql")
@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("BEGIN; UPDATE library_book SET title = 'Z' WHERE id = 1", "COMMIT"),
        ("BEGIN; UPDATE library_book SET title = 'Z' WHERE id = 1", "SELECT 1; COMMIT"),
        ("COMMIT; BEGIN", "UPDATE library_book SET title = 'Z' WHERE id = 1; COMMIT"),
        (
            "BEGIN; UPDATE library_author SET name = 'Z'; COMMIT AND CHAIN",
            "UPDATE library_book SET title = 'Z' WHERE id = 1; END",
        ),
        ("BEGIN; DO $$ BEGIN UPDATE library_book SET title = 'Z' WHERE id = 1; END $$", "END"),
    ],
)
def test_a_transaction_in_texts_of_several_statements_is_one(library, connection, begin, end):
    get = lambda: library.Book.objects.get(pk=1).title  # noqa: E731
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.execute(begin)
        assert elsewhere(get) == "A"
        assert elsewhere(get) == "A"
        cursor.execute(end)
    assert elsewhere(get) == get() == "Z"
    assert elsewhere(get) == get() == "Z"


def test_a_failed_commit_leaves_what_was_there(library, connection):
    from django.db import IntegrityError

    get = lambda: library.Book.objects.get(pk=1).author_id  # noqa: E731
    warm(connection, get)
    with pytest.raises(IntegrityError), transaction.atomic():
        library.Book.objects.filter(pk=1).update(author=99)  # seen at COMMIT
    assert get() == elsewhere(get) == 1
    warm(connection, get)


def test_a_statement_that_fails_leaves_what_was_there(library, connection):
    from django.db import IntegrityError

    get = lambda: library.Book.objects.get(pk=1).title  # noqa: E731
    warm(connection, get)
    with pytest.raises(IntegrityError):
        library.Book.objects.filter(pk=1).update(title=None)
    assert is_hit(connection, get)


def test_readers_keep_off_while_a_transaction_commits(library, connection, points):
    get = lambda: library.Book.objects.get(pk=1).title  # noqa: E731
    warm(connection, get)
    sent = points.at("after_mark", lambda: elsewhere(lambda: queries(current, get)))
    update(library)
    assert sent[0][0] == "A"
    assert len(sent[0][1]) == 1


def test_many_threads_read_what_one_has_written(library, connection):
    get = lambda: library.Book.objects.get(pk=1).pages  # noqa: E731
    warm(connection, get)
    readers, turns, wrong = 4, 10, []
    barrier = threading.Barrier(readers + 1)

    def read():
        try:
            for turn in range(turns):
                barrier.wait()  # it was written
                if get() != 1000 + turn:
                    wrong.append(turn)
                barrier.wait()  # all have read
        finally:
            connections.close_all()

    threads = [threading.Thread(target=read) for _ in range(readers)]
    for thread in threads:
        thread.start()
    for turn in range(turns):
        library.Book.objects.filter(pk=1).update(pages=1000 + turn)
        barrier.wait()
        barrier.wait()
    for thread in threads:
        thread.join()
    assert wrong == []
