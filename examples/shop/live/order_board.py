"""Orders as they come in and change, for those who pack them."""

from django.db.models import Sum
from praxis.committed import watch
from praxis.realtime import publish

from orders.models import Order

CHANNEL = "orders"


def shown_orders():
    """Orders with all that a row shows."""
    return Order.objects.select_related("customer").annotate(items=Sum("lines__quantity"))


def row_of(order):
    return {
        "number": order.number,
        "url": order.get_absolute_url(),
        "status": order.status,
        "label": order.get_status_display(),
        "customer": order.customer.display_name,
        "items": order.items,
        "total": f"{order.total:.2f}",
        "at": order.created_at.isoformat(),
    }


def follow():
    """Tell the board of each order that was committed, also by tasks and the admin."""
    watch(Order, _tell, fields=["status", "total"])


def _tell(changes):
    keys = [change.pk for change in changes if change.kind != "deleted" and change.pk is not None]
    for order in shown_orders().filter(pk__in=keys).order_by("created_at", "pk"):
        publish(CHANNEL, row_of(order))
