import pytest

from tests.audit_cases import accepts, flags

RULE = "unindexed_lookup"
MODELS = """\
# file: shop/__init__.py
# file: shop/models.py
from django.db import models


class Shop(models.Model):
    name = models.CharField(max_length=20)


class OrderQuerySet(models.QuerySet):
    def open(self):
        return self.filter(paid=False)


class Order(models.Model):
    number = models.CharField(max_length=20{number})
    created_at = models.DateTimeField({created})
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE)
    paid = models.BooleanField(default=False)
    email = models.EmailField(choices=[])
    code = models.IntegerField()
    objects = OrderQuerySet.as_manager()

    class Meta:
        indexes = [{indexes}]


class Country(models.Model):
    code = models.CharField(max_length=2)
# file: shop/views.py
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404

from shop.models import Country, Order


def show(request, number, shop):
"""
NUMBER_LINE, CREATED_LINE = 14, 15


def source(*bodies: str, number: str = "", created: str = "", indexes: str = "") -> str:
    models = MODELS.replace("{number}", number).replace("{created}", created)
    lines = [f"    {line}" for body in bodies for line in body.split("\n")]
    return models.replace("{indexes}", indexes) + "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    "body",
    [
        "get_object_or_404(Order, number=number)",
        "Order.objects.get(number=number)",
        "Order.objects.filter(number=number).first()",
        "Order.objects.filter(number=number, paid=True).exists()",
        "orders = Order.objects.filter(paid=True)\norders.get(number=number)",
        "Order.objects.select_related('shop').get(number__exact=number)",
        "Order.objects.get_or_create(number=number, defaults={'paid': True})",
    ],
)
def test_finds_rows_that_are_looked_up_by_a_column_without_an_index(body):
    (finding,) = flags(RULE, source(body), NUMBER_LINE)
    assert 'models.Index(fields=["number"], name="order_number_idx")' in finding.message
    assert finding.steps


@pytest.mark.parametrize(
    "body",
    [
        "Order.objects.get(pk=number)",
        "Order.objects.get(id=1, number=number)",
        "Order.objects.get(shop=shop, number=number)",
        "Order.objects.get(shop_id=shop, number=number)",
        "shop.order_set.get(number=number)",
        "Order.objects.get(Q(number=number) | Q(code=number))",
        "Order.objects.get(**{'number': number})",
        "Order.objects.open().get(number=number)",
        "Order.objects.get(number__icontains=number)",
        "Order.objects.filter(number=number).update(paid=True)",
        "Order.objects.get(email=number)",
        "Order.objects.get(paid=True)",
        "Country.objects.get(code=number)",
        "Order.objects.exclude(number=number).first()",
    ],
)
def test_says_nothing_of_what_is_narrowed_or_not_known(body):
    accepts(RULE, source(body))


@pytest.mark.parametrize(
    "place",
    [
        {"number": ", unique=True"},
        {"number": ", db_index=True"},
        {"number": ", **OPTIONS"},
        {"indexes": 'models.Index(fields=["number"], name="n")'},
        {"indexes": 'models.Index(fields=["number", "paid"], name="n")'},
        {"indexes": 'models.Index(fields=["number"], condition=models.Q(paid=True), name="n")'},
        {"indexes": "*more()"},
    ],
)
def test_says_nothing_where_an_index_begins_with_it(place):
    accepts(RULE, source("Order.objects.get(number=number)", **place))


LATEST = "list(Order.objects.filter(paid=True).order_by('-created_at')[:20])"
RANGE = "list(Order.objects.filter(created_at__gte=number))"


@pytest.mark.parametrize(
    "bodies",
    [
        (LATEST, LATEST),
        (LATEST, RANGE),
        (RANGE, "Order.objects.latest('created_at')"),
        (RANGE, "orders = Order.objects.order_by('-created_at')\nPaginator(orders, 20)"),
    ],
)
def test_finds_a_time_that_rows_are_picked_by_in_several_places(bodies):
    (finding,) = flags(RULE, source(*bodies), CREATED_LINE)
    assert "Each of 2 queries" in finding.message


@pytest.mark.parametrize(
    "bodies",
    [
        (LATEST,),
        (RANGE, RANGE),
        (LATEST.replace("paid=True", "shop=shop"),) * 2,
        (LATEST.replace("[:20]", ""),) * 2,
        (LATEST.replace("created_at", "code"),) * 2,
    ],
)
def test_says_nothing_of_one_place_or_of_whole_tables(bodies):
    accepts(RULE, source(*bodies))


@pytest.mark.parametrize(
    "indexes",
    [
        'models.Index(fields=["-created_at"], name="c")',
        'models.Index(fields=["paid", "created_at"], name="c")',
    ],
)
def test_says_nothing_where_an_index_has_the_order(indexes):
    accepts(RULE, source(LATEST, LATEST, indexes=indexes))


def test_says_nothing_of_code_that_serves_no_request():
    body = "Order.objects.get(number=number)"
    accepts(RULE, source(body).replace("shop/views.py", "shop/management/commands/show.py"))


def test_an_optional_condition_leaves_the_query_without_it():
    body = (
        "orders = Order.objects.filter(created_at__gte=number)\n"
        "if shop:\n    orders = orders.filter(shop=shop)\n"
        "list(orders.order_by('-created_at')[:20])"
    )
    flags(RULE, source(body, LATEST), CREATED_LINE)
