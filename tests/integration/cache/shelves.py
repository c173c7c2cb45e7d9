"""The rows that each test begins with."""

import datetime as dt

from django.contrib.contenttypes.models import ContentType

ADDED = dt.datetime(2024, 2, 3, 23, 30, tzinfo=dt.UTC)


def fill_shelves(library):
    ContentType.objects.clear_cache()
    norway, chile = (library.Country.objects.create(name=name) for name in ("Norway", "Chile"))
    ann = library.Author.objects.create(name="Ann", country=norway)
    bob = library.Author.objects.create(name="Bob", country=chile)
    library.Author.objects.create(name="Cid", country=None)
    for title, author, pages in [("A", ann, 100), ("B", ann, 200), ("C", bob, 300)]:
        library.Book.objects.create(title=title, author=author, pages=pages)
    library.Novel.objects.create(title="N", author=bob, pages=400, genre="crime")
    library.Book.objects.update(added=ADDED)
    tags = [library.Tag.objects.create(name=name) for name in ("new", "old", "odd")]
    books = {book.title: book for book in library.Book.objects.all()}
    books["A"].tags.add(*tags[:2])
    books["C"].tags.add(tags[1])
    library.Note.objects.create(text="nice", about=books["A"])
    library.Visit.objects.create(page="/")
