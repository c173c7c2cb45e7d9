"""What sold most this week, counted as it is sold."""

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
    for product, quantity in OrderLine.objects.filter(pk__in=keys).values_list(
        "product_id", "quantity"
    ):
        board.increment(product, quantity)


def rows():
    """The best ones: rank, how many, and the product."""
    entries = board.top(SHOWN)
    products = Product.objects.select_related("brand").in_bulk([int(e.member) for e in entries])
    return [
        {"rank": entry.rank, "sold": int(entry.score), "product": products[int(entry.member)]}
        for entry in entries
        if int(entry.member) in products
    ]
