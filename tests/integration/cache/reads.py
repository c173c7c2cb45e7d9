"""Reads of every shape, each of them a function of the models; the answers can be compared."""

import datetime as dt

from asgiref.sync import async_to_sync
from django.db.models import (
    Avg,
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import Lower, Rank, TruncMonth, Upper

CASES = {}
#: Those that the database has to answer each time.
UNCACHED = {"uncached_table"}


def case(read):
    CASES[read.__name__] = read
    return read


def rows(books):
    return [(book.pk, book.title, book.author_id, book.pages, book.price) for book in books]


@case
def get_by_key(m):
    return [m.Book.objects.filter(pk=pk).values_list().first() for pk in range(1, 8)]


@case
def get_by_title(m):
    return [rows(m.Book.objects.filter(title=title)) for title in ("A", "B", "C", "N", "Z")]


@case
def get_or_none(m):
    found = []
    for pk in (1, 2, 999):
        try:
            found.append(rows([m.Book.objects.get(pk=pk)]))
        except m.Book.DoesNotExist:
            found.append(None)
    return found


@case
def everything(m):
    return rows(m.Book.objects.order_by("pk"))


@case
def by_foreign_key(m):
    return [rows(m.Book.objects.filter(author=pk).order_by("pk")) for pk in (1, 2, 3)]


@case
def by_two_columns(m):
    return [
        rows(m.Book.objects.filter(author=pk, for_sale=sale).order_by("pk"))
        for pk in (1, 2)
        for sale in (True, False)
    ]


@case
def by_null(m):
    return list(m.Author.objects.filter(country=None).order_by("pk").values_list())


@case
def by_not_null(m):
    return list(m.Author.objects.filter(country__isnull=False).order_by("pk").values_list())


@case
def by_bare_truth(m):
    sold = m.Book.objects.order_by("pk")
    return rows(sold.filter(for_sale=True)), rows(sold.exclude(for_sale=True))


@case
def by_keys(m):
    return rows(m.Book.objects.filter(pk__in=[1, 3, 5, 6]).order_by("pk"))


@case
def by_titles(m):
    return rows(m.Book.objects.filter(title__in=["A", "C", "Z"]).order_by("pk"))


@case
def by_uuid(m):
    return [
        m.Book.objects.filter(key=key).count()
        for key in m.Book.objects.order_by("pk").values_list("key", flat=True)
    ]


@case
def by_decimal(m):
    return rows(m.Book.objects.filter(price="9.90").order_by("pk"))


@case
def by_range(m):
    return rows(m.Book.objects.filter(pages__gte=150, pages__lt=350).order_by("pk"))


@case
def by_either(m):
    return rows(m.Book.objects.filter(Q(title="A") | Q(author=2)).order_by("pk"))


@case
def excluding(m):
    return rows(m.Book.objects.exclude(title="A").order_by("pk"))


@case
def excluding_through_link(m):
    return rows(m.Book.objects.exclude(tags__name="old").order_by("pk"))


@case
def by_joined_column(m):
    return rows(m.Book.objects.filter(author__name="Ann").order_by("pk"))


@case
def by_column_two_joins_away(m):
    return [
        rows(m.Book.objects.filter(author__country__name=name).order_by("pk"))
        for name in ("Norway", "Chile")
    ]


@case
def by_missing_two_joins_away(m):
    return rows(m.Book.objects.filter(author__country__name=None).order_by("pk"))


@case
def by_reverse_key(m):
    return list(m.Author.objects.filter(books__title="A").values_list("pk", "name"))


@case
def by_link(m):
    return rows(m.Book.objects.filter(tags__name="old").order_by("pk"))


@case
def ordered_by_joined_column(m):
    return rows(m.Book.objects.order_by("-author__name", "author__country__name", "pk"))


@case
def select_related(m):
    return [
        (book.title, book.author.name)
        for book in m.Book.objects.select_related("author").order_by("pk")
    ]


@case
def select_related_one(m):
    book = m.Book.objects.select_related("author__country").filter(pk=1).first()
    return book and (
        book.title,
        book.author.name,
        str(book.author.country and book.author.country.name),
    )


@case
def select_related_null(m):
    return [
        (author.name, author.country and author.country.name)
        for author in m.Author.objects.select_related("country").order_by("pk")
    ]


@case
def select_related_two_deep(m):
    return [
        (book.title, book.author.name, book.author.country and book.author.country.name)
        for book in m.Book.objects.select_related("author__country").order_by("pk")
    ]


@case
def prefetch(m):
    return [
        (author.name, [book.title for book in author.books.all()])
        for author in m.Author.objects.prefetch_related(
            Prefetch("books", m.Book.objects.order_by("pk"))
        ).order_by("pk")
    ]


@case
def prefetch_link(m):
    return [
        (book.title, sorted(tag.name for tag in book.tags.all()))
        for book in m.Book.objects.prefetch_related("tags").order_by("pk")
    ]


@case
def links(m):
    return [sorted(tag.name for tag in m.Tag.objects.filter(book=pk)) for pk in (1, 2, 3)], [
        sorted(m.Book(pk=pk).tags.values_list("name", flat=True)) for pk in (1, 2, 3)
    ]


@case
def generic_relation(m):
    books = m.Book.objects.prefetch_related("notes").order_by("pk")
    return [(book.title, [note.text for note in book.notes.all()]) for book in books]


@case
def generic_key(m):
    return [
        (note.text, str(note.about and note.about.pk)) for note in m.Note.objects.order_by("pk")
    ]


@case
def child(m):
    return [(one.title, one.genre, one.pages) for one in m.Novel.objects.order_by("pk")]


@case
def child_by_key(m):
    return [m.Novel.objects.filter(pk=pk).values_list("title", "genre").first() for pk in (1, 4, 5)]


@case
def child_by_parent_column(m):
    return list(m.Novel.objects.filter(title="N", author=2).values_list("genre", "pages"))


@case
def parent_with_child(m):
    return list(m.Book.objects.filter(novel__genre="crime").values_list("title", "novel__pk"))


@case
def count(m):
    return m.Book.objects.count(), m.Author.objects.count(), m.Novel.objects.count()


@case
def count_narrow(m):
    return [m.Book.objects.filter(author=pk).count() for pk in (1, 2, 3)]


@case
def count_by_key(m):
    return [m.Book.objects.filter(pk=pk).count() for pk in (1, 5, 6)]


@case
def count_joined(m):
    return m.Book.objects.filter(author__country__name="Norway").count()


@case
def exists(m):
    return [m.Book.objects.filter(title=title).exists() for title in ("A", "Z")], [
        m.Book.objects.filter(pk=pk).exists() for pk in (1, 5, 6)
    ]


@case
def contains(m):
    return m.Book.objects.filter(author=1).contains(m.Book(pk=2))


@case
def aggregate(m):
    return m.Book.objects.aggregate(Sum("pages"), Avg("pages"), Count("author", distinct=True))


@case
def aggregate_narrow(m):
    return m.Book.objects.filter(author=1).aggregate(total=Sum("pages"), names=Count("title"))


@case
def aggregate_joined(m):
    return list(
        m.Author.objects.annotate(total=Sum("books__pages"), n=Count("books"))
        .order_by("pk")
        .values_list("name", "total", "n")
    )


@case
def aggregate_by_key(m):
    return m.Author.objects.filter(pk=1).aggregate(total=Sum("books__pages"))


@case
def grouped(m):
    found = m.Book.objects.values("author__name").annotate(n=Count("pk")).order_by("author__name")
    return list(found), list(found.filter(n__gt=1))


@case
def subquery(m):
    longest = m.Book.objects.filter(author=OuterRef("pk")).order_by("-pages").values("title")[:1]
    return list(m.Author.objects.annotate(long=Subquery(longest)).order_by("pk").values_list())


@case
def exists_annotation(m):
    has = Exists(m.Book.objects.filter(author=OuterRef("pk"), tags__name="old"))
    return list(m.Author.objects.annotate(old=has).order_by("pk").values_list("name", "old"))


@case
def nested_filter(m):
    norwegians = m.Author.objects.filter(country__name="Norway")
    return rows(m.Book.objects.filter(author__in=norwegians).order_by("pk"))


@case
def conditional(m):
    kind = Case(When(pages__gt=250, then=Value("long")), default=Value("short"))
    return list(m.Book.objects.annotate(kind=kind).order_by("pk").values_list("title", "kind"))


@case
def expressions(m):
    found = m.Book.objects.annotate(up=Upper("author__name"), twice=F("pages") * 2)
    return list(found.order_by("pk").values_list("up", "twice")), list(
        m.Book.objects.filter(title=F("author__name")).values_list("pk")
    )


@case
def window(m):
    rank = Window(Rank(), partition_by=F("author"), order_by=F("pages").desc())
    return list(m.Book.objects.annotate(rank=rank).order_by("pk").values_list("title", "rank"))


@case
def values(m):
    return list(m.Book.objects.order_by("pk").values("title", "author__name")), sorted(
        m.Book.objects.values_list("title", flat=True)
    )


@case
def only(m):
    books = m.Book.objects.only("title").order_by("pk")
    return [(book.title, book.pages) for book in books]


@case
def deferred(m):
    return [(book.pk, book.pages) for book in m.Book.objects.defer("title").order_by("pk")]


@case
def union(m):
    short, ann = m.Book.objects.filter(pages__lt=150), m.Book.objects.filter(author=1)
    return sorted(rows(short.union(ann))), sorted(
        m.Book.objects.values_list("title").union(m.Author.objects.values_list("name"))
    )


@case
def intersection(m):
    short, ann = m.Book.objects.filter(pages__lt=150), m.Book.objects.filter(author=1)
    return rows(short.intersection(ann)), rows(ann.difference(short))


@case
def distinct(m):
    return sorted(m.Book.objects.values_list("author__name").distinct()), sorted(
        m.Author.objects.filter(books__pages__gt=0).distinct().values_list("pk", "name")
    )


@case
def slices(m):
    books = m.Book.objects.order_by("-pages")
    return rows(books[:2]), rows(books[1:3]), rows([books[0]] if books else [])


@case
def ends(m):
    first, last = m.Book.objects.order_by("pages").first(), m.Book.objects.order_by("pages").last()
    return first and first.pk, last and last.pk


@case
def in_bulk(m):
    found = m.Book.objects.in_bulk([1, 2, 5, 99])
    return {pk: book.title for pk, book in found.items()}


@case
def iterator(m):
    return rows(m.Book.objects.order_by("pk").iterator(chunk_size=2))


@case
def dates(m):
    return list(m.Book.objects.dates("added", "month")), list(
        m.Book.objects.datetimes("added", "day", tzinfo=dt.UTC)
    )


@case
def truncated(m):
    return list(
        m.Book.objects.annotate(month=TruncMonth("added", tzinfo=dt.UTC))
        .order_by("pk")
        .values_list("month", "added")
    )


@case
def lower(m):
    return list(m.Book.objects.annotate(low=Lower("title")).filter(low="a").values_list("pk"))


@case
def patterns(m):
    return rows(m.Book.objects.filter(title__icontains="a").order_by("pk"))


@case
def extra(m):
    return list(
        m.Book.objects.extra(select={"long": "pages > 150"})
        .order_by("pk")
        .values_list("pk", "long")
    )


@case
def raw(m):
    return [book.title for book in m.Book.objects.raw("SELECT * FROM library_book ORDER BY id")]


@case
def raw_by_key(m):
    sql = "SELECT * FROM library_book WHERE id = %s"
    return [rows(m.Book.objects.raw(sql, [pk])) for pk in (1, 2, 3, 99)]


@case
def raw_by_named_parameter(m):
    sql = "SELECT id, title, pages + 1 AS more FROM library_book WHERE author_id = %(author)s"
    found = [m.Book.objects.raw(f"{sql} ORDER BY id", {"author": pk}) for pk in (1, 2, 3)]
    return [[(book.pk, book.title, book.more) for book in books] for books in found]


@case
def raw_with_joined_columns(m):
    # where the foreign key stands among the columns the text does not tell
    sql = """
        SELECT library_book.*, library_author.name AS name, library_book.author_id AS again
        FROM library_book INNER JOIN library_author ON (library_book.author_id = library_author.id)
        WHERE library_book.id = %s
    """
    return [[(b.pk, b.name, b.pages) for b in m.Book.objects.raw(sql, [pk])] for pk in range(1, 5)]


@case
def raw_with_prefetch(m):
    books = m.Book.objects.raw("SELECT * FROM library_book ORDER BY id").prefetch_related("tags")
    return [(book.title, sorted(tag.name for tag in book.tags.all())) for book in books]


@case
def uncached_table(m):
    return list(m.Visit.objects.order_by("pk").values_list())


@case
def async_reads(m):
    async def read():
        one = await m.Book.objects.filter(title="A").afirst()
        return (
            one and one.pages,
            await m.Book.objects.acount(),
            [book.title async for book in m.Book.objects.order_by("pk")],
        )

    return async_to_sync(read)()


async def _drain(found):
    return [one async for one in found]


@case
def async_for_chunks(m):
    return rows(async_to_sync(_drain)(m.Book.objects.order_by("pk").aiterator(chunk_size=2)))
