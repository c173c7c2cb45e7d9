import pytest

from tests.unit.audit.flow.shop import finds, ignores

RULE = "rows_folded_in_python"
BOOKS = "\ndef f(value):\n    books = Book.objects.filter(published=True)\n    "


@pytest.mark.parametrize(
    ("body", "cure"),
    [
        ("return sum(book.pages for book in books)", "Sum"),
        ("return sum([book.pages * book.pages for book in books if book.published])", "Sum"),
        ("return max(book.pages for book in books)", "Max"),
        ("return min((book.created_at for book in books), default=None)", "Min"),
        ("return sorted(books, key=lambda book: book.pages)", "order_by"),
        ("return [book for book in books if book.published]", "filter"),
        ("return [book.title for book in books if book.title == value]", "filter"),
        ("return {book.pk for book in books if book.editor is None}", ""),
        ("return len(books), sum(book.pages for book in books)", "Sum"),
    ],
)
def test_flags_what_the_database_can_do(body, cure):
    if not cure:
        ignores(RULE, f"{BOOKS}{body}\n")
        return
    (finding,) = finds(RULE, f"{BOOKS}{body}\n", 4)
    assert cure in finding.message


def test_flags_loops():
    finds(
        RULE,
        """
def f():
    total = 0
    for book in Book.objects.all():
        total += book.pages
    for book in Book.objects.filter(title="a"):
        if book.published:
            print(book)
    return total
""",
        5,
        7,
    )


@pytest.mark.parametrize(
    "body",
    [
        "return books, sum(book.pages for book in books)",
        "return sum(book.heading for book in books)",
        "return sum(value(book) for book in books)",
        "return sum(book.pages for book in books[:10])",
        "return sum(book.pages for book in value)",
        "return sorted(books, key=lambda book: book.title)",
        "return sorted(books, key=value)",
        "return [book for book in books if value(book)]",
        "return [book for book in books if book.heading]",
        "return any(book.published for book in books)",
        "for book in books:\n        pass",
        (
            "for book in books:\n        if book.published:\n            print(book)\n"
            "        else:\n            print(1)"
        ),
        (
            "last = None\n    for book in books:\n        if book.pages != last:\n"
            "            last = book.pages"
        ),
    ],
)
def test_leaves_alone_what_python_does_better_or_needs(body):
    ignores(RULE, f"{BOOKS}{body}\n")


def test_leaves_alone_what_each_round_of_a_loop_chooses_from_rows_fetched_before():
    code = """
def f(lengths):
    books = Book.objects.order_by("title")
    while lengths:
        chosen = [book for book in books if book.pages == lengths.pop()]
    for length in lengths:
        for book in books:
            if book.pages == length:
                print(book)
    return [[book for book in books if book.pages == length] for length in lengths]
"""
    ignores(RULE, code)


def test_flags_what_each_round_of_a_loop_fetches_anew():
    finds(
        RULE,
        """
def f(titles):
    for title in titles:
        books = Book.objects.filter(title=title)
        for book in books:
            if book.published:
                print(book)
""",
        6,
    )


def test_leaves_alone_what_may_be_prefetched():
    per_row = "[sum(b.pages for b in a.books.all()) for a in Author.objects.all()]"
    ignores(RULE, f"\ndef f():\n    return {per_row}\n")
    ignores(
        RULE,
        """
def f(request):
    User.objects.prefetch_related("book_set")
    return sum(book.pages for book in request.user.book_set.all())
""",
    )


def test_leaves_rows_that_are_shared_out_over_the_rounds_of_a_loop_alone():
    ignores(
        RULE,
        """
def f(titles):
    books = Book.objects.filter(published=True)
    for title in titles:
        print([book for book in books if book.title == title])
    return {title: [book for book in books if book.title == title] for title in titles}
""",
    )


def test_flags_rows_that_are_fetched_in_each_round():
    finds(
        RULE,
        """
def f(titles):
    for title in titles:
        books = Book.objects.filter(published=True)
        print([book for book in books if book.title == title])
""",
        5,
    )
