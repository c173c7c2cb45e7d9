"""What is written past Django, by whatever way, is left word of by triggers."""

import io
import threading
from contextlib import contextmanager, suppress

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection as current
from django.db import connections, transaction
from django.test.utils import override_settings

from praxis.cache.changes.checks import check_words
from tests.integration.another_database import using
from tests.integration.cache.points import elsewhere, is_hit, warm
from tests.integration.cache.test_untold_writes import forget_looks, words

pytestmark = [pytest.mark.only("postgresql"), pytest.mark.filterwarnings("ignore::ResourceWarning")]

LONG_MS = 60_000


@contextmanager
def outside_writes(servers, database):
    """As a project has it that says of its own sessions that they tell."""
    from django.conf import settings  # noqa: TID251 - other ones are made of them

    cache = settings.PRAXIS["cache"] | {"outside_writes": True, "look_every_ms": LONG_MS}
    options = {"options": {"options": "-c praxis.told=on"}}
    with (
        override_settings(PRAXIS=settings.PRAXIS | {"cache": cache}),
        using(database | {"OPTIONS": {**database.get("OPTIONS", {}), **options["options"]}}),
    ):
        yield


@pytest.fixture
def outside(servers, library, connection, database):
    """A connection of another program."""
    call_command("praxis_cache_triggers", "--install", stdout=io.StringIO())
    try:
        with (
            outside_writes(servers, database),
            psycopg.connect(servers.url, autocommit=True) as raw,
        ):
            yield raw
    finally:
        call_command("praxis_cache_triggers", "--remove", stdout=io.StringIO())


@pytest.fixture
def titles(library):
    return lambda: sorted(library.Book.objects.values_list("title", flat=True))


def update(raw):
    raw.execute("UPDATE library_book SET title = 'Z' WHERE id = 1")


def copy(raw):
    with raw.cursor().copy(
        "COPY library_book (title, author_id, pages, price, for_sale, added, key) FROM STDIN"
    ) as rows:
        rows.write("Z\t1\t1\t1\tt\t2024-01-01\t00000000-0000-0000-0000-000000000000\n")


def delete(raw):
    with raw.transaction():
        raw.execute("DELETE FROM library_book_tags WHERE book_id = 1")
        raw.execute("DELETE FROM library_book WHERE id = 1")


def truncate(raw):
    raw.execute("TRUNCATE library_country CASCADE")


def function(raw):
    raw.execute("DO $$ BEGIN UPDATE library_book SET title = 'Z' WHERE id = 1; END $$")


def prepared(raw):
    with raw.transaction():
        raw.execute("PREPARE rename AS UPDATE library_book SET title = $1 WHERE id = 1")
        raw.execute("EXECUTE rename('Z')")


def merged(raw):
    raw.execute(
        "WITH gone AS (UPDATE library_book SET title = 'Z' WHERE id = 1 RETURNING 1) "
        "SELECT count(*) FROM gone"
    )


@pytest.mark.parametrize("write", [update, copy, delete, truncate, function, prepared, merged])
def test_a_write_of_another_program_is_seen_at_the_next_look(
    outside, servers, connection, titles, write
):
    before = warm(current, titles)
    write(outside)
    forget_looks(servers)
    assert titles() == elsewhere(titles) != before
    assert is_hit(current, titles)
    assert words() == []


@contextmanager
def cascade(raw, table, column, target):
    """A foreign key of the database's own that deletes along."""
    raw.execute(
        f"ALTER TABLE {table} ADD CONSTRAINT outside_cascade FOREIGN KEY ({column}) "
        f"REFERENCES {target} ON DELETE CASCADE"
    )
    try:
        yield
    finally:
        raw.execute(f"ALTER TABLE {table} DROP CONSTRAINT outside_cascade")


@pytest.mark.parametrize("is_ours", [True, False])
def test_a_cascade_of_the_database_is_told_of_whoever_began_it(
    outside, servers, library, connection, is_ours
):
    def notes():
        return library.Note.objects.count()

    with cascade(outside, "library_note", "object_id", "library_tag"):
        assert warm(current, notes) == 1
        sql = "DELETE FROM library_tag WHERE id = 1"
        outside.execute("DELETE FROM library_book_tags")
        if is_ours:
            with current.cursor() as cursor:
                cursor.execute(sql)
        else:
            outside.execute(sql)
        forget_looks(servers)
        assert elsewhere(notes) == notes() == 0


def test_a_trigger_of_the_database_is_told_of(outside, servers, library, connection):
    def tags():
        return sorted(library.Tag.objects.values_list("name", flat=True))

    outside.execute(
        "CREATE FUNCTION outside_tag() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN UPDATE library_tag SET name = 'Z'; RETURN NULL; END $$"
    )
    outside.execute(
        "CREATE TRIGGER outside_tag AFTER UPDATE ON library_book EXECUTE FUNCTION outside_tag()"
    )
    try:
        warm(current, tags)
        library.Book.objects.filter(pk=1).update(pages=1)
        forget_looks(servers)
        assert elsewhere(tags) == tags() == ["Z", "Z", "Z"]
    finally:
        outside.execute("DROP FUNCTION outside_tag CASCADE")


