"""What a result depends on besides its tables: types, time zones, search paths, chance, locks."""

import datetime as dt
import decimal
import uuid
import zoneinfo
from importlib import import_module

import pytest
from asgiref.sync import async_to_sync
from django.db import connection as current
from django.db import connections, models, transaction
from django.db.models import ExpressionWrapper, F, Func, Value
from django.db.models.functions import Cast, Extract, Now, Random, TruncDay
from django.db.transaction import TransactionManagementError
from django.test.utils import override_settings
from django.utils import timezone

from praxis.cache.hooks.queries import bypass
from tests.integration.another_database import using
from tests.integration.cache.points import elsewhere, is_hit, queries, warm


def test_values_of_different_types_are_told_apart(library, connection):
    def ask(value, field=None):
        shown = library.Book.objects.annotate(v=Value(value, output_field=field)).order_by("pk")
        return repr(shown.values_list("v", flat=True).first())

    cases = [
        (1, None), (True, None), ("1", None), (decimal.Decimal(1), None), (1.0, None),
        (decimal.Decimal("1.0"), None), (False, None), (0, None), ("", None),
        ("True", None), (dt.date(2024, 1, 1), None), ("2024-01-01", None),
        (dt.datetime(2024, 1, 1, tzinfo=dt.UTC), None), (b"1", models.BinaryField()),
        (uuid.UUID(int=1), None), (str(uuid.UUID(int=1)), None), (dt.timedelta(1), None),
    ]  # fmt: skip
    first = [ask(*case) for case in cases]
    assert [ask(*case) for case in cases] == first
    with bypass():
        assert [ask(*case) for case in cases] == first


@pytest.mark.only("postgresql")
def test_values_inside_of_lists_are_told_apart(library, connection):
    class Array(Func):
        template = "pg_typeof(%(expressions)s)::text"

    def ask(value):
        shown = library.Book.objects.annotate(
            v=Array(Value(value, output_field=models.Field()), output_field=models.CharField())
        )
        return shown.values_list("v", flat=True).first()

    cases = [["1"], [decimal.Decimal(1)], [1], [1.0], [True], [dt.date(2024, 1, 1)], ["2024-01-01"]]
    first = [ask(case) for case in cases]
    assert len(set(first)) >= 5
    assert [ask(case) for case in cases] == first


def test_every_type_of_column_comes_back_as_it_was(library, connection):
    def read():
        return list(library.Book.objects.order_by("pk").values_list())

    with bypass():
        plain = read()
    warm(connection, read)
    again = read()
    assert again == plain
    assert [list(map(type, row)) for row in again] == [list(map(type, row)) for row in plain]


@pytest.mark.only("postgresql")
@pytest.mark.parametrize(
    "sql",
    [
        "int4range(1, 5)", "ARRAY[1, 2]", "ARRAY[1.5::numeric]", "'{\"a\": 1}'::jsonb",
        "point(1, 2)::text", "'12:00+02'::timetz", "'1 day 2 hours'::interval",
        "'1900-01-01 00:00+00'::timestamptz", "'2024-10-27 00:30+00'::timestamptz",
        "'2024-10-27 01:30+00'::timestamptz", "10::numeric ^ 40", "'NaN'::numeric",
        "'NaN'::float8::text", "'\\x00ff'::bytea", "1e300::float8", "NULL::int",
        "'127.0.0.1'::inet", "true", "'12:00:00.5'::time", "row(1, 'a')::text", "2::numeric ^ 70",
        "'-Infinity'::float8", "''::text", "'\u00e9\u4e2d\U0001f600'",
    ],
)  # fmt: skip
def test_every_type_of_postgresql_is_kept_as_it_is_or_not_at_all(library, connection, sql, caplog):
    class Raw(models.Expression):
        output_field = models.Field()

        def as_sql(self, *_):
            return sql, ()

    def read():
        return library.Country.objects.annotate(v=Raw()).values_list("v", flat=True).first()

    with bypass():
        plain = read()
    for _ in range(3):
        again = read()
        assert again == plain or again != again
        assert type(again) is type(plain)
    if isinstance(plain, dt.datetime):
        assert again.utcoffset() == plain.utcoffset()


