"""What is said of a query is what the cache does with it."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Avg, F, Func, Prefetch
from django.db.models.functions import Now
from django.test.utils import override_settings

from praxis.announcements import BypassReason
from praxis.cache import explain, explain_sql
from tests.integration.cache.points import is_hit


def command(*words, **options):
    out = io.StringIO()
    call_command("praxis_cache", *words, stdout=out, **options)
    return out.getvalue()


CACHED = {
    "by key": lambda m: m.Book.objects.filter(pk=7),
    "two columns": lambda m: m.Book.objects.filter(author=3, for_sale=True),
    "keys": lambda m: m.Book.objects.filter(pk__in=range(1, 9)),
    "null": lambda m: m.Author.objects.filter(country=None),
    "joined": lambda m: m.Book.objects.filter(pk=7).select_related("author"),
    "values": lambda m: m.Book.objects.values("author").annotate(Avg("pages")),
    "asked": lambda m: m.Visit.objects.all().cached(ttl_s=60),
    "raw": lambda m: m.Book.objects.raw("SELECT * FROM library_book WHERE id = %s", [1]),
}
NOT_CACHED = {
    "time": lambda m: m.Book.objects.filter(added__lt=Now()),
    "chance": lambda m: m.Book.objects.order_by("?"),
    "uncached": lambda m: m.Book.objects.all().uncached(),
    "raw uncached": lambda m: m.Book.objects.raw("SELECT * FROM library_book").uncached(),
    "not automatic": lambda m: m.Visit.objects.all(),
}


@pytest.mark.parametrize("name", CACHED)
def test_what_is_said_to_be_cached_is(library, connection, name):
    make = CACHED[name]
    found = explain(make(library))
    assert found.is_cached
    [*make(library)]
    assert is_hit(connection, lambda: [*make(library)])


@pytest.mark.parametrize("name", NOT_CACHED)
def test_what_is_said_not_to_be_cached_is_not(library, connection, name):
    make = NOT_CACHED[name]
    found = explain(make(library))
    assert found.reason is not None
    assert found.to_do
    [*make(library)]
    assert not is_hit(connection, lambda: [*make(library)])


def test_locks_are_told_outside_of_transactions_too(library, vendor):
    found = explain(library.Book.objects.select_for_update())
    assert found.reason is (BypassReason.LOCKS if vendor == "postgresql" else None)


SHAPES = {
    "union": lambda m: m.Book.objects.filter(pk=1).union(m.Book.objects.filter(pk=2)),
    "slice": lambda m: m.Book.objects.order_by("pk")[1:3],
    "distinct": lambda m: m.Book.objects.values("author").distinct(),
    "parent": lambda m: m.Novel.objects.filter(genre="crime"),
    "many to many": lambda m: m.Book.objects.get(pk=1).tags.all(),
    "subquery": lambda m: m.Author.objects.filter(books__in=m.Book.objects.filter(pages__gt=1)),
}


@pytest.mark.parametrize("name", SHAPES)
def test_queries_of_every_shape_can_be_explained(library, connection, name):
    make = SHAPES[name]
    assert explain(make(library)).is_cached
    [*make(library)]
    queryset = make(library)
    assert is_hit(connection, lambda: [*queryset])


def test_nothing_is_asked(library, connection, django_assert_num_queries):
    with django_assert_num_queries(0, connection=connection):
        explain(library.Book.objects.filter(author__name="Ann").select_related("author"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("by key", ["library_book: rows where id = 7"]),
        ("two columns", ["library_book: rows where author_id = 3 and for_sale = 1"]),
        ("keys", ["library_book: rows where id is one of 1, 2, 3, 4, 5 and 3 more"]),
        ("null", ["library_author: rows where country_id is NULL"]),
        ("joined", ["library_author: rows whose id is in the result",
                    "library_book: rows where id = 7"]),
        ("values", ["library_book: any row"]),
    ],
)  # fmt: skip
def test_dependencies_are_told_in_words(library, name, said):
    assert sorted(explain(CACHED[name](library)).dependencies) == said


def test_the_shortest_time_decides_and_its_entry_is_named(library, hooked, servers):
    models = {"library.author": {"ttl_s": 60}, "library.*": {"ttl_s": 600}}
    praxis = {"cache": {"models": models}, "redis": {"url": servers.redis.url}}
    with override_settings(PRAXIS=praxis):
        both = explain(library.Book.objects.select_related("author"))
        one = explain(library.Book.objects.all())
        asked = explain(library.Book.objects.all().cached(ttl_s=5))
    assert (both.ttl_s, both.decided_by) == (60, 'PRAXIS["cache"]["models"]["library.author"]')
    assert (one.ttl_s, one.decided_by) == (600, 'PRAXIS["cache"]["models"]["library.*"]')
    assert (asked.ttl_s, asked.decided_by) == (5, "cached()")


def test_a_table_that_is_not_watched_is_told_with_what_to_add(library):
    from django.contrib.auth.models import Group, Permission

    plain = explain(Group.objects.all())
    assert plain.reason is BypassReason.UNWATCHED_TABLE
    assert '"auth.group"' in plain.to_do
    joined = explain(Permission.objects.select_related("content_type"))
    assert '"auth.permission"' in joined.to_do
    assert "contenttypes" not in joined.to_do
    link = explain(Group.permissions.through.objects.all())
    assert '"auth.group"' in link.to_do
    assert "no model's table" in explain_sql("SELECT * FROM elsewhere").to_do


@pytest.mark.only("postgresql")
def test_the_transaction_that_it_is_asked_in_counts(library):
    with transaction.atomic():
        assert explain(library.Book.objects.all()).is_cached
        library.Book.objects.update(pages=1)
        assert explain(library.Book.objects.all()).reason is BypassReason.OWN_WRITE
        assert explain(library.Tag.objects.all()).is_cached


def test_a_transaction_of_sqlite_is_told(library, vendor):
    with transaction.atomic():
        found = explain(library.Book.objects.all())
    assert found.reason is (None if vendor == "postgresql" else BypassReason.SNAPSHOT)


def test_functions_that_are_not_known_are_named(library):
    found = explain(library.Book.objects.annotate(x=Func(F("pages"), function="mine")))
    assert found.reason is BypassReason.NOT_A_READ
    assert "mine" in found.to_do


def test_a_query_that_is_never_made_is_told(library):
    found = explain(library.Book.objects.none())
    assert not found.is_cached
    assert "no rows" in str(found)


def test_prefetches_are_named(library):
    books = library.Book.objects.prefetch_related("tags", Prefetch("notes"))
    assert "tags, notes" in str(explain(books))


def test_where_nothing_is_cached_it_says_so(library, hooked, servers):
    with override_settings(PRAXIS={"redis": {"url": servers.redis.url}}):
        found = explain(library.Book.objects.all())
    assert found.reason is BypassReason.OFF
    assert 'PRAXIS["cache"]["models"]' in found.to_do


def test_explaining_changes_nothing_of_the_queryset(library):
    books = library.Book.objects.filter(author__name="Ann")
    before = str(books.query)
    explain(books)
    assert str(books.query) == before
    assert [book.title for book in books.filter(author__pk=1)] == ["A", "B"]


def test_the_command_prints_it(library):
    told = command("explain", "Book.objects.filter(author=3).select_related('author')")
    assert told.startswith('SELECT "library_book"')
    assert 'Cached for 3600 s at most, as PRAXIS["cache"]["models"]["library.*"] says.' in told
    assert "  - library_book: rows where author_id = 3\n" in told
    assert command("explain", "Book.objects") == command("explain", "Book.objects.all()")
    assert "Not cached: it depends on time" in command("explain", "Book.objects.order_by('?')")


def test_the_command_takes_texts(library):
    told = command("explain", "--sql", "SELECT id FROM library_book WHERE id = 7")
    assert "library_book: rows where id = 7" in told


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("Book.objects.filter(author=1).count()", "library_book: rows of one author_id"),
        ("library.Book.objects.get(pk=1)", "library_book: rows of one id"),
        ("[b.author.name for b in Book.objects.all()]", "library_author: rows of one id"),
        ("Visit.objects.count()", "Not cached: its model is cached only"),
        ("Book.objects.aggregate(Avg('pages'))", "library_book: any row"),
    ],
)
def test_the_command_tells_of_the_queries_that_an_expression_makes(library, expression, said):
    assert said in command("explain", expression)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["Book.objects.all().delete()"], "about to write"),
        (["Book.objects.filter(nothing=1)"], "FieldError"),
        (["Boook.objects.all()"], "NameError"),
        (["Book.objects.annotate(a=Sum(Sum('pages')))"], "FieldError"),
        (["Book.objects.union(Author.objects.all()).filter(pk=1)"], "NotSupportedError"),
        (["1 + 1"], "Give it a queryset"),
        ([], "Give a query"),
        (["Book.objects.all()", "--database", "defalt"], "Did you mean 'default'?"),
    ],
)
def test_the_command_says_what_is_wrong(library, words, said):
    with pytest.raises(CommandError) as told:
        command("explain", *words)
    assert said in str(told.value)
    assert library.Book.objects.count() == 4


def test_a_refused_write_leaves_no_mark(library, connection):
    with pytest.raises(CommandError):
        command("explain", "Book.objects.all().delete()")
    [*library.Book.objects.all()]
    assert is_hit(connection, lambda: [*library.Book.objects.all()])


@pytest.fixture
def two_of_a_name(library):
    library.Tag.__name__ = "Group"
    yield
    library.Tag.__name__ = "Tag"


def test_a_name_that_two_models_have_is_told(library, two_of_a_name):
    with pytest.raises(CommandError, match=r"Group may be .*auth\.Group.*: write it so"):
        command("explain", "Group.objects.all()")
    assert "auth_group" in command("explain", "auth.Group.objects.all()")
