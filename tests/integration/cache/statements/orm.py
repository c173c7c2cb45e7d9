"""Operations of the ORM, on models of its own, that use most of the SQL it can write."""

import sys
from pathlib import Path
from types import ModuleType
from urllib.parse import parse_qsl, unquote, urlparse


def configure(url):
    import django
    from django.conf import settings  # noqa: TID251 -- configures a Django of its own

    if url.startswith("postgres"):
        parts = urlparse(url)
        database = {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": dict(parse_qsl(parts.query)).get("host", parts.hostname),
            "PORT": parts.port or "",
        }
    else:
        database = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    shelf = ModuleType("shelf")  # the application of the models below
    shelf.__path__ = [str(Path(__file__).parent / "shelf")]
    sys.modules["shelf"] = shelf
    apps = ["auth", "contenttypes", "sessions", "postgres", "admin", "messages"]
    settings.configure(
        DATABASES={"default": database},
        INSTALLED_APPS=["shelf", *(f"django.contrib.{app}" for app in apps)],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        TIME_ZONE="Europe/Paris",
    )
    django.setup()


def define_models():
    from django.db import models

    class Author(models.Model):
        name = models.CharField(max_length=40, unique=True)
        born = models.DateField(null=True)

        class Meta:
            app_label = "shelf"

    class Book(models.Model):
        title = models.CharField(max_length=40, db_index=True)
        author = models.ForeignKey(Author, models.CASCADE, related_name="books")
        readers = models.ManyToManyField(Author, related_name="read")
        parent = models.ForeignKey("self", models.SET_NULL, null=True)
        price = models.DecimalField(max_digits=8, decimal_places=2, default=1)
        pages = models.IntegerField(default=1)
        at = models.DateTimeField(null=True)
        span = models.DurationField(null=True)
        data = models.JSONField(default=dict)

        class Meta:
            app_label = "shelf"
            constraints = (
                models.CheckConstraint(condition=models.Q(pages__gte=0), name="pages"),
                models.UniqueConstraint(fields=["title", "author"], name="one"),
            )

    class Novel(Book):
        genre = models.CharField(max_length=9, default="")

        class Meta:
            app_label = "shelf"

    return Author, Book, Novel


def run_everything():
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    models = define_models()
    with connection.schema_editor() as editor:
        for model in models:
            editor.create_model(model)
    for operation in (write, read, compute, call_functions, lock, change_schema, look_around):
        operation(*models)
    if connection.vendor == "postgresql":
        use_postgresql(*models)
    call_command("flush", verbosity=0, interactive=False)


def write(author, book, novel):
    from datetime import timedelta

    from django.db import connection, models, transaction
    from django.utils import timezone

    now = timezone.now()
    ann = author.objects.create(name="Ann", born=now.date())
    bob = author.objects.create(name="Bob")
    author.objects.get_or_create(name="Eve")
    author.objects.update_or_create(name="Eve", defaults={"born": now.date()})
    books = book.objects.bulk_create(
        book(title=f"b{i}", author=ann, at=now, span=timedelta(1), data={"a": [i]})
        for i in range(4)
    )
    book.objects.bulk_create(books[:2], ignore_conflicts=True)
    book.objects.bulk_create(
        [book(title="b1", author=ann, pages=9)],
        update_conflicts=True,
        update_fields=["pages"],
        unique_fields=["title", "author"],
    )
    books[0].pages = 7
    book.objects.bulk_update(books, ["pages", "data", "at"])
    book.objects.filter(author__name="Ann").update(pages=models.F("pages") + 1)
    newest = author.objects.order_by("-id").values("id")[:1]
    book.objects.update(author=models.Subquery(newest))
    books[0].refresh_from_db()
    books[0].pages = models.F("pages") * 2
    books[0].save()
    books[0].readers.add(ann, bob)
    books[0].readers.set([bob])
    books[0].readers.clear()
    novel.objects.create(title="n", author=bob, genre="x").save()
    novel.objects.filter(genre="x").update(genre="y", pages=3)
    with transaction.atomic(), transaction.atomic():
        bob.save()
        connection.check_constraints()
    book.objects.filter(parent__author__name="Nobody").delete()
    book.objects.filter(pk__in=book.objects.filter(pages=77)).delete()
    novel.objects.all().delete()
    bob.delete()


