import pytest

from tests.audit_cases import accepts, flags

RULE = "nullable_text"
MODEL = """\
from django.db import models


class Order(models.Model):
    shop = models.ForeignKey("Shop", on_delete=models.CASCADE)
    note = {field}
{more}
"""


def source(field: str, more: str = "") -> str:
    return MODEL.format(field=field, more=more)


@pytest.mark.parametrize(
    "field",
    [
        "models.CharField(max_length=20, null=True, blank=True)",
        "models.TextField(blank=True, null=True)",
        "models.EmailField(null=True, blank=True, default='')",
        "models.URLField('Page', null=True, blank=True)",
        "models.SlugField(\n        null=True,\n        blank=True,\n    )",
    ],
)
def test_finds_text_that_is_empty_in_two_ways(field):
    (finding,) = flags(RULE, source(field), 6, path="shop/models.py")
    assert finding.fix is None


@pytest.mark.parametrize(
    "field",
    [
        "models.CharField(max_length=20, blank=True)",
        "models.CharField(max_length=20, null=True)",
        "models.IntegerField(null=True, blank=True)",
        "models.GenericIPAddressField(null=True, blank=True)",
        "models.CharField(max_length=20, null=True, blank=True, unique=True)",
        "models.CharField(max_length=2, null=True, blank=True, choices=KINDS)",
        "models.CharField(max_length=20, null=True, blank=True, **OPTIONS)",
        "EncryptedField(null=True, blank=True)",
        "forms.CharField(null=True, blank=True)",
    ],
)
def test_says_nothing_of(field):
    accepts(RULE, source(field), path="shop/models.py")


NULLABLE = "models.CharField(max_length=20, null=True, blank=True)"


@pytest.mark.parametrize(
    "meta",
    [
        'unique_together = [("shop", "note")]',
        'constraints = [models.UniqueConstraint(fields=["shop", "note"], name="x")]',
        'constraints = [models.UniqueConstraint(models.F("note"), name="x")]',
        "constraints = make_constraints()",
    ],
)
def test_says_nothing_where_null_keeps_rows_apart(meta):
    more = f"\n    class Meta:\n        {meta}\n"
    accepts(RULE, source(NULLABLE, more), path="shop/models.py")


@pytest.mark.parametrize(
    "use",
    [
        "Order.objects.filter(note__isnull=True)",
        "Order.objects.filter(shop__order__note__isnull=True)",
        "order.note is None",
        "order.note is not None",
        "Order.objects.exclude(note=None)",
        "{'note': None}",
    ],
)
def test_says_nothing_where_null_has_a_meaning(use):
    accepts(RULE, f"# file: shop/models.py\n{source(NULLABLE)}# file: shop/views.py\nx = {use}\n")


def test_says_nothing_of_what_programs_fill_in():
    accepts(RULE, source(NULLABLE).replace("note", "access_token"), path="shop/models.py")


def test_tells_a_field_of_a_base_once():
    heirs = "\n\nclass Big(Order):\n    pass\n\n\nclass Small(Order):\n    pass\n"
    meta = "\n    class Meta:\n        abstract = True\n"
    flags(RULE, source(NULLABLE, meta) + heirs, 6, path="shop/models.py")
