import pytest

from tests.unit.audit.flow.shop import finds, ignores, mends

RULE = "rows_fetched_to_be_counted"


@pytest.mark.parametrize("rows", ["Book.objects.filter(pages=1)", "Book.objects.all()"])
def test_rewrites_len_of_a_query(rows):
    mends(RULE, f"\ndef f():\n    return len({rows})\n", f"\ndef f():\n    return {rows}.count()\n")


def test_rewrites_len_of_a_list_of_rows():
    mends(
        RULE,
        "\ndef f():\n    return len(list(Book.objects.all()))\n",
        "\ndef f():\n    return Book.objects.all().count()\n",
    )


def test_flags_a_name_whose_rows_nothing_else_wants():
    finds(
        RULE,
        """
def f(flag):
    books = Book.objects.filter(pages=1)
    if flag:
        books = books.filter(title=flag)
    first = books[:10]
    return first, len(books), books.filter(pages=2).exists()
""",
        7,
    )


@pytest.mark.parametrize(
    "body",
    [
        "return books, len(books)",
        "return len(books), [book.title for book in books]",
        "return len(books), books[0]",
        "return len(books[:10])",
        "return len(books) > 0",
        "self.books = books\n    return len(self.books)",
        "return len(self.lines)",
        "return len(self)",
    ],
)
def test_leaves_alone_what_needs_the_rows_or_is_not_known(body):
    ignores(RULE, f"\ndef f(self):\n    books = Book.objects.filter(pages=1)\n    {body}\n")


def test_leaves_alone_what_a_caller_may_have_prefetched():
    ignores(RULE, "\ndef f(request):\n    return len(request.user.book_set.all())\n")
    ignores(RULE, "\ndef f():\n    return [len(a.books.all()) for a in Author.objects.all()]\n")
