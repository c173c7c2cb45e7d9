"""
Walks of random writes: after each step, what is read from the cache is what the database says.

The numbers come from a seed, so that a walk that fails does so again. ``PRAXIS_WALKS`` asks for
more of them.
"""

import os
import random

import pytest
from django.db import transaction
from django.db.models import Count, F, Sum

from praxis.cache.hooks.queries import bypass
from tests.integration.cache.points import elsewhere

WALKS = range(int(os.environ.get("PRAXIS_WALKS", "2")))
STEPS, READS_A_STEP = 40, 12
TITLES, NAMES = "ABCD", ("Ann", "Bob", "Cid")


def some_book(m, pick):
    return m.Book.objects.filter(pk=pick.choice(list(m.Book.objects.values_list("pk", flat=True))))


def new_book(m, pick):
    m.Book.objects.create(
        title=pick.choice(TITLES), author_id=pick.randint(1, 3), pages=pick.randint(1, 4)
    )


def change_book(m, pick):
    changes = {
        "title": pick.choice(TITLES),
        "author": pick.randint(1, 3),
        "pages": pick.randint(1, 4),
        "for_sale": pick.random() < 0.5,
    }
    names = pick.sample(sorted(changes), pick.randint(1, 3))
    some_book(m, pick).update(**{name: changes[name] for name in names})


def save_book(m, pick):
    book = some_book(m, pick).get()
    book.title, book.author_id = pick.choice(TITLES), pick.randint(1, 3)
    book.save(update_fields=pick.choice([None, ["title"], ["author", "title"]]))


def change_some(m, pick):
    m.Book.objects.filter(pages__gt=pick.randint(0, 4)).update(
        author=pick.randint(1, 3), pages=F("pages") % 4 + 1
    )


def change_author(m, pick):
    country = pick.choice([None, 1, 2])
    m.Author.objects.filter(pk=pick.randint(1, 3)).update(country=country, name=pick.choice(NAMES))


def change_country(m, pick):
    m.Country.objects.filter(pk=pick.randint(1, 2)).update(name=pick.choice(["Norway", "Chile"]))


def delete_book(m, pick):
    if m.Book.objects.count() > 3:
        some_book(m, pick).get().delete()


def link(m, pick):
    book, tags = some_book(m, pick).get(), [1 + i for i in range(3) if pick.random() < 0.5]
    getattr(book.tags, pick.choice(["add", "remove"]))(*tags)


def bulk(m, pick):
    books = list(m.Book.objects.filter(author=pick.randint(1, 3)))
    for book in books:
        book.title = pick.choice(TITLES)
    if books:
        m.Book.objects.bulk_update(books, ["title"])
    m.Book.objects.bulk_create(
        [m.Book(title=pick.choice(TITLES), author_id=pick.randint(1, 3)) for _ in range(2)]
    )


WRITES = [
    new_book, change_book, save_book, change_some, change_author, change_country, delete_book,
    link, bulk,
]  # fmt: skip


def reads(m):
    """Everything that is asked for; each with its constants."""
    books, authors = m.Book.objects, m.Author.objects
    for pk in range(1, 12):
        yield lambda pk=pk: books.filter(pk=pk).values_list("title", "author", "pages").first()
        yield lambda pk=pk: [
            (b.title, b.author.name, b.author.country and b.author.country.name)
            for b in books.select_related("author__country").filter(pk=pk)
        ]
    for author in (1, 2, 3):
        own = books.filter(author=author)
        yield lambda own=own: sorted(own.values_list("pk", "title"))
        yield lambda own=own: (own.count(), own.aggregate(Sum("pages")))
        for title in TITLES:
            yield lambda own=own, title=title: sorted(own.filter(title=title).values_list("pk"))
        yield lambda author=author: sorted(
            books.filter(author=author, author__country__name="Chile").values_list("pk")
        )
        yield lambda author=author: sorted(
            books.filter(author__id=author, author__name="Ann").values_list("pk", "author__name")
        )
        yield lambda own=own: [(b.pk, b.author.name) for b in own.select_related("author")[:2]]
    for title in TITLES:
        yield lambda title=title: books.filter(title=title).exists()
        yield lambda title=title: [
            (b.pk, b.author.name)
            for b in books.filter(title=title, for_sale=True).select_related("author")
        ]
        yield lambda title=title: sorted(authors.filter(books__title=title).values_list("pk"))
    for country in ("Norway", "Chile"):
        far = books.filter(author__country__name=country)
        yield lambda far=far: sorted(far.values_list("pk", "author__name"))
        yield lambda far=far: sorted(
            far.select_related("author").values_list("pk", "author_id", "author__name")
        )
        yield lambda country=country: sorted(authors.filter(country__name=country).values_list())
    for country in (None, 1, 2):
        yield lambda country=country: sorted(authors.filter(country=country).values_list())
    for tag in (1, 2, 3):
        yield lambda tag=tag: sorted(books.filter(tags=tag).values_list("pk", "title"))
        yield lambda tag=tag: sorted(books.exclude(tags=tag).values_list("pk", "title"))
    yield lambda: sorted(books.filter(pk__in=[1, 2, 3, 7, 8]).values_list("pk", "title"))
    yield lambda: sorted(books.filter(author__in=[1, 3]).values_list("pk", "title"))
    yield lambda: sorted(books.filter(author__country=None).values_list("pk"))
    yield lambda: sorted(books.exclude(author__country__name="Chile").values_list("pk"))
    yield lambda: sorted(books.values_list("pk", "author__country__name"))
    yield lambda: sorted(authors.annotate(n=Count("books")).values_list("pk", "n", "name"))
    yield lambda: sorted(authors.filter(country__name="Chile", books__title="A").values_list("pk"))


@pytest.mark.parametrize("seed", WALKS)
def test_no_step_of_a_walk_leaves_anything_stale(library, connection, seed):
    pick = random.Random(seed)
    asked = list(reads(library))
    for step in range(STEPS):
        write, way = pick.choice(WRITES), pick.randrange(3)
        if way == 0:
            write(library, pick)
        elif way == 1:
            elsewhere(lambda write=write: write(library, pick))
        else:
            with transaction.atomic():
                write(library, pick)
                pick.choice(WRITES)(library, pick)
        for number in pick.sample(range(len(asked)), READS_A_STEP):
            cached = asked[number]()
            with bypass():
                fresh = asked[number]()
            assert cached == fresh, (step, write.__name__, number)
