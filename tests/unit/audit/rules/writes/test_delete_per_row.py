# ruff: noqa: E501 - a case of code stays on the line of its name
import pytest

from tests.unit.audit.flow.shop import MODELS, finds, ignores, mends

RULE = "delete_per_row"


@pytest.mark.parametrize(
    "query",
    [
        "Book.objects.all()",
        "Book.objects.filter(pages=1).order_by('title')",
        "author.books.all()",
        "author.books.filter(pages=n)",
    ],
)
def test_deletes_by_the_query(query):
    head = "\ndef view(n):\n    author = Author.objects.get(pk=n)\n"
    mends(
        RULE,
        f"{head}    for book in {query}:\n        book.delete()\n",
        f"{head}    {query}.delete()\n",
    )


def test_a_name_that_is_not_read_again():
    head = "\ndef view():\n    books = Book.objects.all()\n"
    mends(
        RULE,
        f"{head}    for book in books:\n        book.delete()\n",
        f"{head}    books.delete()\n",
    )


FOUND = {
    "a name read again": (
        "books = Book.objects.all()\n    for book in books:\n        book.delete()\n"
        "    return len(books)"
    ),
    "a condition": "for b in Book.objects.all():\n        if b.pages > n:\n            b.delete()",
    "told": "for b in Book.objects.all():\n        print(b.title)\n        b.delete()",
    "a slice": "for b in Book.objects.order_by('title')[100:]:\n        b.delete()",
    "a list": "for b in list(Book.objects.all()):\n        b.delete()",
    "streamed": "for b in Book.objects.iterator():\n        b.delete()",
    "a comment": "for b in Book.objects.all():  # gone\n        b.delete()",
}


@pytest.mark.parametrize("body", FOUND.values(), ids=FOUND)
def test_finds_without_a_fix(body):
    (finding,) = finds(RULE, f"\ndef view(n):\n    {body}\n")
    assert finding.fix is None


ACCEPTED = {
    "few": "for b in Book.objects.all()[:5]:\n        b.delete()",
    "an own file": "for b in Book.objects.all():\n        b.file.delete()\n        b.delete()",
    "may fail": (
        "for b in Book.objects.all():\n        try:\n            b.delete()\n"
        "        except ValueError:\n            pass"
    ),
    "another write": "for b in Book.objects.all():\n        n.archive(b)\n        b.delete()",
    "a result": "for b in Book.objects.all():\n        n += b.delete()[0]",
    "a related row": "for b in Book.objects.all():\n        b.author.delete()",
    "one row": "Book.objects.get(pk=n).delete()",
    "the first": "for b in Book.objects.all():\n        b.delete()\n        break",
    "unknown rows": "for b in n:\n        b.delete()",
    "with arguments": "for b in Book.objects.all():\n        b.delete(soft=True)",
    "asked for again": (
        "for b in Book.objects.all():\n        if Book.objects.filter(title=b.title).count() > 1:\n"
        "            b.delete()"
    ),
}


@pytest.mark.parametrize("body", ACCEPTED.values(), ids=ACCEPTED)
def test_says_nothing_of(body):
    ignores(RULE, f"\ndef view(n):\n    {body}\n")


OTHERS = {
    "its own delete()": "class Mark(models.Model):\n    def delete(self):\n        pass\n",
    "a base's": "class Mark(Deleting):\n    pass\n",
    "an unknown base": "class Mark(elsewhere.Base):\n    name = models.CharField()\n",
    "a package's": "from mptt.models import MPTTModel\n\n\nclass Mark(MPTTModel):\n    pass\n",
    "a manager's": (
        "class Kept(models.QuerySet):\n    def delete(self):\n        pass\n\n\n"
        "class Mark(models.Model):\n    objects = Kept.as_manager()\n"
    ),
}


@pytest.mark.parametrize("model", OTHERS.values(), ids=OTHERS)
def test_says_nothing_where_deleting_is_more(model):
    base = "\n\nclass Deleting(models.Model):\n    def delete(self):\n        pass\n\n\n"
    code = (
        "\nfrom shop.models import Mark\n\n\ndef view():\n"
        "    for mark in Mark.objects.all():\n        mark.delete()\n"
    )
    ignores(RULE, code, f"{MODELS}{base}{model}")
    finds(RULE, code, models=f"{MODELS}\n\nclass Mark(models.Model):\n    pass\n")


def test_a_list_may_have_lost_rows_that_are_to_stay():
    code = "\ndef f():\n    rows = list(Tag.objects.filter(name='x'))\n    rows.pop()\n    for row in rows:\n        row.delete()\n"
    (finding,) = finds(RULE, code)
    assert "Collect their keys" in finding.message