def read(author, book, novel):
    from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Prefetch, Q, Subquery

    mine = book.objects.filter(author=OuterRef("pk"))
    for queryset in (
        book.objects.select_related("author", "parent__author").filter(Q(pages=1) | ~Q(pages=2)),
        book.objects.prefetch_related("readers", Prefetch("parent", novel.objects.all())),
        book.objects.values("author__name").annotate(n=Count("id")).filter(n__gt=0),
        book.objects.values_list("title", flat=True).distinct().order_by("-pages", "?")[1:3],
        author.objects.annotate(has=Exists(mine)).filter(has=True),
        author.objects.annotate(top=Subquery(mine.order_by("pages").values("title")[:1])),
        author.objects.annotate(
            few=FilteredRelation("books", condition=Q(books__pages__gt=1))
        ).filter(few__title="x"),
        book.objects.filter(pages=1).union(book.objects.filter(pages=2), all=True),
        book.objects.filter(pages=1).intersection(book.objects.filter(pages=2)),
        book.objects.filter(pages=1).difference(book.objects.filter(pages=2)).order_by("title"),
        book.objects.filter(author__in=author.objects.exclude(books__title="x").values("pk")),
        book.objects.filter(data__a__0=1, data__has_key="a").exclude(data__a="x"),
        book.objects.filter(at__year=2020, at__week_day=2, at__date__lt="2020-01-01"),
        book.objects.filter(title__regex="^x", title__icontains="50%", title__iexact="x"),
        book.objects.filter(pages__in=[1, 2], pages__range=(1, 3), parent__isnull=True),
        book.objects.alias(x=F("pages") % 2).filter(x=1).only("title"),
        book.objects.dates("at", "month"),
        book.objects.datetimes("at", "hour"),
        novel.objects.select_related("book_ptr").defer("title"),
        book.objects.none() | book.objects.filter(title="x"),
    ):
        list(queryset)
    book.objects.count()
    book.objects.filter(pages__gt=1).exists()
    book.objects.in_bulk([1, 2])
    list(book.objects.iterator(chunk_size=2))
    book.objects.filter(pages=1).explain()
    list(book.objects.raw("SELECT * FROM shelf_book WHERE pages = %s", [1]))


def compute(author, book, _):
    from django.db import models
    from django.db.models import (
        Avg,
        Case,
        Count,
        F,
        Max,
        Q,
        StdDev,
        Sum,
        Value,
        Variance,
        When,
        Window,
    )
    from django.db.models.functions import Lag, Ntile, PercentRank, Rank, RowNumber

    book.objects.aggregate(
        Avg("pages"), Sum("price"), Max("title"), StdDev("pages"), Variance("pages", sample=True),
        n=Count("author", distinct=True, filter=Q(pages=1)),
    )  # fmt: skip
    book.objects.annotate(n=Count("readers")).aggregate(Sum("n"))
    window = {"partition_by": F("author"), "order_by": F("pages").desc(nulls_last=True)}
    frame = models.RowRange(start=-1, end=1)
    for expression in (
        Window(RowNumber(), **window), Window(Rank(), **window), Window(Lag("pages"), **window),
        Window(Ntile(2), **window), Window(PercentRank(), **window),
        Window(Sum("pages"), frame=frame, **window),
        Case(When(pages__gt=1, then=Value("x")), default=F("title")),
        F("at") + F("span"), F("at") - F("at"), F("pages").bitand(1), F("pages") ** 2,
        models.ExpressionWrapper(Q(pages=1), models.BooleanField()),
    ):  # fmt: skip
        list(book.objects.annotate(x=expression).values("x"))
    list(book.objects.annotate(x=Window(RowNumber(), **window)).filter(x=1))
    list(author.objects.annotate(x=Sum("books__pages")).order_by("x")[:1])


