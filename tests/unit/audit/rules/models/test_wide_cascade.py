# ruff: noqa: E501 - a case of code stays on the line of its name
from tests.audit_cases import accepts, flags

RULE = "wide_cascade"


def models(*links: str, count: int = 0, on_delete: str = "models.CASCADE") -> str:
    text = "from django.db import models\n\n\nclass Root(models.Model):\n    pass\n"
    for target, name in zip(("Root", *links), links, strict=False):
        text += f"\n\nclass {name}(models.Model):\n    up = models.ForeignKey({target}, on_delete={on_delete})\n"
    for number in range(count):
        text += f"\n\nclass Leaf{number}(models.Model):\n    up = models.ForeignKey(Root, on_delete={on_delete})\n"
    return text


def test_finds_a_long_chain():
    (finding,) = flags(RULE, models("A", "B", "C", "D", "E"), 4, path="shop/models.py")
    assert "Root → A → B → C → D → E" in finding.message
    assert len(finding.steps) == 5


def test_finds_many_models():
    (finding,) = flags(RULE, models(count=10), 4, path="shop/models.py")
    assert "10 other models" in finding.message


def test_says_nothing_of_short_chains_and_other_ways():
    accepts(RULE, models("A", "B", "C"), path="shop/models.py")
    accepts(RULE, models(count=9), path="shop/models.py")
    accepts(
        RULE, models("A", "B", "C", "D", "E", on_delete="models.PROTECT"), path="shop/models.py"
    )
