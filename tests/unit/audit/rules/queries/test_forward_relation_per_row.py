import pytest

from tests.unit.audit.flow.shop import finds, ignores, mends

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
    assert len(finding.steps) == 4
    assert finding.cost is not None and finding.cost.per_row == 3


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
}


@pytest.mark.parametrize("expression", LOOPS.values(), ids=LOOPS)
def test_sees_rows_in_every_kind_of_loop(expression):
    finds(RULE, f"\ndef show():\n    return {expression}\n", 3)


def test_fix_adds_the_call_at_the_end_of_the_chain():
    mends(
        RULE,
        "def show():\n    for b in Book.objects.all():\n        print(b.author.name)\n",
        'def show():\n    for b in Book.objects.all().select_related("author"):\n'
        "        print(b.author.name)\n",
    )


def test_says_nothing_of_what_is_joined():
    ignores(
        RULE,
        """
def show():
    for book in Book.objects.select_related("author__country"):
        print(book.author.country.name)
""",
    )
