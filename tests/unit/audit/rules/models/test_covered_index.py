# ruff: noqa: E501 - a case of code stays on the line of its name
import pytest

from praxis.audit.findings import Safety
from tests.audit_cases import accepts, flags, rewrites

RULE = "covered_index"
HEAD = """\
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class Order(models.Model):
    shop = models.ForeignKey("Shop", on_delete=models.CASCADE)
    buyer = models.ForeignKey("Buyer", on_delete=models.CASCADE, db_index=False)
    number = models.CharField(max_length=9, unique=True)
    code = models.CharField(max_length=9, db_index=True)
    made_at = models.DateTimeField({indexed})
    total = models.IntegerField()

    class Meta:
"""


def source(meta: str, indexed: str = "") -> str:
    return f"{HEAD.format(indexed=indexed)}        {meta}\n"


A, AB, AC = (
    'models.Index(fields=["total"], name="a")',
    'models.Index(fields=["total", "made_at"], name="b")',
    'models.Index(fields=["total", "shop"], name="c")',
)


@pytest.mark.parametrize(
    "meta",
    [
        'indexes = [models.Index(fields=["shop"], name="a")]',
        'indexes = [models.Index(fields=["-shop"], name="a")]',
        'indexes = [models.Index(fields=["number"], name="a")]',
        'indexes = [models.Index(fields=["id"], name="a"), models.Index(fields=["id"], name="b")]',
        'indexes = [models.Index(fields=["code"], name="a")]',
        f"indexes = [{A}, {AB}]",
        f"indexes = [{AB}, {A}]",
        f'indexes = [{A}]\n        unique_together = [("total", "made_at")]',
        f'indexes = [{A}]\n        constraints = [models.UniqueConstraint(fields=["total", "shop"], name="u")]',
        'index_together = [("total", "shop"), ("total", "shop", "made_at")]',
        f'indexes = [{AB}, models.Index(fields=["-total", "-made_at", "id"], name="d")]',
    ],
)
def test_finds_an_index_that_another_covers(meta):
    flags(RULE, source(meta), path="shop/models.py")


@pytest.mark.parametrize(
    "meta",
    [
        'indexes = [models.Index(fields=["buyer"], name="a")]',
        f"indexes = [{AB}, {AC}]",
        f'indexes = [{AB}, models.Index(fields=["-total", "made_at", "id"], name="d")]',
        'indexes = [models.Index(fields=["shop"], name="a", condition=models.Q(total=0))]',
        'indexes = [models.Index(fields=["shop"], name="a", include=["total"])]',
        'indexes = [models.Index(fields=["code"], name="a", opclasses=["varchar_pattern_ops"])]',
        'indexes = [models.Index(models.F("shop"), name="a")]',
        'indexes = [GinIndex(fields=["shop"], name="a")]',
        f'indexes = [{A}, GinIndex(fields=["total", "made_at"], name="g")]',
        'indexes = [models.Index(fields=[*FIELDS], name="a")]',
        'indexes = [models.Index(fields=["shop", "made_at"], name="a")]',
        (
            f'indexes = [{A}]\n        constraints = [models.UniqueConstraint(fields=["total", "shop"], '
            'name="u", condition=models.Q(total=0))]'
        ),
        f'indexes = [{A}]\n        constraints = [models.CheckConstraint(condition=models.Q(), name="u")]',
    ],
)
def test_says_nothing_of(meta):
    accepts(RULE, source(meta), path="shop/models.py")


def test_says_nothing_of_text_which_has_a_second_index():
    accepts(
        RULE,
        source('indexes = [models.Index(fields=["code", "total"], name="a")]'),
        path="shop/models.py",
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"indexes = [{A}, {AB}]", f"indexes = [{AB}]"),
        (f"indexes = [{AB}, {A}]", f"indexes = [{AB}]"),
        ('indexes = [models.Index(fields=["shop"], name="x")]', "indexes = []"),
        (
            f"indexes = [\n            {AB},\n            {A},\n            {AC},\n        ]",
            f"indexes = [\n            {AB},\n            {AC},\n        ]",
        ),
    ],
)
def test_takes_the_entry_out(before, after):
    rewrites(RULE, source(before), source(after), path="shop/models.py")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("db_index=True", ""),
        ("null=True, db_index=True", "null=True"),
        ("db_index=True, null=True", "null=True"),
    ],
)
def test_takes_the_argument_out(before, after):
    meta = 'indexes = [models.Index(fields=["made_at", "total"], name="a")]'
    rewrites(RULE, source(meta, before), source(meta, after), path="shop/models.py")


def test_the_fix_is_unsafe_and_the_other_index_is_shown():
    (finding,) = flags(RULE, source(f"indexes = [{AB}, {A}]"), 14, path="shop/models.py")
    assert finding.fix is not None
    assert finding.fix.safety is Safety.UNSAFE
    assert [step.note for step in finding.steps] == ["the index that does its work"]


def test_leaves_a_comment_with_its_entry():
    meta = f"indexes = [\n            {A},  # the first one\n            {AB},\n        ]"
    (finding,) = flags(RULE, source(meta), path="shop/models.py")
    assert finding.fix is None


def test_one_of_two_alike_is_told():
    meta = 'indexes = [models.Index(fields=["made_at"], name="a")]'
    (finding,) = flags(RULE, source(meta, "db_index=True"), path="shop/models.py")
    assert finding.place.line == 14


def test_knows_what_a_base_declares():
    flags(
        RULE,
        """\
from django.db import models


class Base(models.Model):
    shop = models.ForeignKey("Shop", on_delete=models.CASCADE)

    class Meta:
        abstract = True


class Order(Base):
    class Meta:
        indexes = [models.Index(fields=["shop"], name="a")]
""",
        13,
        path="shop/models.py",
    )