def call_functions(_, book, __):
    from django.db.models import F, FloatField, Value
    from django.db.models import functions as f

    number, text, time = F("pages"), F("title"), F("at")
    one = [f.Abs, f.Ceil, f.Cos, f.Degrees, f.Exp, f.Floor, f.Ln, f.Radians, f.Round, f.Sign,
           f.Sin, f.Sqrt, f.Tan, f.ATan, f.Cot]  # fmt: skip
    words = [f.Lower, f.Upper, f.Length, f.MD5, f.Trim, f.LTrim, f.RTrim,
             f.Reverse, f.Ord]  # fmt: skip
    parts = [f.ExtractYear, f.ExtractIsoYear, f.ExtractMonth, f.ExtractDay, f.ExtractWeek,
             f.ExtractWeekDay, f.ExtractQuarter, f.ExtractHour, f.ExtractMinute, f.ExtractSecond,
             f.TruncYear, f.TruncMonth, f.TruncWeek, f.TruncDay, f.TruncHour, f.TruncDate,
             f.TruncTime, f.TruncQuarter]  # fmt: skip
    expressions = [
        *(each(number) for each in one), *(each(text) for each in words),
        *(each(time) for each in parts),
        f.Cast("pages", FloatField()), f.Coalesce("title", Value("x")),
        f.Concat("title", Value("x")),
        f.Greatest("pages", 2), f.Least("pages", 2), f.Left("title", 1), f.Right("title", 1),
        f.LPad("title", 9, Value("x")), f.RPad("title", 9), f.Mod("pages", 2), f.NullIf("pages", 1),
        f.Power("pages", 2), f.Repeat("title", 2), f.Replace("title", Value("a"), Value("b")),
        f.StrIndex("title", Value("b")), f.Substr("title", 1, 2), f.JSONObject(a="title"),
        f.Chr(Value(65)), f.Collate("title", "C" if vendor() == "postgresql" else "nocase"),
        f.Log(2, "pages"), f.Pi(), f.Random(), f.Now(),
    ]  # fmt: skip
    for expression in expressions:
        list(book.objects.filter(pages__gt=0).annotate(x=expression).values("x"))


def vendor():
    from django.db import connection

    return connection.vendor


def lock(_, book, __):
    from django.db import transaction

    with transaction.atomic():
        list(book.objects.select_for_update())
        if vendor() == "postgresql":
            list(book.objects.select_for_update(skip_locked=True, of=("self",), no_key=True))


def change_schema(author, book, _):
    from django.db import connection, models

    field = models.IntegerField(default=5, db_index=True)
    field.set_attributes_from_name("extra")
    wider = models.CharField(max_length=90, default="x")
    wider.set_attributes_from_name("extra")
    index = models.Index(fields=["title", "-pages"], name="both", condition=models.Q(pages=1))
    unique = models.UniqueConstraint(models.functions.Lower("title"), name="low")
    with connection.schema_editor() as editor:
        field.model = wider.model = author
        editor.add_field(author, field)
        editor.alter_field(author, field, wider)
        editor.add_index(book, index)
        editor.remove_index(book, index)
        editor.add_constraint(book, unique)
        editor.remove_constraint(book, unique)
        editor.remove_field(author, wider)
        editor.alter_db_table(author, "shelf_author", "shelf_writer")
        editor.alter_db_table(author, "shelf_writer", "shelf_author")


def look_around(*models):
    from django.db import connection

    with connection.cursor() as cursor:
        look = connection.introspection
        for table in look.get_table_list(cursor):
            look.get_table_description(cursor, table.name)
            look.get_constraints(cursor, table.name)
            look.get_relations(cursor, table.name)
            look.get_sequences(cursor, table.name)
        for sql in connection.ops.sequence_reset_sql(_style(), models):
            cursor.execute(sql)


def _style():
    from django.core.management.color import no_style

    return no_style()


def use_postgresql(_, book, __):
    from django.contrib.postgres import aggregates, search
    from django.contrib.postgres.fields import ArrayField
    from django.contrib.postgres.functions import RandomUUID, TransactionNow
    from django.db import connection, models

    vector = search.SearchVector("title", weight="A", config="english")
    query = search.SearchQuery("x", search_type="websearch") & ~search.SearchQuery("y")
    for queryset in (
        book.objects.annotate(v=vector).filter(v=query),
        book.objects.annotate(x=search.SearchRank(vector, query, cover_density=True)),
        book.objects.annotate(x=search.SearchHeadline("title", query)),
        book.objects.values("author").annotate(
            x=aggregates.ArrayAgg("title", ordering="pages", distinct=False),
            y=aggregates.StringAgg("title", delimiter=","), z=aggregates.JSONBAgg("pages"),
            u=aggregates.BoolAnd(models.Q(pages=1)), w=aggregates.Corr("pages", "pages"),
        ),
        book.objects.annotate(x=RandomUUID(), y=TransactionNow()),
        book.objects.annotate(
            x=models.Value([1, 2], ArrayField(models.IntegerField()))
        ).filter(x__contains=[1], x__len=2),
        book.objects.order_by("author", "pages").distinct("author"),
        book.objects.filter(data__contains={"a": 1}, data__has_any_keys=["a", "b"]),
    ):  # fmt: skip
        list(queryset)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
