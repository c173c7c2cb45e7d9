"""Writes by every path, each of them a function of the models and the connection."""

import json
from decimal import Decimal

from django.core.management import call_command
from django.core.serializers.base import DeserializationError
from django.db import DatabaseError, models, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Now, Upper

CASES = {}
#: Those that PostgreSQL alone knows.
ON_POSTGRESQL = set()


def case(write):
    CASES[write.__name__] = write
    return write


def on_postgresql(write):
    ON_POSTGRESQL.add(write.__name__)
    return case(write)


@case
def save(m, _):
    book = m.Book.objects.get(title="A")
    book.title, book.pages = "Z", 555
    book.save()


@case
def save_some_columns(m, _):
    book = m.Book.objects.get(title="A")
    book.pages = 7
    book.save(update_fields=["pages"])


@case
def save_new(m, _):
    m.Book(title="Z", author_id=3, pages=1).save()


@case
def save_new_with_key(m, _):
    m.Book(pk=5, title="Z", author_id=3, pages=1).save(force_insert=True)


@case
def save_with_expression(m, _):
    book = m.Book.objects.get(title="A")
    book.pages = F("pages") + 1
    book.title = Concat(F("title"), Value("Z"))
    book.save()


@case
def save_unloaded(m, _):
    m.Author(pk=1, name="New", country_id=2).save()


@case
def move(m, _):
    book = m.Book.objects.get(title="A")
    book.author_id = 3
    book.save()


@case
def move_far_row(m, _):
    m.Author.objects.filter(name="Bob").update(country=1)


@case
def move_to_null(m, _):
    author = m.Author.objects.get(name="Ann")
    author.country = None
    author.save()


@case
def move_from_null(m, _):
    m.Author.objects.filter(pk=3).update(country_id=1)


@case
def rename_far_row(m, _):
    m.Country.objects.filter(name="Chile").update(name="Norway")


@case
def rename_joined_row(m, _):
    m.Author.objects.filter(pk=2).update(name="Ann")


@case
def create(m, _):
    m.Book.objects.create(title="A", author_id=2, for_sale=False)


@case
def update(m, _):
    m.Book.objects.filter(pages__gt=150).update(pages=F("pages") + 1, for_sale=False)


@case
def update_by_joined(m, _):
    m.Book.objects.filter(author__country__name="Norway").update(title="Z", author=2)


@case
def update_with_subquery(m, _):
    name = m.Author.objects.filter(pk=models.OuterRef("author")).values("name")[:1]
    m.Book.objects.update(title=models.Subquery(name))


@case
def update_everything(m, _):
    m.Book.objects.update(title=Upper("title"), price=Decimal("1.50"), added=Now())


@case
def update_nothing(m, _):
    m.Book.objects.filter(pk=-1).update(title="Z")


@case
def update_or_create(m, _):
    m.Book.objects.update_or_create(title="A", defaults={"pages": 9})
    m.Book.objects.update_or_create(title="Z", author_id=1, defaults={"pages": 9})


@case
def get_or_create(m, _):
    m.Book.objects.get_or_create(title="A")
    m.Book.objects.get_or_create(title="Z", author_id=1)


@case
def bulk_create(m, _):
    m.Book.objects.bulk_create([m.Book(title=title, author_id=1) for title in "AZ"])


@case
def bulk_create_one_with_key(m, _):
    m.Book.objects.bulk_create([m.Book(pk=5, title="Z", author_id=1)])


@case
def bulk_create_ignoring(m, _):
    books = [m.Book(pk=pk, title="Z", author_id=3) for pk in (1, 5)]
    m.Book.objects.bulk_create(books, ignore_conflicts=True)


@case
def bulk_create_updating(m, _):
    books = [m.Book(pk=pk, title="Z", author_id=3, pages=8) for pk in (1, 5)]
    m.Book.objects.bulk_create(
        books, update_conflicts=True, unique_fields=["id"], update_fields=["title", "author"]
    )


@case
def bulk_create_many(m, _):
    m.Book.objects.bulk_create([m.Book(title=f"M{i}", author_id=1) for i in range(300)])


@case
def bulk_update(m, _):
    books = list(m.Book.objects.filter(author=1))
    for book in books:
        book.title, book.author_id = "Z", 3
    m.Book.objects.bulk_update(books, ["title", "author"])


@case
def delete(m, _):
    m.Book.objects.get(title="B").delete()


@case
def delete_with_cascade(m, _):
    m.Author.objects.get(name="Ann").delete()


@case
def delete_setting_null(m, _):
    m.Country.objects.get(name="Norway").delete()


@case
def delete_many(m, _):
    m.Book.objects.filter(pages__lt=250).delete()


