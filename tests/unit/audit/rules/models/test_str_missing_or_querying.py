# ruff: noqa: E501 - a case of code stays on the line of its name
import pytest

from tests.audit_cases import accepts, flags

RULE = "str_missing_or_querying"
MODELS = """\
# file: shop/__init__.py
# file: shop/models.py
from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=100)
    country = models.ForeignKey("Country", null=True, on_delete=models.SET_NULL)

    def __str__(self):
        return self.name


class Country(models.Model):
    name = models.CharField(max_length=100)

    def __str__(self):
        return self.name


class Tag(models.Model):
    name = models.CharField(max_length=100)

    def __str__(self):
        return self.name


class Order(models.Model):
    number = models.CharField(max_length=20)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT)
    helper = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL, related_name="+")
    tags = models.ManyToManyField(Tag)
{text}

class Line(models.Model):
    order = models.ForeignKey(Order, on_delete=models.PROTECT)
    price = models.IntegerField()

    def __str__(self):
        return str(self.price)
# file: shop/admin.py
from django.contrib import admin

from shop.models import Customer, Line, Order


"""
STR_LINE = 33
ORDER_LINE = 26


def source(admin: str, returned: str | None = "self.customer.name") -> str:
    text = "" if returned is None else f"\n    def __str__(self):\n        return {returned}\n"
    return f"{MODELS.replace('{text}', text)}{admin}\n"


LIST = "admin.site.register(Order)"


@pytest.mark.parametrize(
    "admin",
    [
        LIST,
        "admin.site.register([Order, Customer])",
        "@admin.register(Order)\nclass OrderAdmin(admin.ModelAdmin):\n    pass",
        (
            "class OrderAdmin(admin.ModelAdmin):\n    list_display = ['__str__', 'number']\n\n"
            "admin.site.register(Order, OrderAdmin)"
        ),
        "@admin.register(Line)\nclass LineAdmin(admin.ModelAdmin):\n    list_display = ['price']",
        (
            "class OrderInline(admin.TabularInline):\n    model = Order\n    fk_name = 'helper'\n\n"
            "@admin.register(Line)\nclass LineAdmin(admin.ModelAdmin):\n"
            "    raw_id_fields = ['order']\n    inlines = [OrderInline]"
        ),
    ],
)
def test_finds_rows_that_are_printed_with_a_query_each(admin):
    (finding,) = flags(RULE, source(admin), STR_LINE)
    assert finding.cost is not None
    assert finding.cost.per_row == 1
    assert "shop/admin.py" in str(finding.steps[0].place)


@pytest.mark.parametrize(
    "admin",
    [
        "",
        "admin.site.register(Customer)",
        (
            "class OrderAdmin(admin.ModelAdmin):\n    list_display = ['number']\n\n"
            "admin.site.register(Order, OrderAdmin)"
        ),
        (
            "class OrderAdmin(admin.ModelAdmin):\n    list_select_related = ['customer']\n\n"
            "admin.site.register(Order, OrderAdmin)"
        ),
        (
            "class OrderAdmin(admin.ModelAdmin):\n    list_display = ['__str__', 'customer']\n\n"
            "admin.site.register(Order, OrderAdmin)"
        ),
        (
            "class OrderAdmin(admin.ModelAdmin):\n    def get_queryset(self, request):\n        pass\n\n"
            "admin.site.register(Order, OrderAdmin)"
        ),
        "class OrderAdmin(OwnAdmin):\n    pass\n\nadmin.site.register(Order, OrderAdmin)",
        (
            "class LineAdmin(admin.ModelAdmin):\n    raw_id_fields = ['order']\n\n"
            "admin.site.register(Line, LineAdmin)"
        ),
        (
            "class LineAdmin(admin.ModelAdmin):\n    fields = ['price']\n\n"
            "admin.site.register(Line, LineAdmin)"
        ),
        (
            "class LineAdmin(admin.ModelAdmin):\n    form = LineForm\n\n"
            "admin.site.register(Line, LineAdmin)"
        ),
    ],
)
def test_says_nothing_where_few_are_printed_or_all_is_loaded(admin):
    accepts(RULE, source(admin))


@pytest.mark.parametrize(
    ("returned", "queries"),
    [
        ("self.customer.country.name", 2),
        ("f'{self.number} {self.customer}'", 1),
        ("str(self.customer) + str(self.helper)", 2),
        ("self.tags.count()", 1),
        ("', '.join(tag.name for tag in self.tags.all())", 1),
    ],
)
def test_counts_the_relations_that_are_fetched(returned, queries):
    (finding,) = flags(RULE, source(LIST, returned))
    assert finding.cost is not None
    assert finding.cost.per_row == queries


@pytest.mark.parametrize(
    "returned",
    ["self.number", "str(self.customer_id)", "self.get_number_display()", "str(self.customer.pk)"],
)
def test_says_nothing_of_columns(returned):
    accepts(RULE, source(LIST, returned))


def test_an_admin_list_joins_only_what_is_not_null():
    admin = (
        "class OrderAdmin(admin.ModelAdmin):\n    list_display = ['__str__', 'customer']\n\n"
        "admin.site.register(Order, OrderAdmin)"
    )
    flags(RULE, source(admin, "self.helper.name"))


def test_finds_a_page_that_prints_what_is_deleted():
    cascade = source(
        "admin.site.register(Customer)\n@admin.register(Order)\n"
        "class OrderAdmin(admin.ModelAdmin):\n    list_display = ['number']\n",
        "self.helper.name",
    )
    accepts(RULE, cascade)
    cascade = cascade.replace(
        "Customer, on_delete=models.PROTECT", "Customer, on_delete=models.CASCADE"
    )
    (finding,) = flags(RULE, cascade)
    assert "before a Customer is deleted" in finding.steps[0].note


def test_finds_a_registered_model_without_a_name():
    (finding,) = flags(RULE, source(LIST, None), ORDER_LINE)
    assert "Order object (1)" in finding.message


def test_says_nothing_of_a_model_without_a_name_that_nobody_sees():
    accepts(RULE, source("", None))
    accepts(RULE, source("admin.site.register(Line)", None))


def test_says_nothing_where_a_base_may_have_one():
    unknown = source(LIST, None).replace(
        "class Order(models.Model)", "class Order(Named, models.Model)"
    )
    accepts(
        RULE,
        unknown.replace(
            "from django.db import models", "from django.db import models\nfrom names import Named"
        ),
    )


def test_says_nothing_where_the_manager_loads():
    managed = (
        source(LIST)
        .replace(
            "    tags = models.ManyToManyField(Tag)\n",
            "    tags = models.ManyToManyField(Tag)\n    objects = Orders()\n",
        )
        .replace(
            "class Order(",
            "class Orders(models.Manager):\n    def get_queryset(self):\n"
            "        return super().get_queryset().select_related('customer')\n\n\nclass Order(",
        )
    )
    accepts(RULE, managed)
