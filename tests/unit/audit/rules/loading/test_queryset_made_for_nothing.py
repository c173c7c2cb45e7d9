import pytest

from tests.unit.audit.flow.shop import finds, ignores, mends

RULE = "queryset_made_for_nothing"


@pytest.mark.parametrize(
    "call",
    [
        'prefetch_related("tags")',
        "select_for_update()",
        "filter(pages=1).order_by('title')",
        "distinct()",
    ],
)
def test_assigns_what_is_made(call):
    code = "\ndef view():\n    books = Book.objects.all()\n    {}books.{}\n    return books\n"
    mends(RULE, code.format("", call), code.format("books = ", call))


@pytest.mark.parametrize(
    "statement",
    [
        "Book.objects.filter(pages=1)",
        'self.get_queryset().select_related("author")',
        "rows.select_for_update()",
        'books.prefetch_related("tags")',
    ],
)
def test_finds_without_a_fix(statement):
    (finding,) = finds(RULE, f"\ndef view(self, rows, books):\n    {statement}\n", 3)
    assert finding.fix is None


@pytest.mark.parametrize(
    "body",
    [
        "rows.filter(1)",
        "Book.objects.published()",
        "Book.objects.filter(pages=1).update(pages=2)",
        "Book.objects.filter(pages=1).delete()",
        "list(Book.objects.all())",
        "rows = Book.objects.all()",
        "try:\n        Book.objects.filter(**rows)\n    except ValueError:\n        pass",
        "return Book.objects.all()",
        "Book.objects.all().iterator()",
        "Book.objects.get(pk=1)",
    ],
)
def test_says_nothing_of_statements_that_do_something(body):
    ignores(RULE, f"\ndef view(rows):\n    {body}\n")
