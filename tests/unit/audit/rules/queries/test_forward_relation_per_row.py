# ruff: noqa: E501 - a case of code stays on the line of its name
import pytest

from tests.unit.audit.flow.shop import finds, mends

RULE = "forward_relation_per_row"


def test_names_every_relation_of_a_loop_in_one_finding():
    (finding,) = finds(
        RULE,
        """
def show():
    for book in Book.objects.filter(published=True):
        print(book.author.name)
        print(book.publisher.name, book.author.country.name)
""",
        4,
    )
    assert '.select_related("publisher", "author__country")' in finding.message
    assert [step.place.line for step in finding.steps] == [7, 8, 9, 9]
    assert finding.cost is not None
    assert (finding.cost.per_row, finding.cost.rows) == (3, None)


LOOPS = {
    "list": "[b.author.name for b in Book.objects.all()]",
    "set": "{b.author.name for b in Book.objects.all()}",
    "dict": "{b.pk: b.author.name for b in Book.objects.all()}",
    "any": "any(b.author.name for b in Book.objects.all())",
    "sum": "sum(len(b.author.name) for b in Book.objects.all())",
    "join": "', '.join(b.author.name for b in Book.objects.all())",
    "sorted": "sorted(Book.objects.all(), key=lambda b: b.author.name)",
    "map": "list(map(lambda b: b.author.name, Book.objects.all()))",
    "max": "max(Book.objects.all(), key=lambda b: b.author.name)",
    "groupby": "[k for k, _ in groupby(Book.objects.all(), key=lambda b: b.author.name)]",
    "condition": "[b.pk for b in Book.objects.all() if b.author.name]",
    "enumerate": "[b.author.name for i, b in enumerate(Book.objects.all())]",
    "zip": "[b.author.name for i, b in zip([1, 2], Book.objects.all())]",
    "reversed": "[b.author.name for b in reversed(Book.objects.all())]",
    "list()": "[b.author.name for b in list(Book.objects.all())]",
    "in_bulk": "[b.author.name for b in Book.objects.in_bulk([1, 2]).values()]",
    "items": "[b.author.name for k, b in Book.objects.in_bulk([1, 2]).items()]",
    "islice": "[b.author.name for b in islice(Book.objects.all(), 10)]",
    "404": "[b.author.name for b in get_list_or_404(Book, published=True)]",
    "one to one": "[b.cover.artist_id for b in Book.objects.all()]",
    "iterator": "[b.author.name for b in Book.objects.iterator()]",
    "getattr": "[getattr(b, 'author').name for b in Book.objects.all()]",
    "default manager": "[b.author.name for b in Book._default_manager.all()]",
    "own method": "[b.author.name for b in Book.objects.published()]",
    "f-string": "[f'by {b.author.name}' for b in Book.objects.all()]",
    "walrus": "[a.name for b in Book.objects.all() if (a := b.author)]",
    "nested": "[c.translator.name for b in Book.objects.all() for c in b.chapter_set.filter(title='x')]",
}


@pytest.mark.parametrize("expression", LOOPS.values(), ids=LOOPS)
def test_sees_rows_in_every_kind_of_loop(expression):
    finds(RULE, f"\ndef show():\n    return {expression}\n", 3)


def test_sees_async_loops():
    finds(
        RULE,
        """
async def show():
    async for book in Book.objects.all():
        print(book.author.name)
""",
        4,
    )


def test_follows_a_queryset_that_is_built_over_several_statements():
    mends(
        RULE,
        """
def show(request):
    books = Book.objects.all()
    if request.GET.get("published"):
        books = books.filter(published=True)
    books = books.order_by("title")
    for book in books:
        print(book.author.name)
""",
        """
def show(request):
    books = Book.objects.all().select_related("author")
    if request.GET.get("published"):
        books = books.filter(published=True)
    books = books.order_by("title")
    for book in books:
        print(book.author.name)
""",
    )


def test_mends_every_branch_that_makes_the_query():
    mends(
        RULE,
        """
def show(mine):
    if mine:
        books = Book.objects.filter(owner=mine)
    else:
        books = Book.objects.all()
    return [book.author.name for book in books]
""",
        """
def show(mine):
    if mine:
        books = Book.objects.filter(owner=mine).select_related("author")
    else:
        books = Book.objects.all().select_related("author")
    return [book.author.name for book in books]
""",
    )


