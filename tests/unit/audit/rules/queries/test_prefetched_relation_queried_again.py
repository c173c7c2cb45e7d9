import pytest

from tests.unit.audit.flow.shop import finds, ignores

RULE = "prefetched_relation_queried_again"
ROWS = 'Author.objects.prefetch_related("books")'


@pytest.mark.parametrize(
    "query",
    [
        "filter(published=True).count()", "exclude(pages=1).exists()", "order_by('title').first()",
        "last()", "first()", "get(pages=1)", "aggregate(Count('pk'))", "latest('pages')",
    ],
)  # fmt: skip
def test_flags_what_the_prefetch_does_not_answer(query):
    (finding,) = finds(
        RULE, f"\ndef f():\n    for author in {ROWS}:\n        print(author.books.{query})\n", 4
    )
    assert "books" in finding.message
    assert len(finding.steps) == 1


def test_flags_rows_that_are_filtered_and_walked():
    finds(RULE, f"\ndef f():\n    return [list(a.books.filter(pages=1)) for a in {ROWS}]\n", 3)


@pytest.mark.parametrize("query", ["all()", "count()", "exists()", "all()[0]", "contains(b)"])
def test_leaves_alone_what_the_prefetch_answers(query):
    ignores(RULE, f"\ndef f(b):\n    for author in {ROWS}:\n        print(author.books.{query})\n")


def test_leaves_other_relations_and_other_names_alone():
    ignores(
        RULE, f"\ndef f():\n    for a in {ROWS}:\n        print(a.edited.filter(pages=1).count())\n"
    )
    rows = 'Author.objects.prefetch_related(Prefetch("books", to_attr="shelf"))'
    ignores(
        RULE, f"\ndef f():\n    for a in {rows}:\n        print(a.books.filter(pages=1).count())\n"
    )


def test_an_ordered_relation_answers_first_from_memory():
    ignores(
        RULE,
        """
# file: shop/models.py
from django.db import models


class Shelf(models.Model):
    pass


class Box(models.Model):
    shelf = models.ForeignKey(Shelf, on_delete=models.CASCADE, related_name="boxes")

    class Meta:
        ordering = ["pk"]
# file: shop/views.py
from shop.models import Shelf


def f():
    for shelf in Shelf.objects.prefetch_related("boxes"):
        print(shelf.boxes.first())
""",
        models="",
    )
