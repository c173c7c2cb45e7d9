# ruff: noqa: E501 - a case of code stays on the line of its name
"""Queries that managers, querysets and helpers of the project make: where they are mended, and when they run."""

import pytest

from tests.audit_cases import rewrites
from tests.unit.audit.flow.shop import IMPORTS, MODELS, finds, ignores, mends

FORWARD = "forward_relation_per_row"
MANY = "many_relation_per_row"


def with_method(code: str) -> str:
    """The models with one more method of the queryset."""
    titles = "    def titles(self):\n        return [book.title for book in self]\n"
    assert titles in MODELS
    return MODELS.replace(titles, f"{titles}\n{code}")


def test_mends_the_query_in_the_method_that_walks_it():
    models = with_method(
        "    def names(self):\n        return [b.author.name for b in self.filter(pages=1)]\n"
    )
    mended = models.replace("self.filter(pages=1)", 'self.filter(pages=1).select_related("author")')
    code = f"{IMPORTS}\ndef show():\n    return Book.objects.names()\n"
    rewrites(FORWARD, models + code, mended + code)


def test_mends_nothing_where_the_method_walks_the_rows_themselves():
    models = with_method(
        "    def names(self):\n        return [book.author.name for book in self]\n"
    )
    (finding,) = finds(FORWARD, "\ndef show():\n    return Book.objects.names()\n", models=models)
    assert finding.fix is None


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


def test_mends_nothing_behind_a_slice_that_the_method_makes():
    models = with_method("    def top(self):\n        return self.order_by('pages')[:10]\n")
    code = "\ndef show():\n    return [b.author.name for b in Book.objects.top()]\n"
    (finding,) = finds(FORWARD, code, models=models)
    assert finding.fix is not None
    assert {edit.path for edit in finding.fix.edits} == {"shop/models.py"}


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


def test_names_what_a_bare_select_related_joins_so_far():
    (finding,) = finds(
        FORWARD,
        "\ndef show():\n    return [b.editor.name for b in Book.objects.select_related()]\n",
    )
    assert "Then name author, publisher, owner there as well" in finding.message
    assert finding.fix is None


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


def test_what_a_method_has_set_is_there():
    models = MODELS.replace(
        "    @property\n    def heading",
        "    def give_to(self, author):\n        self.author = author\n\n    @property\n    def heading",
    )
    ignores(
        FORWARD,
        "\ndef show(someone):\n    for book in Book.objects.all():\n        book.give_to(someone)\n        print(book.author.name)\n",
        models=models,
    )


CACHED = {
    "a miss": "    name = cache.get(book.pk)\n    if name is None:\n        name = book.author.name\n    return name\n",
    "a function of its own": "    name = get_name_cache(book)\n    if not name:\n        name = book.author.name\n    return name\n",
    "a hit that returns": "    name = cache.get(book.pk)\n    if name is not None:\n        return name\n    return book.author.name\n",
    "another way": "    name = cache.get(book.pk)\n    if name:\n        pass\n    else:\n        name = book.author.name\n    return name\n",
}  # fmt: skip


@pytest.mark.parametrize("body", CACHED.values(), ids=CACHED)
def test_says_nothing_of_what_fills_a_cache(body):
    ignores(
        FORWARD,
        f"\ndef name_of(book):\n{body}\ndef show():\n    return [name_of(book) for book in Book.objects.all()]\n",
    )


def test_finds_what_is_read_beside_a_cache():
    finds(
        FORWARD,
        "\ndef name_of(book):\n    name = cache.get(book.pk)\n    if name is None:\n        name = 1\n    return book.author.name\n\ndef show():\n    return [name_of(book) for book in Book.objects.all()]\n",
    )


GETTER = """
def shelf():
    return Author.objects.filter(name="x")


def show():
    for author in shelf():
        for book in author.books.all():
            print(book.title)
"""


@pytest.mark.parametrize(
    ("more", "mended"), [("", True), ("def other():\n    return shelf()\n", False)]
)
def test_loads_nothing_more_for_the_other_callers_of_a_function(more, mended):
    (finding,) = finds(MANY, f"{GETTER}\n\n{more}")
    assert (finding.fix is not None) == mended
    assert 'Add .prefetch_related("books")' in finding.message


def test_a_join_costs_the_other_callers_no_query():
    code = "def shelf():\n    return Book.objects.all()\n\ndef show():\n    return [book.author.name for book in shelf()]\n\ndef other():\n    return shelf()\n"
    (finding,) = finds(FORWARD, code)
    assert finding.fix is not None
