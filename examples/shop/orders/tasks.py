from celery import shared_task
from django.core.mail import send_mail
from django.utils import timezone

from .models import Order, OrderLine, Stock, StockMovement


@shared_task(bind=True, max_retries=10)
def send_order_confirmation(self, order):
    lines = "\n".join(f"{line.quantity} × {line.product_name}" for line in order.lines.all())
    try:
        send_mail(
            f"Your order {order.number}",
            f"Thank you for your order.\n\n{lines}\n\nTotal €{order.total}",
            None,
            [order.customer.email],
        )
    except OSError as problem:
        raise self.retry(exc=problem, countdown=60)


@shared_task
def ship_order(pk):
    order = Order.objects.get(pk=pk)
    order.status = Order.SHIPPED
    order.shipped_at = timezone.now()
    order.save()
    for line in order.lines.all():
        StockMovement.objects.create(
            product_id=line.product_id, delta=-line.quantity, reason=f"Order {order.number}"
        )


@shared_task
def reorder_report():
    """The shelves that run empty, for the buyers' mail on Monday."""
    rows = []
    for stock in Stock.objects.filter(quantity__lt=5).order_by("quantity")[:200]:
        rows.append(f"{stock.product.sku} {stock.product.name}: {stock.quantity} left")
    print(f"{len(rows)} products to reorder")
    return rows


@shared_task
def recount_reserved():
    for stock in Stock.objects.all():
        waiting = OrderLine.objects.filter(
            product_id=stock.product_id, order__status=Order.PAID
        ).count()
        if stock.reserved != waiting:
            stock.reserved = waiting
            stock.save(update_fields=["reserved"])