def test_follows_an_alias_of_a_related_row():
    (finding,) = finds(
        RULE,
        """
def show():
    for book in Book.objects.select_related("author"):
        writer = book.author
        print(writer.country.name)
""",
        5,
    )
    assert '.select_related("author__country")' in finding.message


def test_knows_how_many_rows_a_slice_has():
    (finding,) = finds(
        RULE, "\ndef show():\n    return [b.author.name for b in Book.objects.all()[:10]]\n"
    )
    assert finding.cost is not None
    assert finding.cost.rows == 10


def test_rows_of_a_relation_of_a_single_row_are_rows():
    mends(
        RULE,
        """
def show(pk):
    author = get_object_or_404(Author, pk=pk)
    return [book.publisher.name for book in author.books.all()]
""",
        """
def show(pk):
    author = get_object_or_404(Author, pk=pk)
    return [
        book.publisher.name
        for book in author.books.all().select_related("publisher")
    ]
""",
    )


def test_rows_below_the_rows_of_a_loop_are_prefetched_there():
    mends(
        RULE,
        """
def show():
    for author in Author.objects.prefetch_related("books"):
        for book in author.books.all():
            print(book.publisher.name)
""",
        """
def show():
    for author in Author.objects.prefetch_related("books__publisher"):
        for book in author.books.all():
            print(book.publisher.name)
""",
    )


def test_filtered_rows_below_a_loop_are_joined_where_they_are_filtered():
    mends(
        RULE,
        """
def show():
    for author in Author.objects.all():
        for book in author.books.filter(published=True):
            print(book.publisher.name)
""",
        """
def show():
    for author in Author.objects.all():
        for book in author.books.filter(published=True).select_related("publisher"):
            print(book.publisher.name)
""",
    )


def test_generic_relation_is_prefetched():
    (finding,) = finds(
        RULE, "\ndef show():\n    return [str(c.target) for c in Comment.objects.all()]\n"
    )
    assert '.prefetch_related("target")' in finding.message


def test_two_loops_are_two_findings():
    finds(
        RULE,
        """
def show():
    books = Book.objects.all()
    print([book.author.name for book in books])
    print([book.publisher.name for book in books])
""",
        4,
        5,
    )


# Where the fix goes.

CHAINS = [
    ("Book.objects.all()[:5]", 'Book.objects.all().select_related("author")[:5]'),
    ("Book.objects.iterator()", None),
    (
        "Book.objects.filter(pages=1).iterator()",
        'Book.objects.filter(pages=1).select_related("author").iterator()',
    ),
    (
        'Book.objects.select_related("publisher").filter(pages=1)',
        'Book.objects.select_related("publisher", "author").filter(pages=1)',
    ),
    (
        "(\n        Book.objects\n        .filter(pages=1)  # the first\n        .order_by('pk')\n    )",
        (
            "(\n        Book.objects\n        .filter(pages=1)  # the first\n        .order_by('pk')\n"
            '        .select_related("author")\n    )'
        ),
    ),
    (
        "Book.objects.filter(\n        pages=1,\n    ).all()",
        (
            "(\n        Book.objects.filter(\n            pages=1,\n        )\n        .all()\n"
            '        .select_related("author")\n    )'
        ),
    ),
    (
        'Book.objects.select_related(\n        "publisher",\n    )',
        'Book.objects.select_related(\n        "publisher",\n        "author",\n    )',
    ),
    (
        'Book.objects.filter(title="größer als…").all()',
        'Book.objects.filter(title="größer als…").all().select_related("author")',
    ),
    ('Book.objects.only("title").all()', None),
]


@pytest.mark.parametrize(("before", "after"), CHAINS)
def test_writes_the_call_in_the_chain(before, after):
    code = "\ndef show():\n    ä = 'ö'\n    for b in {}:\n        print(b.author.name)\n"
    if after is None:
        (finding,) = finds(RULE, code.format(before))
        assert finding.fix is None
    else:
        mends(RULE, code.format(before), code.format(after))


def test_joins_nothing_that_may_be_null_to_locked_rows():
    code = (
        "\ndef show():\n    for b in Book.objects.select_for_update():\n        print(b.{}.name)\n"
    )
    (finding,) = finds(RULE, code.format("editor"))
    assert finding.fix is None
    (finding,) = finds(RULE, code.format("author"))
    assert finding.fix is not None
