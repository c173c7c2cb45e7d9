import pytest

from tests.unit.audit.flow.shop import finds, ignores, mends

RULE = "rows_asked_for_before_fetched"


def test_rewrites_exists_before_a_loop():
    mends(
        RULE,
        """
def f():
    books = Book.objects.filter(pages=1)
    if books.exists():
        print("some")
        for book in books:
            print(book)
""",
        """
def f():
    books = Book.objects.filter(pages=1)
    if books:
        print("some")
        for book in books:
            print(book)
""",
    )


def test_rewrites_the_negated_test():
    mends(
        RULE,
        """
def f():
    books = Book.objects.filter(pages=1)
    if not books.exists():
        return []
    return [book.title for book in books]
""",
        """
def f():
    books = Book.objects.filter(pages=1)
    if not books:
        return []
    return [book.title for book in books]
""",
    )


def test_rewrites_a_count_before_the_rows():
    mends(
        RULE,
        """
def f():
    books = Book.objects.filter(pages=1)
    return {"count": books.count(), "titles": [book.title for book in books]}
""",
        """
def f():
    books = Book.objects.filter(pages=1)
    return {"count": len(books), "titles": [book.title for book in books]}
""",
    )


@pytest.mark.parametrize(
    "fetched",
    [
        "Book.objects.get(title=title)",
        "Book.objects.filter(title=title).first()",
        "Book.objects.filter(title=title)[0]",
        "Book.objects.filter(title=title).get()",
        "Book.objects.filter(title=title).order_by('-pages').first()",
        "list(Book.objects.filter(title=title).values_list('pk'))",
        "get_object_or_404(Book, title=title)",
    ],
)
def test_flags_the_same_rows_by_another_expression(fetched):
    code = f"""
def f(title):
    if Book.objects.filter(title=title).exists():
        return {fetched}
"""
    (finding,) = finds(RULE, code, 3)
    assert finding.fix is None
    assert len(finding.steps) == 1


def test_flags_a_test_with_other_conditions():
    code = """
def f(flag):
    books = Book.objects.filter(pages=1)
    if flag and books.exists():
        return books.first()
"""
    finds(RULE, code, 4)


@pytest.mark.parametrize(
    "body",
    [
        "if books.exists():\n        handle()\n        return books.first()",
        "if books.exists() or flag:\n        return books.first()",
        "if books.exists():\n        if flag:\n            return books.first()",
        "if books.exists():\n        return books.filter(title=flag).first()",
        "if books.exists():\n        books = flag\n        return books[0]",
        (
            "if books.exists():\n        return flag\n    books = Book.objects.filter(pages=2)\n"
            "    return list(books)"
        ),
        "list(books)\n    if books.exists():\n        return list(books)",
        "return books.count(), list(books[:10])",
        "n = books.count()\n    if flag:\n        return n\n    return n, list(books)",
        "if books.count() > 0:\n        return list(books)",
        "return books.count(), list(books.select_related('author'))",
        "if books.exists():\n        return books.update(pages=2)",
        "if flag.exists():\n        return list(flag)",
    ],
)
def test_leaves_alone_what_needs_both(body):
    ignores(RULE, f"\ndef f(flag):\n    books = Book.objects.filter(pages=1)\n    {body}\n")


def test_texts_that_are_not_kept_are_not_the_same():
    ignores(
        RULE,
        """
def f(name):
    if Book.objects.filter(title=f"a {name}").exists():
        return Book.objects.get(title=f"b {name}")
""",
    )
