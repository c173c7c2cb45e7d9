"""What sells, and how much of it."""

from django.core.cache import cache
from django.db.models import F, Sum

from orders.models import OrderLine
from reports.figures import revenue_per_day


def ranking(size=50):
    products = cache.get("best-sellers")
    if products is None:
        products = (
            OrderLine.objects.exclude(order__status="cancelled")
            .values("product_id", "product__name", "product__slug", "product__brand__name")
            .annotate(sold=Sum("quantity"), revenue=Sum(F("unit_price") * F("quantity")))
            .order_by("-sold", "product_id")[:200]
        )
        products = list(products)
        cache.set("best-sellers", products, None)
    return products[:size]


def share_of_month(row):
    month = sum(day["revenue"] for day in revenue_per_day(30))
    return round(100 * row["revenue"] / month, 1) if month else 0
