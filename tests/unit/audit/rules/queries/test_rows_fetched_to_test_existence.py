# ruff: noqa: E501 - a case of code stays on the line of its name
import pytest

from tests.unit.audit.flow.shop import MODELS, finds, ignores, mends

RULE = "rows_fetched_to_test_existence"
QUERYSET = "Book.objects.filter(published=True)"

COMPARISONS = [
    ("{}.count() > 0", "{}.exists()"),
    ("{}.count() != 0", "{}.exists()"),
    ("{}.count() >= 1", "{}.exists()"),
    ("0 < {}.count()", "{}.exists()"),
    ("{}.count() == 0", "not {}.exists()"),
    ("{}.count() < 1", "not {}.exists()"),
    ("0 == {}.count()", "not {}.exists()"),
    ("len({}) > 0", "{}.exists()"),
    ("len({}) == 0", "not {}.exists()"),
    ("not {}.count() > 0", "not {}.exists()"),
    ("not len({}) == 0", "{}.exists()"),
    ("bool({}.count() == 0)", "bool(not {}.exists())"),
    ("x == ({}.count() == 0)", "x == (not {}.exists())"),
    ("x and {}.count() == 0 or x", "x and not {}.exists() or x"),
]


@pytest.mark.parametrize(("before", "after"), COMPARISONS)
def test_rewrites_a_comparison_with_none(before, after):
    code = "\ndef show(x):\n    return {}\n"
    mends(RULE, code.format(before.format(QUERYSET)), code.format(after.format(QUERYSET)))


TESTS = [
    ("if {}:\n        pass", "if {}.exists():\n        pass"),
    ("if not {}:\n        pass", "if not {}.exists():\n        pass"),
    ("if {}.count():\n        pass", "if {}.exists():\n        pass"),
    ("if not {}.count():\n        pass", "if not {}.exists():\n        pass"),
    ("if len({}):\n        pass", "if {}.exists():\n        pass"),
    ("while {} and x:\n        pass", "while {}.exists() and x:\n        pass"),
    ("assert {}", "assert {}.exists()"),
    ("return 1 if {} else 2", "return 1 if {}.exists() else 2"),
    ("return [y for y in x if {}]", "return [y for y in x if {}.exists()]"),
]


@pytest.mark.parametrize(("before", "after"), TESTS)
def test_rewrites_a_condition(before, after):
    code = "\ndef show(x):\n    {}\n"
    mends(RULE, code.format(before.format(QUERYSET)), code.format(after.format(QUERYSET)))


def test_rewrites_a_name_whose_rows_nobody_wants():
    mends(
        RULE,
        """
def show():
    books = Book.objects.all()
    books = books.filter(published=True)
    if books:
        books.update(published=False)
""",
        """
def show():
    books = Book.objects.all()
    books = books.filter(published=True)
    if books.exists():
        books.update(published=False)
""",
    )


def test_rewrites_async_counts():
    code = "\nasync def show():\n    if {}:\n        pass\n"
    mends(
        RULE,
        code.format(f"await {QUERYSET}.acount() > 0"),
        code.format(f"await {QUERYSET}.aexists()"),
    )


def test_rewrites_a_chain_of_several_lines():
    mends(
        RULE,
        """
def show():
    return (
        Book.objects
        .filter(pk=1)  # the first
        .count()
        > 0
    )
""",
        """
def show():
    return (
        Book.objects
        .filter(pk=1)  # the first
        .exists()
    )
""",
    )


def test_keeps_lines_together_that_the_call_held():
    mends(
        RULE,
        "\ndef show():\n    x = len(Book.objects\n        .all()) > 0\n    return x\n",
        "\ndef show():\n    x = (Book.objects\n        .all()).exists()\n    return x\n",
    )


def test_counts_of_a_related_manager_are_tests_too():
    finds(RULE, "\ndef f():\n    return Author.objects.first().books.count() > 0\n", 3)


def test_deletes_no_comment():
    (finding,) = finds(
        RULE,
        "\ndef f():\n    return (Book.objects.count()  # all\n        > 0)\n",
    )
    assert finding.fix is None


ACCEPTED = {
    "iterated after": "if books:\n        print([b.title for b in books])",
    "iterated before": "print([b.title for b in books])\n    if books:\n        pass",
    "indexed after": "if books:\n        print(books[0])",
    "first after": "if books:\n        print(books.first())",
    "counted after": "if books:\n        print(books.count())",
    "returned": "if books:\n        return books",
    "handed on": "if books:\n        x(books)",
    "used by an inner function": "def later():\n        return list(books)\n    if books:\n        pass",
    "len besides": "if len(books) > 0:\n        print(books)",
    "real count": "return books.count() > 1",
    "count compared with a name": "return books.count() > x",
    "count of a list": "return [1].count(1) > 0",
    "unknown": "return x.count() > 0",
    "unknown truth": "if x:\n        pass",
    "kept count": "n = books.count()\n    return n",
    "exists": "return books.exists()",
    "or for a default": "return books or x",
    "one row": "if books.first():\n        pass",
    "length of rows": "rows = list(books)\n    if len(rows) > 0:\n        pass",
    "maybe prefetched": (
        "for a in Author.objects.prefetch_related('books'):\n"
        "        if a.books.all():\n            pass"
    ),
    "prefetched count": (
        "for a in Author.objects.prefetch_related('books'):\n"
        "        if a.books.count() > 0:\n            pass"
    ),
    "a chain of comparisons": "return 0 < books.count() < 5",
    "none on one way": "b = None\n    if x:\n        b = Book.objects.all()\n    if b:\n        pass",
}


@pytest.mark.parametrize("body", ACCEPTED.values(), ids=ACCEPTED)
def test_says_nothing_of(body):
    ignores(RULE, f"\ndef show(x):\n    books = Book.objects.all()\n    {body}\n")


ROWS_OF_OTHERS = {
    "an argument": "def told(books):\n    if not books:\n        print(1)\n\ndef show():\n    books = Book.objects.all()\n    told(books)\n    return list(books)\n",
    "an attribute": "class Shelf:\n    def load(self):\n        self.books = Book.objects.all()\n\n    def show(self):\n        if self.books:\n            return list(self.books)\n",
}  # fmt: skip


@pytest.mark.parametrize("code", ROWS_OF_OTHERS.values(), ids=ROWS_OF_OTHERS)
def test_says_nothing_of_rows_that_others_hold(code):
    ignores(RULE, f"\n{code}")


def test_a_method_of_django_that_a_manager_extends_is_djangos():
    models = MODELS.replace(
        "class BookQuerySet(models.QuerySet):\n",
        "class BookQuerySet(models.QuerySet):\n    def create(self, **kwargs):\n        made = super().create(**kwargs)\n        return made\n\n",
    )
    ignores(
        RULE,
        "\ndef show():\n    book = Book.objects.create()\n    if book:\n        print(1)\n",
        models=models,
    )


def test_a_test_is_told_once_whatever_it_is_called_with():
    finds(
        RULE,
        "\ndef told(x, books):\n    if books.filter(pages=1).count() == 0:\n        print(1)\n\ndef show():\n    told(True, Book.objects.all())\n    told(None, Author.objects.all())\n",
        3,
    )


def test_says_nothing_of_one_row_at_most():
    ignores(
        RULE,
        "\ndef show():\n    books = Book.objects.all()[0:1]\n    if len(books) > 0:\n        return True\n",
    )
