# ruff: noqa: E501, ISC004 - a case of code stays on the line of its name
import pytest

from tests.unit.audit.flow.shop import MODELS, finds, ignores, mends

RULE = "save_per_row"
HEAD = "\nfrom django.utils import timezone\n\n\ndef view(n, names):\n"


@pytest.mark.parametrize(
    ("query", "sets", "values"),
    [
        ("Tag.objects.filter(name='x')", "row.name = 'y'", "name='y'"),
        ("Tag.objects.all()", "row.name = n", "name=n"),
        (
            "Author.objects.all()",
            "row.name = n\n        row.country = names",
            "name=n, country=names",
        ),
        ("Author.objects.exclude(name='')", "row.mentor = None", "mentor=None"),
    ],
)
def test_updates_by_the_query(query, sets, values):
    mends(
        RULE,
        f"{HEAD}    for row in {query}:\n        {sets}\n        row.save()\n",
        f"{HEAD}    {query}.update({values})\n",
    )


def test_save_of_the_fields_that_are_set():
    code = "    for row in Tag.objects.all():\n        row.name = n\n"
    mends(
        RULE,
        f'{HEAD}{code}        row.save(update_fields=["name"])\n',
        f"{HEAD}    Tag.objects.all().update(name=n)\n",
    )


FOUND = {
    "by rounds": (
        "for i, row in enumerate(Tag.objects.all()):\n        row.name = str(i)\n        row.save()",
        'bulk_update(rows, ["name"]',
    ),
    "by condition": (
        "for row in Tag.objects.all():\n        if row.name != n:\n            row.name = n\n"
        "            row.save(update_fields=['name'])",
        'bulk_update(rows, ["name"]',
    ),
    "an expression": (
        "for row in Chapter.objects.all():\n        row.title = row.title + 'x'\n        row.save()",
        "F() expressions, and Concat() for text",
    ),
    "an expression of numbers": (
        "for row in Book.objects.all():\n        row.pages = row.pages + 1\n        row.save()",
        "F() expressions.",
    ),
    "a list": (
        "rows = list(Tag.objects.all())\n    for row in rows:\n        row.name = n\n"
        "        row.save()",
        "bulk_update(rows, ",
    ),
    "got by key": (
        "for name in names:\n        row = Tag.objects.get(name=name)\n        row.name = n\n"
        "        row.save()",
        "by one query before the loop",
    ),
    "a field that moves by itself": (
        "for row in Book.objects.all():\n        row.pages = 1\n        row.save()",
        "Set changed_at with it",
    ),
    "two places of one loop": (
        "for row in Tag.objects.all():\n        if n:\n            row.name = n\n"
        "            row.save()\n        else:\n            row.name = ''\n            row.save()",
        "bulk_update",
    ),
}


@pytest.mark.parametrize(("body", "told"), FOUND.values(), ids=FOUND)
def test_finds_without_a_fix(body, told):
    (finding,) = finds(RULE, f"{HEAD}    {body}\n")
    assert told in finding.message
    assert finding.fix is None


ACCEPTED = {
    "one row": "row = Tag.objects.get(pk=n)\n    row.name = n\n    row.save()",
    "few": "for row in Tag.objects.all()[:3]:\n        row.name = n\n        row.save()",
    "new rows": "for n in names:\n        Tag(name=n).save()",
    "other work": (
        "for row in Tag.objects.all():\n        row.name = n\n        row.save()\n        names.send(row)"
    ),
    "a method": "for row in Tag.objects.all():\n        row.rename(n)\n        row.save()",
    "nothing set": "for row in Tag.objects.all():\n        row.save()",
    "may fail": (
        "for row in Tag.objects.all():\n        row.name = n\n        try:\n            row.save()\n"
        "        except ValueError:\n            pass"
    ),
    "another database": (
        "for row in Tag.objects.all():\n        row.name = n\n        row.save(using=n)"
    ),
    "asked for again": (
        "for row in Tag.objects.all():\n        row.name = n\n"
        "        if not Tag.objects.filter(name=n).exists():\n            row.save()"
    ),
    "the same row": (
        "for name in names:\n        row = Tag.objects.get(pk=n)\n        row.name = name\n"
        "        row.save()"
    ),
    "by chance": (
        "for name in names:\n        row = Tag.objects.order_by('?')[0]\n        row.name = name\n"
        "        row.save()"
    ),
    "a related row": "for row in Book.objects.all():\n        row.author.name = n\n        row.author.save()",
    "for a reason": "for row in Tag.objects.all():\n        row.name = n\n        # a bulk update would skip history\n        row.save()",
    "copies": "for row in Tag.objects.all():\n        row.pk = None\n        row.name = n\n        row.save()",
    "copies by both names": (
        "for row in Tag.objects.all():\n        row.pk, row.id = None, None\n        row.name = n\n"
        "        row._state.adding = True\n        row.save()"
    ),
    "unknown": "for row in names:\n        row.name = n\n        row.save()",
    "the first": "for row in Tag.objects.all():\n        row.name = n\n        row.save()\n        break",
}


@pytest.mark.parametrize("body", ACCEPTED.values(), ids=ACCEPTED)
def test_says_nothing_of(body):
    ignores(RULE, f"{HEAD}    {body}\n")


OTHERS = {
    "its own save()": "class Mark(models.Model):\n    name = models.TextField()\n\n    def save(self):\n        pass\n",
    "another table": "class Mark(Tag):\n    text = models.TextField()\n",
    "a receiver": "class Mark(models.Model):\n    name = models.TextField()\n\n\npre_save.connect(print, sender=Mark)\n",
    "a file": "class Mark(models.Model):\n    name = models.FileField()\n",
    "a field of a package": "class Mark(models.Model):\n    name = elsewhere.SlugifiedField()\n",
}


@pytest.mark.parametrize("model", OTHERS.values(), ids=OTHERS)
def test_says_nothing_where_saving_is_more(model):
    code = (
        "\nfrom shop.models import Mark\n\n\ndef view(n):\n"
        "    for mark in Mark.objects.all():\n        mark.name = n\n        mark.save()\n"
    )
    ignores(RULE, code, f"{MODELS}\n\n{model}")
    plain = "class Mark(models.Model):\n    name = models.TextField()\n"
    finds(RULE, code, models=f"{MODELS}\n\n{plain}")


def test_a_slice_cannot_be_updated_by_the_query():
    code = "\ndef f(limit):\n    rows = Tag.objects.all()\n    if limit:\n        rows = rows[:limit]\n    for row in rows:\n        row.name = 'x'\n        row.save()\n"
    (finding,) = finds(RULE, code)
    assert "bulk_update" in finding.message
    assert ".update(" not in finding.message
