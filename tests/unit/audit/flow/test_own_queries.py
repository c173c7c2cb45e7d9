# ruff: noqa: E501 - a case of code stays on the line of its name
"""Queries that managers, querysets and helpers of the project make: where they are mended, and when they run."""

import pytest

from tests.unit.audit.flow.shop import MODELS, finds, ignores, mends

FORWARD = "forward_relation_per_row"
MANY = "many_relation_per_row"


def with_method(code: str) -> str:
    """The models with one more method of the queryset."""
    titles = "    def titles(self):\n        return [book.title for book in self]\n"
    assert titles in MODELS
    return MODELS.replace(titles, f"{titles}\n{code}")


def test_mends_the_chain_that_calls_the_method():
    models = with_method(
        "    def recent(self):\n        return self.filter(pages=1).order_by('-created_at')\n"
    )
    mends(
        FORWARD,
        "\ndef show():\n    return [b.author.name for b in Book.objects.recent()]\n",
        '\ndef show():\n    return [b.author.name for b in Book.objects.recent().select_related("author")]\n',
        models=models,
    )


SERVED = {
    "a count": "a.books.count()",
    "a test": "a.books.exists()",
    "a slice": "list(a.books.all()[:3])",
    "an item": "a.books.all()[0]",
}


@pytest.mark.parametrize("asked", SERVED.values(), ids=SERVED)
def test_a_prefetch_serves(asked):
    ignores(
        MANY,
        f"\ndef count(a):\n    return {asked}\n\ndef show():\n    return [count(a) for a in Author.objects.prefetch_related('books')]\n",
    )


def test_what_one_loop_has_read_is_there_in_the_next():
    finds(
        FORWARD,
        """
def show():
    books = Book.objects.all()
    for book in books:
        print(book.author.name)
    for book in books:
        print(book.author.name)
""",
        5,
    )


def test_finds_rows_that_a_list_is_extended_by():
    finds(
        MANY,
        """
def show():
    found = []
    for author in Author.objects.all():
        found.extend(author.books.all())
    return found
""",
        5,
    )


def test_says_which_rows_are_walked():
    (finding,) = finds(
        FORWARD,
        """
def show():
    for author in Author.objects.prefetch_related("books"):
        for book in author.books.all():
            print(book.publisher.name)
""",
        5,
    )
    assert "for each Book row" in finding.message


def test_what_a_helper_has_read_of_the_row_it_returns_is_there():
    ignores(
        "related_row_for_its_key",
        """
def load(pk):
    book = Book.objects.get(pk=pk)
    print(book.author.name)
    return book

def show(pk):
    return load(pk).author.id
""",
    )


def test_the_parent_part_of_a_row_is_no_other_row():
    models = MODELS + "\n\nclass Manual(Book):\n    device = models.CharField(max_length=10)\n"
    code = "\ndef show():\n    from shop.models import Manual\n    return [m.book_ptr.title for m in Manual.objects.all()]\n"
    ignores(FORWARD, code, models=models)
    finds(FORWARD, code.replace("title", "author.name"), models=models)
    ignores(
        "related_row_for_its_key",
        "\ndef show(pk):\n    from shop.models import Manual\n    return Manual.objects.get(pk=pk).book_ptr.id\n",
        models=models,
    )


def test_tells_of_what_stands_in_the_loop():
    (finding,) = finds(
        FORWARD,
        """
from rest_framework import serializers

class BookSerializer(serializers.ModelSerializer):
    author = serializers.StringRelatedField(source="author.name")

def show():
    return [BookSerializer(book).data for book in Book.objects.all()]
""",
        8,
    )
    assert "author" in finding.message


def test_rows_that_may_be_of_other_models_are_prefetched():
    models = MODELS.replace(
        "class Publisher(models.Model):", "class Publisher(PolymorphicModel):"
    ).replace(
        "from django.db import models",
        "from django.db import models\nfrom polymorphic.models import PolymorphicModel",
    )
    (finding,) = finds(
        FORWARD,
        "\ndef show():\n    return [b.publisher.name for b in Book.objects.all()]\n",
        models=models,
    )
    assert 'prefetch_related("publisher")' in finding.message


def test_a_primary_key_names_one_row():
    ignores(
        FORWARD,
        "\ndef show(keys):\n    for key in keys:\n        for book in Book.objects.filter(pk=key):\n            print(book.author.name)\n",
    )


def test_says_nothing_of_a_method_that_calls_itself_for_related_rows():
    models = MODELS.replace(
        "    mentor = models",
        "    def all_below(self):\n        found = []\n        for author in self.author_set.all():\n            found.extend(author.all_below())\n        return found\n\n    mentor = models",
    )
    ignores(
        MANY, "\ndef show(pk):\n    return Author.objects.get(pk=pk).all_below()\n", models=models
    )
