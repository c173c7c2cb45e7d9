# ruff: noqa: E501 - a case of code stays on the line of its name
import pytest

from tests.unit.audit.flow.shop import MODELS, finds, ignores, mends

RULE = "relation_filled_per_row"
HEAD = "\ndef view(n, tags):\n    book = Book.objects.get(pk=n)\n"


@pytest.mark.parametrize("method", ["add", "remove"])
@pytest.mark.parametrize("rows", ["tags", "Tag.objects.filter(name=n)", "n.tags"])
def test_takes_them_all_at_once(method, rows):
    mends(
        RULE,
        f"{HEAD}    for tag in {rows}:\n        book.tags.{method}(tag)\n",
        f"{HEAD}    book.tags.{method}(*{rows})\n",
    )


FOUND = {
    "worked out": "for n in tags:\n        tag = Tag.objects.get(name=n)\n        book.tags.add(tag)",
    "found or made": (
        "for n in tags:\n        tag, _ = Tag.objects.get_or_create(name=n)\n        book.tags.add(tag)"
    ),
    "a key": "for tag in tags:\n        book.tags.add(tag.pk)",
    "a condition": "for tag in tags:\n        if tag:\n            book.tags.add(tag)",
    "one row or another": (
        "if book is None:\n        book = Book.objects.create(title=n)\n"
        "    for tag in tags:\n        book.tags.add(tag.pk)"
    ),
}


@pytest.mark.parametrize("body", FOUND.values(), ids=FOUND)
def test_finds_without_a_fix(body):
    (finding,) = finds(RULE, f"{HEAD}    {body}\n")
    assert finding.fix is None
    assert "book.tags.add(*rows)" in finding.message


ACCEPTED = {
    "once": "book.tags.add(n)",
    "all": "book.tags.add(*tags)",
    "another row each": "for book in Book.objects.all():\n        book.tags.add(n)",
    "fetched in the round": "for n in tags:\n        book = Book.objects.get(pk=n)\n        book.tags.add(n)",
    "looked at": (
        "for tag in tags:\n        if tag not in book.tags.all():\n            book.tags.add(tag)"
    ),
    "the same": "for tag in tags:\n        book.tags.add(n)",
    "few": "for tag in (1, 2):\n        book.tags.add(tag)",
    "may fail": (
        "for tag in tags:\n        try:\n            book.tags.add(tag)\n"
        "        except ValueError:\n            pass"
    ),
    "a set": "seen = set()\n    for tag in tags:\n        seen.add(tag)",
    "more of the through table": (
        "for tag in tags:\n        book.tags.add(tag, through_defaults={'n': tag})"
    ),
    "a reverse relation": "for tag in tags:\n        book.chapter_set.add(tag)",
    "published in the round": "for tag in tags:\n        book.tags.add(tag)\n        book.save()",
    "handed on": "for tag in tags:\n        book.tags.add(tag)\n        n.publish(book)",
    "after work that may fail": (
        "for tag in tags:\n        migrate_tag(tag)\n        book.tags.add(tag)"
    ),
    "unknown": "for tag in tags:\n        n.tags.add(tag)",
}


@pytest.mark.parametrize("body", ACCEPTED.values(), ids=ACCEPTED)
def test_says_nothing_of(body):
    ignores(RULE, f"{HEAD}    {body}\n")


def test_tells_once_of_a_helper_that_rows_of_several_models_are_handed_to():
    models = (
        MODELS
        + """

class Magazine(models.Model):
    tags = models.ManyToManyField(Tag, related_name="+")
"""
    )
    code = """
from shop.models import Magazine

def fill(row, names):
    for name in names:
        tag = Tag.objects.get(name=name)
        row.tags.add(tag)

def f(names):
    fill(Book.objects.get(pk=1), names)
    fill(Magazine.objects.get(pk=1), names)
"""
    finds(RULE, code, 7, models=models)
