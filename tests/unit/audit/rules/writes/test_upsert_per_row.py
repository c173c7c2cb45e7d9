import pytest

from tests.unit.audit.flow.shop import MODELS, finds, ignores

RULE = "upsert_per_row"
UNIQUE = {
    "a column": "    name = models.CharField(max_length=9, unique=True)\n",
    "one to one": "    name = models.OneToOneField(Tag, on_delete=models.CASCADE)\n",
    "together": (
        "    name = models.CharField(max_length=9)\n\n"
        "    class Meta:\n        unique_together = [('name', 'id')]\n"
    ),
    "a constraint": (
        "    name = models.CharField(max_length=9)\n\n"
        "    class Meta:\n        constraints = [models.UniqueConstraint(fields=['name'])]\n"
    ),
}
HEAD = f"{MODELS}\n\nclass Mark(models.Model):\n"
CODE = "\nfrom shop.models import Mark\n\n\ndef view(names):\n    {}\n"
LOOP = CODE.format("for n in names:\n        Mark.objects.{}(name=n)")


@pytest.mark.parametrize("fields", UNIQUE.values(), ids=UNIQUE)
def test_finds_rows_looked_for_one_by_one(fields):
    (finding,) = finds(RULE, LOOP.format("get_or_create"), models=HEAD + fields)
    assert "ignore_conflicts=True" in finding.message
    (finding,) = finds(RULE, LOOP.format("update_or_create"), models=HEAD + fields)
    assert "update_conflicts=True" in finding.message


@pytest.mark.parametrize(
    "body",
    [
        "Mark.objects.get_or_create(name=names)",
        "for n in names:\n        mark, made = Mark.objects.get_or_create(name=n)",
        "for n in names:\n        Mark.objects.get_or_create(name=n)\n        names.send(n)",
        "for n in names:\n        Mark.objects.get_or_create(name__iexact=n)",
        "for n in names:\n        Mark.objects.get_or_create(**n)",
        "for n in ('a', 'b'):\n        Mark.objects.get_or_create(name=n)",
        "for n in names:\n        Tag.objects.get_or_create(name=n)",
    ],
)
def test_says_nothing_of(body):
    ignores(RULE, CODE.format(body), HEAD + UNIQUE["a column"])
