import pytest

from tests.audit_cases import accepts, flags

RULE = "index_column_order"
MODELS = """\
# file: shop/__init__.py
# file: shop/models.py
from django.db import models


class Order(models.Model):
    created_at = models.DateTimeField()
    shop = models.ForeignKey("Shop", on_delete=models.CASCADE)
    status = models.CharField(max_length=9)

    class Meta:
        indexes = [models.Index(fields=["created_at", "shop"], name="x")]


class Shop(models.Model):
    name = models.CharField(max_length=9)
# file: shop/views.py
from shop.models import Order


def show(request, shop, day):
"""


def source(*bodies: str) -> str:
    return MODELS + "".join(f"    {body}\n" for body in bodies)


LATEST = "list(Order.objects.filter(shop=shop).order_by('-created_at')[:20])"


@pytest.mark.parametrize(
    "body",
    [
        LATEST,
        "list(Order.objects.filter(shop_id=shop, created_at__gte=day))",
        "Order.objects.filter(shop=shop, status='new').latest('created_at')",
    ],
)
def test_finds_an_index_that_begins_with_the_range(body):
    (finding,) = flags(RULE, source(body), 10)
    assert 'fields=["shop", "created_at"]' in finding.message


@pytest.mark.parametrize(
    "bodies",
    [
        (),
        ("Order.objects.filter(shop=shop).first()",),
        ("list(Order.objects.filter(created_at=day, shop=shop))",),
        (LATEST, "list(Order.objects.filter(created_at=day))"),
        (LATEST, "list(Order.objects.filter(created_at__gte=day))"),
        (LATEST, "list(Order.objects.order_by('created_at')[:5])"),
    ],
)
def test_says_nothing_where_a_query_wants_it_so(bodies):
    accepts(RULE, source(*bodies, "pass"))