def test_time_and_chance_are_never_kept(library, connection):
    def unkept(read):
        read()
        return not is_hit(connection, read)

    books = library.Book.objects
    assert unkept(lambda: list(books.annotate(now=Now())))
    assert unkept(lambda: list(books.filter(added__lt=Now())))
    assert unkept(lambda: books.filter(added__lt=Now() - dt.timedelta(days=1)).count())
    assert unkept(lambda: list(books.annotate(chance=Random()).values_list("chance")))
    assert unkept(lambda: list(books.order_by("?")))
    age = ExpressionWrapper(Now() - F("added"), models.DurationField())
    assert unkept(lambda: list(books.annotate(age=age)))


def test_rows_that_are_locked_are_never_kept(library, connection):
    def read():
        with transaction.atomic():
            return library.Book.objects.select_for_update().get(pk=1).title

    read()
    if connection.vendor == "postgresql":
        assert any("FOR UPDATE" in sql for sql in queries(connection, read)[1])
        assert any(
            "FOR UPDATE" in sql
            for sql in queries(
                connection, lambda: library.Book.objects.get_or_create(pk=1) and read()
            )[1]
        )


def test_a_plan_is_never_kept(library, connection):
    books = library.Book.objects.filter(pk=1)
    books.explain()
    assert not is_hit(connection, books.explain)


def test_the_zone_of_the_project_decides_what_day_it_is(library, connection):
    def days():
        return list(
            library.Book.objects.annotate(d=TruncDay("added"), h=Extract("added", "hour"))
            .order_by("pk")
            .values_list("d", "h")
        )

    found = {}
    for name in ("UTC", "Asia/Tokyo", "America/New_York"):
        with timezone.override(zoneinfo.ZoneInfo(name)):
            found[name] = repr(warm(connection, days))
    assert len(set(found.values())) == 3


def test_the_zone_of_the_connection_is_that_of_the_times(database, library):
    def times():
        cast = Cast("added", models.TextField())
        return [
            (repr(added), text)
            for added, text in library.Book.objects.annotate(t=cast)
            .order_by("pk")
            .values_list("added", "t")
        ]

    found = []
    for name in ("UTC", "Asia/Tokyo", None):
        with using(database | {"TIME_ZONE": name}) as connection:
            with bypass():
                plain = times()
            assert warm(connection, times) == plain
            found.append(times())
    assert found[0] != found[1] != found[2]


def test_without_zones_times_are_naive(library, connection):
    def times():
        return [repr(added) for added in library.Book.objects.values_list("added", flat=True)]

    aware = warm(connection, times)
    with override_settings(USE_TZ=False):
        connection.close()
        del connections["default"]
        naive = times(), times()
        connections["default"].close()
        del connections["default"]
    assert naive[0] == naive[1] != aware
    assert times() == aware


