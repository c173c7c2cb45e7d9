import pytest

from tests.audit_cases import accepts, flags, rewrites

RULE = "join_that_drops_rows"
CODE = """
# file: shop/models.py
from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=100)


class Order(models.Model):
    customer = models.ForeignKey(Customer, {})


class Line(models.Model):
    order = models.ForeignKey(Order, {}on_delete=models.CASCADE)
# file: shop/views.py
from shop.models import Line, Order


def view():
    return {}
"""
LOOSE = "on_delete=models.DO_NOTHING, db_constraint=False"


def test_prefetches_instead():
    query = 'Order.objects.{}("customer").order_by("pk")'
    rewrites(
        RULE,
        CODE.format(LOOSE, "", query.format("select_related")),
        CODE.format(LOOSE, "", query.format("prefetch_related")),
    )


def test_follows_strict_joins():
    query = 'Line.objects.select_related("order__customer")'
    flags(RULE, CODE.format(LOOSE, "", query))
    accepts(RULE, CODE.format(LOOSE, "null=True, ", query))


@pytest.mark.parametrize(
    "options",
    [
        "on_delete=models.CASCADE",
        "on_delete=models.DO_NOTHING",
        "on_delete=models.CASCADE, db_constraint=False",
        f"{LOOSE}, null=True",
    ],
)
def test_leaves_guarded_keys_alone(options):
    accepts(RULE, CODE.format(options, "", 'Order.objects.select_related("customer")'))


def test_leaves_prefetches_alone():
    accepts(RULE, CODE.format(LOOSE, "", 'Order.objects.prefetch_related("customer")'))