@case
def delete_fast(m, _):
    found = m.Note.objects.all()
    found._raw_delete(found.db)


@case
def add_links(m, _):
    m.Book.objects.get(title="B").tags.add(1, 3)


@case
def remove_links(m, _):
    m.Book.objects.get(title="A").tags.remove(2)


@case
def set_links(m, _):
    m.Book.objects.get(title="A").tags.set([3])


@case
def clear_links(m, _):
    m.Book.objects.get(title="A").tags.clear()


@case
def links_from_the_other_side(m, _):
    m.Tag.objects.get(name="odd").book_set.set([1, 2])


@case
def reverse_set(m, _):
    m.Author.objects.get(name="Cid").books.add(m.Book.objects.get(title="A"))


@case
def rename_tag(m, _):
    m.Tag.objects.filter(name="new").update(name="old")


@case
def generic_create(m, _):
    m.Book.objects.get(title="B").notes.create(text="good")


@case
def generic_delete(m, _):
    m.Book.objects.get(title="A").notes.all().delete()


@case
def child_save(m, _):
    novel = m.Novel.objects.get()
    novel.title, novel.genre = "Z", "love"
    novel.save()


@case
def child_create(m, _):
    m.Novel.objects.create(title="A", author_id=1, genre="crime")


@case
def child_update_of_parent(m, _):
    m.Novel.objects.filter(genre="crime").update(title="Z", author=1)


@case
def child_update_of_both(m, _):
    m.Novel.objects.update(title="Z", genre="love")


@case
def child_delete(m, _):
    m.Novel.objects.get().delete()


@case
def child_delete_keeping_parent(m, _):
    m.Novel.objects.get().delete(keep_parents=True)


@case
def parent_save(m, _):
    m.Book.objects.filter(title="N").update(title="Z", pages=5)


@case
def parent_becomes_child(m, _):
    book = m.Book.objects.get(title="B")
    novel = m.Novel(book_ptr=book, genre="crime")
    novel.save_base(raw=True)


@case
def execute(_, connection):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE library_book SET pages = pages + 1, title = 'Z' WHERE title = 'A'")


@case
def execute_with_django_quoting(_, connection):
    with connection.cursor() as cursor:
        cursor.execute(
            'UPDATE "library_book" SET pages = pages + id, title = %s WHERE id = 1', ["Z"]
        )


@case
def execute_in_lower_case(_, connection):
    with connection.cursor() as cursor:
        cursor.execute('update "library_book" set pages = pages + 1 where "title" = %s', ["A"])


@case
def execute_on_lines(_, connection):
    with connection.cursor() as cursor:
        cursor.execute('UPDATE "library_book"\nSET author_id = 3\nWHERE author_id = 1')


@case
def execute_delete(_, connection):
    with connection.cursor() as cursor:
        cursor.execute('DELETE FROM library_book_tags WHERE "tag_id" = %s', [2])


@case
def execute_insert(_, connection):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO library_author (name, country_id) VALUES ('Dan', 1), ('Ann', 2)"
        )


@case
def execute_insert_from_select(_, connection):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO library_author (name, country_id) SELECT name, 1 FROM library_country"
        )


@case
def execute_with(_, connection):
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH few AS (SELECT id FROM library_author WHERE name = 'Ann') UPDATE library_book"
            " SET title = 'Z' WHERE author_id IN (SELECT id FROM few)"
        )


@case
def executemany(_, connection):
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE library_book SET title = %s WHERE id = %s", [("Z", 1), ("Y", 2), ("A", 3)]
        )


@case
def executemany_insert(_, connection):
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO library_author (name, country_id) VALUES (%s, %s)", [("E", 1), ("F", None)]
        )


@on_postgresql
def execute_composed(_, connection):
    from psycopg import sql

    statement = sql.SQL("UPDATE {} SET {} = {} WHERE id = {}").format(
        sql.Identifier("library_book"), sql.Identifier("title"), sql.Literal("Z"), sql.Placeholder()
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [1])


@on_postgresql
def execute_bytes(_, connection):
    with connection.cursor() as cursor:
        cursor.execute(b"UPDATE library_book SET title = 'Z' WHERE id = 1")


@on_postgresql
def execute_returning(_, connection):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE library_book SET title = 'Z' WHERE id < 3 RETURNING title")
        assert cursor.fetchall() == [("Z",), ("Z",)]


@on_postgresql
def execute_writing_with(_, connection):
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH gone AS (DELETE FROM library_note RETURNING text) INSERT INTO library_author"
            " (name) SELECT text FROM gone"
        )


@on_postgresql
def execute_merge(_, connection):
    with connection.cursor() as cursor:
        cursor.execute(
            "MERGE INTO library_author a USING library_country c ON a.country_id = c.id"
            " WHEN MATCHED THEN UPDATE SET name = c.name"
        )