def test_what_is_told_anyway_leaves_no_word(outside, library, connection):
    library.Book.objects.filter(pk=1).update(title="Z")
    library.Book.objects.create(title="Y", author_id=1)
    with transaction.atomic():
        library.Author.objects.update(name="X")
    assert words() == []


def test_a_session_that_does_not_say_so_is_told_of_twice_and_rightly(
    outside, servers, library, connection, titles, database
):
    warm(current, titles)
    with using(database):
        library.Book.objects.filter(pk=1).update(title="Z")
        assert "Z" in titles()
        assert words() == [("library_book", None)]
        forget_looks(servers)
        assert "Z" in titles()
        assert words() == []


def test_a_transaction_leaves_one_word_of_each_table(outside, connection):
    with outside.transaction():
        for _ in range(3):
            update(outside)
            outside.execute("UPDATE library_tag SET name = 'Z'")
        with suppress(psycopg.Error), outside.transaction():
            outside.execute("UPDATE library_author SET name = 'Z'")
            outside.execute("nonsense")
        outside.execute("UPDATE library_author SET name = 'Z'")
    update(outside)
    tables = [table for table, _ in words()]
    assert tables == ["library_book", "library_tag", "library_author", "library_book"]


def test_what_is_rolled_back_leaves_no_word(outside, connection, titles):
    with suppress(ZeroDivisionError), outside.transaction():
        update(outside)
        raise ZeroDivisionError
    assert words() == []


def test_another_role_needs_no_right_to_the_table_of_words(outside, servers, connection, titles):
    before = warm(current, titles)
    outside.execute("CREATE ROLE outsider")
    try:
        outside.execute("GRANT SELECT, UPDATE ON library_book TO outsider")
        outside.execute("SET ROLE outsider")
        update(outside)
        outside.execute("RESET ROLE")
    finally:
        outside.execute("DROP OWNED BY outsider")
        outside.execute("DROP ROLE outsider")
    forget_looks(servers)
    assert titles() != before


def test_the_sql_is_what_installs_them(outside, servers, connection, titles):
    call_command("praxis_cache_triggers", "--remove", stdout=io.StringIO())
    shown = io.StringIO()
    call_command("praxis_cache_triggers", "--sql", "library.Book", stdout=shown)
    outside.execute(shown.getvalue())
    before = warm(current, titles)
    outside.execute("UPDATE library_tag SET name = 'Z'")
    assert words() == []
    update(outside)
    forget_looks(servers)
    assert titles() != before


class Heard(io.StringIO):
    """Knows when something was written to it."""

    def __init__(self):
        super().__init__()
        self.event = threading.Event()

    def write(self, text):
        self.event.set()
        return super().write(text)


def test_a_relay_voids_without_a_look(outside, servers, connection, titles):
    call_command("praxis_cache_triggers", "--install", "--notify", stdout=io.StringIO())
    before = warm(current, titles)
    heard, ended, pids = Heard(), [], []

    def relay():
        current.ensure_connection()
        pids.append(current.connection.info.backend_pid)
        try:
            call_command("praxis_cache_relay", stdout=heard)
        except CommandError as error:
            ended.append(str(error))
        finally:
            connections.close_all()

    thread = threading.Thread(target=relay)
    thread.start()
    try:
        assert heard.event.wait(30)
        update(outside)
        while titles() == before:  # until the time of the test is up
            pass
        while words():
            pass
    finally:
        outside.execute("SELECT pg_terminate_backend(%s)", pids)
        thread.join()
    assert "relay has ended" in ended[0]


def test_a_relay_wants_the_setting(library, connection):
    with pytest.raises(CommandError, match="outside_writes"):
        call_command("praxis_cache_relay")


def test_the_check_names_what_lacks_a_trigger(outside, connection):
    def found():
        return [(message.id, message.msg) for message in check_words(databases=["default"])]

    assert found() == []
    call_command("praxis_cache_triggers", "--remove", "library.Tag", stdout=io.StringIO())
    ((code, message),) = found()
    assert code == "praxis.W020"
    assert message.endswith("unnoticed: library_tag.")


def test_the_check_names_the_missing_table(outside, connection):
    outside.execute("ALTER TABLE praxis_cache_change RENAME TO praxis_cache_change_away")
    try:
        assert [message.id for message in check_words(databases=["default"])] == ["praxis.E020"]
        with pytest.raises(CommandError, match="migrate"):
            call_command("praxis_cache_triggers", "--sql")
    finally:
        outside.execute("ALTER TABLE praxis_cache_change_away RENAME TO praxis_cache_change")


def test_the_check_names_sessions_that_do_not_say_that_they_tell(outside, connection, database):
    with using(database):
        assert [message.id for message in check_words(databases=["default"])] == ["praxis.W021"]
