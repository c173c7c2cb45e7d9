"""The numbers on the dashboard."""

from datetime import timedelta

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from orders.models import Order
from reports import best_sellers


def revenue_per_day(days=30):
    since = timezone.now() - timedelta(days=days)
    rows = (
        Order.objects.filter(created_at__gte=since)
        .exclude(status=Order.CANCELLED)
        .annotate(day=TruncDate("created_at"))
        .values("day")
        .annotate(revenue=Sum("total"), orders=Count("pk"))
        .order_by("day")
    )
    return list(rows)


def revenue_of_status(status):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COALESCE(SUM(total), 0) FROM orders_order WHERE status = '{status}'")
        return cursor.fetchone()[0]


def overview():
    figures = cache.get("overview")
    if figures is None:
        figures = {
            "revenue": revenue_per_day(),
            "statuses": [
                {"label": label, "total": revenue_of_status(status)}
                for status, label in Order.STATUSES
            ],
            "best_sellers": best_sellers.ranking(5),
        }
        cache.set("overview", figures, 60)
    return figures