@on_postgresql
def truncate(_, connection):
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE library_note, library_book_tags")


@on_postgresql
def truncate_with_cascade(_, connection):
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE library_author CASCADE")


@on_postgresql
def do_block(_, connection):
    with connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN UPDATE library_book SET title = 'Z'; END $$")


@on_postgresql
def call_procedure(_, connection):
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE PROCEDURE rename_books() LANGUAGE sql AS"
            " 'UPDATE library_book SET title = ''Z'''"
        )
        cursor.execute("CALL rename_books()")


@on_postgresql
def unknown_function(_, connection):
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION renamed_books() RETURNS int LANGUAGE sql AS"
            " 'UPDATE library_book SET title = ''Z'' RETURNING 1'"
        )
        cursor.execute("SELECT renamed_books()")


@on_postgresql
def several_statements(_, connection):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE library_book SET pages = 1; UPDATE library_author SET name = 'Z'")


@case
def load_data(m, _, folder):
    rows = [
        {"model": "library.author", "pk": 1, "fields": {"name": "New", "country": 2}},
        {"model": "library.author", "pk": 9, "fields": {"name": "Nine", "country": None}},
        {
            "model": "library.book", "pk": 1,
            "fields": {
                "title": "Z", "author": 9, "tags": [3], "added": "2024-05-06T07:08:09Z",
            },
        },
    ]  # fmt: skip
    path = folder / "rows.json"
    path.write_text(json.dumps(rows))
    call_command("loaddata", str(path), verbosity=0)


@case
def partly_rolled_back(m, _):
    with transaction.atomic():
        m.Book.objects.filter(title="A").update(pages=77)
        try:
            with transaction.atomic():
                m.Book.objects.filter(title="B").update(pages=78)
                raise DeserializationError
        except DeserializationError:
            pass
        with transaction.atomic():
            m.Author.objects.filter(name="Bob").update(name="Z")


@case
def rolled_back(m, _):
    try:
        with transaction.atomic():
            m.Book.objects.update(title="Z")
            raise DatabaseError
    except DatabaseError:
        pass


@case
def manual_savepoints(m, _):
    with transaction.atomic():
        kept = transaction.savepoint()
        m.Book.objects.filter(pk=1).update(title="Z")
        transaction.savepoint_commit(kept)
        undone = transaction.savepoint()
        m.Book.objects.filter(pk=2).update(title="Y")
        transaction.savepoint_rollback(undone)


@case
def without_autocommit(m, connection):
    transaction.set_autocommit(False)
    m.Book.objects.filter(pk=1).update(title="Z")
    transaction.commit()
    m.Book.objects.filter(pk=2).update(title="Y")
    transaction.rollback()
    m.Book.objects.filter(pk=3).update(title="X")
    transaction.commit()
    transaction.set_autocommit(True)


@case
def by_statements_of_its_own(m, connection):
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        m.Book.objects.filter(pk=1).update(title="Z")
        cursor.execute("SAVEPOINT one")
        m.Book.objects.filter(pk=2).update(title="Y")
        cursor.execute("ROLLBACK TO SAVEPOINT one")
        cursor.execute("COMMIT")


@case
def undone_by_statements_of_its_own(m, connection):
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        m.Book.objects.filter(pk=1).update(title="Z")
        cursor.execute("ROLLBACK")


@on_postgresql
def begun_with_a_write(m, connection):
    with connection.cursor() as cursor:
        cursor.execute("BEGIN; UPDATE library_book SET title = 'Z' WHERE id = 1")
        cursor.execute("COMMIT")


@on_postgresql
def ended_with_a_write(m, connection):
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE library_book SET title = 'Z' WHERE id = 1")
        cursor.execute("UPDATE library_author SET name = 'Z' WHERE id = 1; COMMIT")


@on_postgresql
def chained(m, connection):
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        m.Book.objects.filter(pk=1).update(title="Z")
        cursor.execute("COMMIT AND CHAIN")
        m.Author.objects.filter(pk=1).update(name="Z")
        cursor.execute("COMMIT")


@on_postgresql
def prepared(m, connection):
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        m.Book.objects.filter(pk=1).update(title="Z")
        cursor.execute("PREPARE TRANSACTION 'one'")
        cursor.execute("COMMIT PREPARED 'one'")


@case
def add_column(m, connection):
    new = models.IntegerField(default=0)
    new.set_attributes_from_name("edition")
    with connection.schema_editor() as editor:
        editor.add_field(m.Tag, new)
    with connection.schema_editor() as editor:
        editor.remove_field(m.Tag, new)


@case
def flush(m, connection):
    del m, connection
    call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)
