"""What sold most this week, counted as it is sold."""

from datetime import timedelta

from django.db.models import Sum
from django.utils import timezone
from praxis.committed import watch
from praxis.rankings import Leaderboard

from catalogue.models import Product
from orders.models import OrderLine

board = Leaderboard("best sellers", period="week")
SHOWN = 20


def follow():
    """Count what is ordered once the order is committed."""
    watch(OrderLine, _count)


def _count(changes):
    keys = [change.pk for change in changes if change.kind == "created"]
    board.increment_many(dict(_sold(OrderLine.objects.filter(pk__in=keys))))


def rebuild():
    """Count this week anew, as after a Redis was lost; how many products there are."""
    return board.rebuild(_sold(OrderLine.objects.all()))


def _sold(lines):
    """Products, and how many of them were sold this week."""
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    this_week = lines.filter(order__created_at__date__gte=monday)
    sums = this_week.values_list("product_id").annotate(sold=Sum("quantity"))
    return sums.order_by("product_id").iterator()


def rows():
    """The best ones: rank, how many, and the product."""
    entries = board.top(SHOWN)
    products = Product.objects.select_related("brand").in_bulk([int(e.member) for e in entries])
    return [
        {"rank": entry.rank, "sold": int(entry.score), "product": products[int(entry.member)]}
        for entry in entries
        if int(entry.member) in products
    ]
