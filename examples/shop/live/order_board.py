"""Orders as they come in and change, for those who pack them."""

from praxis.committed import watch
from praxis.realtime import publish

from orders.models import Order

CHANNEL = "orders"


def row_of(order):
    return {
        "number": order.number,
        "url": order.get_absolute_url(),
        "status": order.status,
        "label": order.get_status_display(),
        "customer": order.customer.display_name,
        "items": order.item_count,
        "total": f"{order.total:.2f}",
        "at": order.created_at.isoformat(),
    }


def follow():
    """Tell the board of each order that was committed, also by tasks and the admin."""
    watch(Order, _tell, fields=["status", "total"])


def _tell(changes):
    keys = [change.pk for change in changes if change.kind != "deleted" and change.pk is not None]
    orders = Order.objects.filter(pk__in=keys).select_related("customer").prefetch_related("lines")
    for order in orders.order_by("created_at", "pk"):
        publish(CHANNEL, row_of(order))
