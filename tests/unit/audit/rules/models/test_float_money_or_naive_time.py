# ruff: noqa: E501 - a case of code stays on the line of its name
import pytest

from tests.audit_cases import accepts, flags, rewrites

RULE = "float_money_or_naive_time"


def model(name: str, field: str, other: str = "note = models.TextField()") -> str:
    return (
        f"from django.db import models\n\n\nclass {name}(models.Model):\n    {field}\n    {other}\n"
    )


@pytest.mark.parametrize(
    ("name", "field", "other"),
    [
        ("Product", "price = models.FloatField()", "note = models.TextField()"),
        ("Product", "unit_price = models.FloatField(default=0)", "note = models.TextField()"),
        ("Member", "fee = models.FloatField(null=True)", "note = models.TextField()"),
        ("Invoice", "total = models.FloatField()", "note = models.TextField()"),
        ("Line", "amount = models.FloatField()", "currency = models.CharField(max_length=3)"),
        ("Account", "balance = models.FloatField()", "currency = models.CharField(max_length=3)"),
    ],
)
def test_finds_money_in_a_float(name, field, other):
    flags(RULE, model(name, field, other), 5, path="shop/models.py")


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("Ingredient", "amount = models.FloatField()"),
        ("Result", "total = models.FloatField()"),
        ("Product", "price = models.DecimalField(max_digits=9, decimal_places=2)"),
        ("Product", "price_change_percent = models.FloatField()"),
        ("Invoice", "tax_rate = models.FloatField()"),
        ("Invoice", "total_timeout = models.FloatField()"),
        ("Queue", "total = models.FloatField()\n    max_concurrency = models.IntegerField()"),
        ("Route", "cost = models.FloatField()"),
        ("Place", "latitude = models.FloatField()"),
    ],
)
def test_says_nothing_of_other_floats(name, field):
    accepts(RULE, model(name, field), path="shop/models.py")


SITE = """\
# file: manage.py
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site.settings")
# file: site/__init__.py
# file: site/settings.py
USE_TZ = {zones}
ROOT_URLCONF = "site.urls"
INSTALLED_APPS = []
# file: shop/__init__.py
# file: shop/models.py
from django.db import models


class Cart(models.Model):
    touched_at = models.DateTimeField()
    due = models.DateField()
# file: shop/tasks.py
from datetime import date, datetime, timedelta

from shop.models import Cart


def tidy(cart, days):
{body}
"""


def site(body: str, zones: object = True) -> str:
    lines = "\n".join(f"    {line}" for line in body.split("\n"))
    return SITE.replace("{zones}", str(zones)).replace("{body}", lines)


@pytest.mark.parametrize(
    "body",
    [
        "Cart.objects.filter(touched_at__lt=datetime.now())",
        "Cart.objects.filter(touched_at__lt=datetime.utcnow() - timedelta(days=days))",
        "Cart.objects.create(touched_at=datetime.today())",
        "Cart.objects.update(touched_at=datetime.now())",
        "cart.touched_at = datetime.now()",
        "Cart.objects.exclude(touched_at__gte=date.today())",
        "before = datetime.now() - timedelta(days=days)\nCart.objects.filter(touched_at__lt=before)",
    ],
)
def test_finds_times_without_a_zone(body):
    flags(RULE, site(body))


@pytest.mark.parametrize(
    "body",
    [
        "Cart.objects.filter(touched_at__lt=datetime.now(tz))",
        "Cart.objects.filter(touched_at__date=date.today())",
        "Cart.objects.filter(touched_at__year=datetime.now().year)",
        "Cart.objects.filter(due__lt=date.today())",
        "Cart.objects.filter(due=datetime.now())",
        "print(datetime.now())",
        "before = datetime.now()\nbefore = localize(before)\nCart.objects.filter(touched_at__lt=before)",
        "Cart.objects.filter(touched_at__lt=localize(datetime.now()))",
        "cart.unknown = datetime.now()",
    ],
)
def test_says_nothing_of(body):
    accepts(RULE, site(body))


@pytest.mark.parametrize("zones", [False, "environ['ZONES']"])
def test_says_nothing_where_zones_are_off_or_not_known(zones):
    accepts(RULE, site("Cart.objects.filter(touched_at__lt=datetime.now())", zones))


def test_says_nothing_where_the_name_is_a_date_elsewhere():
    source = site("Cart.objects.filter(touched_at__lt=datetime.now())")
    more = "\n\nclass Visit(models.Model):\n    touched_at = models.DateField()\n# file: shop/tasks.py\n"
    accepts(RULE, source.replace("# file: shop/tasks.py\n", more))


def test_takes_the_time_with_its_zone():
    before = site(
        "before = datetime.now() - timedelta(days=days)\n"
        "return Cart.objects.filter(touched_at__lt=before)"
    )
    imports = "from shop.models import Cart\n"
    after = before.replace("datetime.now()", "timezone.now()").replace(
        imports, f"{imports}from django.utils import timezone\n"
    )
    rewrites(RULE, before, after)


def test_takes_the_import_that_is_there():
    head = "from datetime import date, datetime, timedelta\n"
    before = site("return Cart.objects.filter(touched_at__lt=datetime.now())").replace(
        head, f"{head}\nfrom django.utils import timezone\n"
    )
    rewrites(RULE, before, before.replace("datetime.now()", "timezone.now()"))
