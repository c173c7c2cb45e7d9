import pytest

from tests.unit.audit.flow.shop import finds, ignores

RULE = "rows_fetched_twice"
BOOKS = "\ndef f(flag):\n    books = Book.objects.filter(pages=1)\n    "


@pytest.mark.parametrize(
    "body",
    [
        "return books[0].title, books[0].pages",
        "return books.first().title, books.first().pages",
        "return books.count(), books.count()",
        "return Author.objects.get(pk=1), Author.objects.get(pk=1)",
        "return list(Author.objects.all()), list(Author.objects.all())",
        "return list(books.all()), list(books.all())",
        "return [b.pk for b in books], books.last()",
        "return [b.pk for b in books], books.first()",
        "return [b.pk for b in books], books.order_by('-title').first()",
        "return list(Author.objects.all()), Author.objects.count()",
        "return books[0], list(books)",
    ],
)
def test_flags_the_second_query(body):
    (finding,) = finds(RULE, f"{BOOKS}{body}\n", 4)
    assert "line" in finding.message


def test_flags_a_relation_of_a_row_that_was_fetched_here():
    finds(
        RULE,
        """
def f(pk):
    author = Author.objects.get(pk=pk)
    for book in author.books.all():
        print(book)
    for book in author.books.all():
        print(book)
""",
        6,
    )


@pytest.mark.parametrize(
    "body",
    [
        "return list(books), list(books), len(books), books[0], books.count(), books.exists()",
        "return list(books), books.filter(title='a').count()",
        "return books[0], books[1]",
        "return books.first() if flag else books.first()",
        "if flag:\n        return books.count()\n    return books.count()",
        "n = books.count()\n    handle(flag)\n    return n, books.count()",
        "n = books.count()\n    books.delete()\n    return n, books.count()",
        "n = books.count()\n    books = Book.objects.filter(pages=2)\n    return n, books.count()",
        "return books.order_by('title').first(), books.order_by('pages').first()",
        "return flag.first(), flag.first()",
        "x = books[:2]\n    if x:\n        return x[0], len(x)",
    ],
)
def test_leaves_alone_what_is_asked_once(body):
    ignores(RULE, f"{BOOKS}{body}\n")


def test_leaves_a_prefetched_relation_alone():
    ignores(
        RULE,
        """
def f(pk):
    author = Author.objects.prefetch_related("books").get(pk=pk)
    return list(author.books.all()), list(author.books.all())
""",
    )


def test_leaves_rows_to_the_rule_about_existence_that_are_fetched_for_nothing_else():
    ignores(RULE, f"{BOOKS}if books:\n        return books.order_by('-title')[0]\n")
