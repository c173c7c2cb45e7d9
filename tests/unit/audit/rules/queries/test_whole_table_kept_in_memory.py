import pytest

from tests.audit_cases import found, rewrites
from tests.unit.audit.flow.shop import MODELS

RULE = "whole_table_kept_in_memory"
COMMAND = "# file: shop/management/commands/walk.py\nfrom shop.models import Author, Book\n\n"


def walk(rows, loop="for book in {}:\n        print(book)\n"):
    return f"{MODELS}{COMMAND}\ndef f(author):\n    {loop.format(rows)}"


@pytest.mark.parametrize("rows", ["Book.objects.all()", "Book.objects.filter(published=True)"])
def test_rewrites_a_loop_over_a_growing_table(rows):
    rewrites(RULE, walk(rows), walk(f"{rows}.iterator(chunk_size=2000)"))


@pytest.mark.parametrize(
    "rows",
    [
        "Book.objects.filter(author=author)", "Book.objects.filter(pk__in=author)",
        "Book.objects.all()[:10]", "Book.objects.all().iterator()", "Author.objects.all()",
        "author.books.all()",
    ],
)  # fmt: skip
def test_leaves_few_rows_alone(rows):
    assert not found(RULE, walk(rows))


def test_leaves_requests_and_rows_that_are_used_again_alone():
    assert not found(RULE, walk("Book.objects.all()").replace("management/commands/walk", "views"))
    twice = "books = {}\n    for book in books:\n        print(book)\n    print(len(books))\n"
    assert not found(RULE, walk("Book.objects.all()", twice))
