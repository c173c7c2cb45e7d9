"""How each kind of version is read: the queries, and what is computed from them."""

import json

from django.db import transaction
from django.db.models import Max
from django.http import JsonResponse
from django.test import RequestFactory
from django.urls import path

from praxis.cache import cached, cached_view, remember

_requests = RequestFactory()


def _models():
    from tests.integration.cache.library import models

    return models


def _versions(kind):
    books = _models().Book.objects.filter(title__startswith=f"{kind}-")
    return [[_writer(book), book.pages] for book in books]


def _writer(book):
    return int(book.title.split("-")[1])


@cached(ttl_s=60)
def versions_by_function(kind):
    return _versions(kind)


@cached_view(ttl_s=60)
def versions_by_view(request, kind):
    return JsonResponse({"versions": _versions(kind)})


urlpatterns = [path("versions/<kind>", versions_by_view)]


class Reads:
    """
    The ways to read; a method for each of `KINDS`. Each answers with writers and versions.

    Args:
        m: The models.
        plan: What the rows are called.
        ways: Chooses among writers and the like.

    Attributes:
        way: By which one row is asked for.
    """

    def __init__(self, m, plan, ways):
        self.m, self.plan, self.ways, self.way = m, plan, ways, 0

    def __getattr__(self, kind):
        """Of a kind that is one row for each writer."""
        return lambda: [self._row(kind)]

    def _row(self, kind):
        """What one query has told, another one may not take back."""
        writer = self.ways.randrange(self.plan["writers"])
        pk, title = self.plan["keys"][f"{kind}-{writer}"], f"{kind}-{writer}"
        books = self.m.Book.objects
        match self.way:
            case 0:
                return writer, books.get(title=title).pages
            case 1:
                return writer, books.filter(title=title).values_list("pages", flat=True)[0]
            case 2:
                pages = books.filter(title__startswith=f"{kind}-").values_list("title", "pages")
                return writer, dict(pages)[title]
            case 3:
                (book,) = books.raw("SELECT * FROM library_book WHERE title = %s", [title])
                return writer, book.pages
            case 4:
                return writer, books.filter(title=title).aggregate(Max("pages"))["pages__max"]
            case 5:
                with transaction.atomic():
                    return writer, books.filter(title=title).only("pages").first().pages
        if kind == "replace":  # its keys change
            return writer, books.get(title=title).pages
        return writer, books.get(pk=pk).pages

    def move(self):
        books = self.m.Book.objects.filter(author=self.ways.choice(self.plan["sides"]))
        return [(_writer(book), book.pages) for book in books]

    def list(self):
        books = self.m.Book.objects.filter(author=self.plan["lists"])
        return [(_writer(book), book.pages) for book in books]

    def join(self):
        books = self.m.Book.objects.filter(title__startswith="join-")
        books = books.select_related("author__country")
        return [(_writer(book), int(book.author.country.name)) for book in books]

    def tags(self):
        books = self.m.Book.objects.filter(title__startswith="tags-")
        if self.way % 2:
            # two queries: the tags are not older than before the first one
            books = books.prefetch_related("tags")
            return [(_writer(book), _tagged(book.tags.all())) for book in books]
        writer = self.ways.randrange(self.plan["writers"])
        book = self.m.Book(pk=self.plan["keys"][f"tags-{writer}"])
        return [(writer, _tagged(book.tags.all()))]

    def kept(self):
        def compute():
            writers = range(self.plan["writers"])
            return [(w, self.m.Book.objects.get(title=f"kept-{w}").pages) for w in writers]

        return remember("kept", compute, ttl_s=60)

    def function(self):
        return versions_by_function("function")

    def view(self):
        response = versions_by_view(_requests.get("/versions/view"), kind="view")
        return json.loads(response.content)["versions"]

    def count(self):
        writer = self.ways.randrange(self.plan["writers"])
        return [(writer, self.m.Tag.objects.filter(name=f"count-{writer}").count())]


def _tagged(tags):
    """The version that a book's one tag tells; 0 before there was one."""
    return max((int(tag.name.rsplit("-", 1)[1]) for tag in tags), default=0)