@pytest.fixture
def tenants(library, connection):
    """Another schema with a table of the same name."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA tenant")
        cursor.execute("CREATE TABLE tenant.library_book (LIKE library_book INCLUDING ALL)")
        cursor.execute(
            "CREATE FUNCTION be_tenant() RETURNS text LANGUAGE sql AS"
            " $$ SELECT set_config('search_path', 'tenant,public', false) $$"
        )
    yield
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA tenant CASCADE")
        cursor.execute("DROP FUNCTION be_tenant()")
    connection.close()


@pytest.mark.only("postgresql")
@pytest.mark.parametrize(
    "change",
    [
        "SET search_path = tenant, public",
        "SET SESSION search_path TO tenant, public",
        "SELECT set_config('search_path', 'tenant,public', false)",
        "SELECT pg_catalog.set_config('search_path', 'tenant,public', false)",
        "SELECT be_tenant()",
        "DO $$ BEGIN PERFORM be_tenant(); END $$",
        "SET search_path = tenant, public; SELECT 1",
        "UPDATE library_tag SET name = 'x'; SET search_path = tenant, public",
    ],
)
def test_another_search_path_finds_other_rows(library, connection, tenants, change):
    def count():
        return library.Book.objects.count()

    warm(connection, count)

    def as_tenant():
        with current.cursor() as cursor:
            cursor.execute(change)
        return count(), count()

    assert elsewhere(as_tenant) == (0, 0)
    assert count() == 4
    assert as_tenant() == (0, 0)
    assert elsewhere(count) == 4
    connection.close()
    assert count() == 4


@pytest.mark.only("postgresql")
def test_a_local_search_path_ends_with_its_transaction(library, connection, tenants):
    def count():
        return library.Book.objects.count()

    warm(connection, count)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL search_path = tenant, public")
        assert count() == count() == 0
    assert count() == 4
    assert elsewhere(count) == 4


@pytest.mark.only("postgresql")
def test_a_pool_hands_a_changed_session_to_others(database, library, tenants):
    def count():
        return library.Book.objects.count()

    options = {"OPTIONS": {"pool": {"min_size": 1, "max_size": 1}}}
    with using(database | options) as connection:
        count(), count()
        with connection.cursor() as cursor:
            cursor.execute("SET search_path = tenant, public")
        assert count() == 0
        connection.close()
        assert elsewhere(count) == 0  # plain Django finds the same
        connection.close_pool()
    assert elsewhere(count) == 4


def test_another_database_under_one_alias_is_another(database, library, servers, vendor, tmp_path):
    def count():
        return library.Country.objects.count()

    count(), count()
    if vendor == "postgresql":
        other = servers.postgres.database("another").django_settings()
    else:
        other = database | {"NAME": str(tmp_path / "another.sqlite3")}
    with using(other) as connection:
        with connection.schema_editor() as editor:
            editor.create_model(library.Country)
        assert count() == 0
        library.Country.objects.create(name="x")
        assert count() == 1
    assert count() == 2


def test_two_aliases_of_one_database_are_one(database, library, connection):
    full = connections.configure_settings({"default": dict(database)})["default"]
    connections.settings["second"] = full
    try:

        def get(alias):
            return library.Book.objects.using(alias).get(pk=1).title

        assert get("default") == get("second") == get("second") == "A"
        library.Book.objects.filter(pk=1).update(title="Z")
        assert get("second") == "Z"
        library.Book.objects.using("second").filter(pk=1).update(title="Y")
        assert get("default") == get("second") == "Y"
    finally:
        connections["second"].close()
        del connections["second"], connections.settings["second"]


@pytest.mark.only("sqlite")
def test_a_database_in_memory_is_nobody_elses(database, library):
    with using(database | {"NAME": ":memory:"}) as connection:
        with connection.schema_editor() as editor:
            editor.create_model(library.Country)
        assert library.Country.objects.count() == 0
        assert not is_hit(connection, library.Country.objects.count)


def test_coroutines_are_answered_from_the_cache(library, connection):
    async def read():
        books = library.Book.objects
        return (
            (await books.aget(pk=1)).title,
            (await books.order_by("pk").afirst()).title,
            await books.acount(),
            await books.filter(pk=1).aexists(),
            [book.title async for book in books.order_by("pk")],
            await books.aaggregate(models.Sum("pages")),
        )

    ask = async_to_sync(read)
    warm(connection, ask)

    async def write():
        book = await library.Book.objects.aget(pk=1)
        book.title = "Z"
        await book.asave()
        await library.Book.objects.filter(pk=2).aupdate(pages=1)

    async_to_sync(write)()
    with bypass():
        fresh = ask()
    assert ask() == ask() == elsewhere(ask) == fresh
    assert fresh[0] == "Z"


def test_many_coroutines_at_once(library, connection):
    import asyncio

    async def one(turn):
        if turn % 5 == 0:
            await library.Book.objects.filter(pk=1).aupdate(pages=turn)
            return (await library.Book.objects.aget(pk=1)).pages == turn
        return (await library.Book.objects.aget(pk=2)).title == "B"

    async def all_at_once():
        return [await task for task in [asyncio.ensure_future(one(turn)) for turn in range(1, 4)]]

    assert all(async_to_sync(all_at_once)())


def test_models_that_are_not_automatic_are_not_kept(library, connection):
    visits = library.Visit.objects
    visits.count()
    assert not is_hit(connection, visits.count)


def test_raw_querysets_are_right(library, connection):
    def read():
        raw = library.Book.objects.raw("SELECT * FROM library_book WHERE id = %s", [1])
        return [book.title for book in raw]

    assert read() == read() == ["A"]
    library.Book.objects.filter(pk=1).update(title="Z")
    assert read() == ["Z"]


def test_the_models_module_is_the_one_of_the_app(library):
    assert import_module("tests.integration.cache.library.models") is library


@pytest.mark.only("postgresql")
def test_another_user_or_search_path_is_answered_for_itself(database, library, tenants):
    def count():
        return library.Book.objects.count()

    assert count() == count() == 4
    options = database.get("OPTIONS", {}) | {"options": "-c search_path=tenant,public"}
    with using(database | {"OPTIONS": options}):
        assert count() == 0
    assert count() == 4


def test_a_broken_transaction_answers_nothing_from_the_cache(connection, library):
    def get():
        return library.Book.objects.get(pk=1)

    get(), get()
    with pytest.raises(TransactionManagementError), transaction.atomic():
        transaction.set_rollback(True)
        get()
