import pytest

from tests.unit.audit.flow.shop import finds, ignores, mends

RULE = "deferred_column_read"
CODE = "\ndef view(n):\n    for book in {}:\n        print(book.pages)\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('Book.objects.only("title")', 'Book.objects.only("title", "pages")'),
        (
            'Book.objects.only("title", "author").filter(pages=1)',
            'Book.objects.only("title", "author", "pages").filter(pages=1)',
        ),
        ('Book.objects.defer("pages").order_by("title")', 'Book.objects.order_by("title")'),
    ],
)
def test_fetches_the_column_with_the_rows(before, after):
    mends(RULE, CODE.format(before), CODE.format(after))


@pytest.mark.parametrize(
    "query",
    [
        'Book.objects.defer("pages", "data")',
        'Book.objects.only("title", "pages").only("title")',
        'Book.objects.only("title", "pages").defer("pages")',
        'Book.objects.defer("title").defer("pages", "data")',
        'list(Book.objects.only("author__name"))[:5]',
    ],
)
def test_finds_what_is_left_out(query):
    finds(RULE, CODE.format(query), 4)


def test_tells_a_column_once():
    code = (
        '\ndef view():\n    for book in Book.objects.only("title"):\n        if book.pages:\n'
        "            print(book.pages, book.author_id, book.title, book.pk)\n"
    )
    finds(RULE, code, 4, 5)


@pytest.mark.parametrize(
    "query",
    [
        "Book.objects.all()",
        'Book.objects.only("pages")',
        'Book.objects.only("title", "pages")',
        'Book.objects.defer("title")',
        'Book.objects.defer("pages").defer(None)',
        'Book.objects.defer("author__name")',
        'Book.objects.defer("pages").only("pages", "title").only("pages")',
        "Book.objects.only(*n)",
        'Book.objects.only(n, "title")',
        'Book.objects.only("title").titles()',
        "n.only('title')",
        'Book.objects.only("title").values("pages")',
        '[Book.objects.only("title").first()]',
    ],
)
def test_says_nothing_where_the_column_is_fetched_or_not_known(query):
    ignores(RULE, CODE.format(query))


@pytest.mark.parametrize(
    "body",
    [
        "book.pages = 1\n        print(book.pages)",
        "book.refresh_from_db()\n        print(book.pages)",
        "print(book.id, book.pk, book.title)",
        "print(book.author)",
        "print(book.pages)\n        break",
    ],
)
def test_says_nothing_of_rows_that_have_it(body):
    ignores(RULE, f'\ndef view():\n    for book in Book.objects.only("title"):\n        {body}\n')


def test_a_key_is_loaded_under_both_names():
    code = "\ndef view():\n    return [book.author_id for book in Book.objects.only({})]\n"
    for field in ("author", "author_id"):
        ignores(RULE, code.format(f'"{field}"'))
    finds(RULE, code.format('"title"'), 3)
