import pytest

from tests.audit_cases import accepts, flags
from tests.unit.audit.flow.shop import finds, ignores, mends

RULE = "loading_that_nothing_reads"

LOOP = """
def titles(request):
    found = []
    for book in {}:
        found.append({})
    return found
"""
VIEW = """
from django.shortcuts import render


def books(request):
    books = Book.objects.select_related("author").order_by("title")
    context = {{"books": books}}
    return render(request, "shop/books.html", context)
# file: shop/templates/shop/base.html
<html>{{% block content %}}{{% endblock %}}</html>
# file: shop/templates/shop/row.html
<td>{{{{ book.title }}}}</td>{}
# file: shop/templates/shop/books.html
{{% extends "shop/base.html" %}}
{{% block content %}}
{{% for book in books %}}{{% include "shop/row.html" %}}{{% endfor %}}
{{% endblock %}}
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            'Book.objects.select_related("author").order_by("title")',
            'Book.objects.order_by("title")',
        ),
        ('Book.objects.prefetch_related("tags")', "Book.objects.all()"),
        (
            'Book.objects.filter(pages=1).select_related("publisher")',
            "Book.objects.filter(pages=1)",
        ),
        (
            'Book.objects.select_related("author", "publisher").order_by("title")',
            'Book.objects.select_related("author").order_by("title")',
        ),
    ],
)
def test_takes_out_what_the_loop_does_not_read(before, after):
    read = "book.author.name" if "author" in after else "book.title"
    mends(RULE, LOOP.format(before, read), LOOP.format(after, read))


def test_two_calls_leave_a_queryset_that_can_be_walked():
    chain = 'Book.objects.select_related("author").prefetch_related("tags")'
    mends(RULE, LOOP.format(chain, "book.title"), LOOP.format("Book.objects.all()", "book.title"))


def test_follows_the_rows_into_templates():
    (finding,) = finds(RULE, VIEW.format(""))
    assert "shop/books.html" in finding.message


@pytest.mark.parametrize(
    "read",
    [
        "{{ book.author.name }}",
        "{% with writer=book.author %}{{ writer.name }}{% endwith %}",
        "{% some_tag book %}",
        "{% include other %}",
    ],
)
def test_a_template_may_read_it_by_any_of_its_parts(read):
    ignores(RULE, VIEW.format(read))


@pytest.mark.parametrize(
    "read",
    [
        "book.author.name",
        "book",
        "show(book)",
        "getattr(book, request.GET['name'])",
        "book.unheard_of",
        "[book]",
    ],
)
def test_leaves_alone_what_is_read_or_handed_on(read):
    ignores(RULE, LOOP.format('Book.objects.select_related("author")', read))


@pytest.mark.parametrize(
    "body",
    [
        'return Book.objects.select_related("author")',
        'books = Book.objects.select_related("author")\n    return list(books)',
        'return Book.objects.select_related("author").count()',
        'book = Book.objects.select_related("author").get(pk=1)\n    return book',
        (
            'books = Book.objects.select_for_update().select_related("author")\n'
            "    return [book.title for book in books]"
        ),
        'return [book.title for book in helper(Book.objects.select_related("author"))]',
        (
            'books = Book.objects.select_related("author")\n'
            "    for book in books:\n        pass\n    return locals()"
        ),
        (
            'books = Book.objects.select_related("author")\n'
            "    def later():\n        return books\n"
            "    for book in books:\n        pass\n    return later"
        ),
    ],
)
def test_leaves_alone_what_leaves_the_function(body):
    ignores(RULE, f"\ndef view(request, helper):\n    {body}\n")


MODELS = """
# file: shop/models.py
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    title = models.CharField(max_length=100)
    author = models.ForeignKey(Author, on_delete=models.CASCADE)

    def __str__(self):
        return {}

    @property
    def label(self):
        return {}
# file: shop/views.py
from shop.models import Book


def labels():
    return [{} for book in Book.objects.select_related("author")]
"""


def test_follows_the_methods_of_the_model():
    flags(RULE, MODELS.format("self.title", "self.author.name", "book.title"))
    accepts(RULE, MODELS.format("self.title", "self.author.name", "book.label"))
    accepts(RULE, MODELS.format("self.author.name", "self.title", "str(book)"))


API = """
# file: shop/models.py
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    title = models.CharField(max_length=100)
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
# file: shop/views.py
from rest_framework import serializers, viewsets

from shop.models import Book


class BookSerializer(serializers.ModelSerializer):
    class Meta:
        model = Book
        fields = {}


class Books(viewsets.ReadOnlyModelViewSet):
    {}
    serializer_class = BookSerializer
{}
"""
QUERYSET = 'queryset = Book.objects.select_related("author").order_by("pk")'


def test_follows_the_rows_into_serializers():
    flags(RULE, API.format('["title"]', QUERYSET, ""))
    accepts(RULE, API.format('["title", "author"]', QUERYSET, ""))
    accepts(RULE, API.format('"__all__"', QUERYSET, ""))
    own = "\n    def perform(self, book):\n        return send(book)\n"
    accepts(RULE, API.format('["title"]', QUERYSET, own))
    made = '\n    def get_queryset(self):\n        return Book.objects.select_related("author")\n'
    flags(RULE, API.format('["title"]', "lookup_field = 'title'", made))


LIST = """
# file: shop/models.py
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    title = models.CharField(max_length=100)
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
# file: shop/views.py
from django.views.generic import ListView

from shop.models import Book


class Books(ListView):
    queryset = Book.objects.select_related("author")
    template_name = "shop/books.html"
# file: shop/templates/shop/books.html
{{% for book in book_list %}}{{{{ book.{} }}}}{{% endfor %}}
"""


def test_follows_the_rows_of_a_view_by_its_class():
    flags(RULE, LIST.format("title"))
    accepts(RULE, LIST.format("author"))
