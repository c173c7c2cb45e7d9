"""From a cart to an order."""

from django.core.cache import cache
from django.db import transaction
from django.db.models import F

from . import gateway, pricing
from .models import Coupon, Order, OrderLine, Payment, Stock
from .tasks import send_order_confirmation


class OrderProblem(Exception):
    """Says, in the customer's words, why the order was not placed."""


def place_order(customer, cart, ship_to, card, note=""):
    lines = list(cart.lines.select_related("product"))
    if not lines:
        raise OrderProblem("Your cart is empty.")
    for line in lines:
        stock = Stock.objects.get(product=line.product)
        if stock.quantity < line.quantity:
            raise OrderProblem(f"Only {stock.quantity} left of {line.product.name}.")

    coupon = Coupon.objects.filter(code=cart.coupon_code).first() if cart.coupon_code else None
    totals = pricing.totals(pricing.subtotal(cart), coupon)

    with transaction.atomic():
        order = Order.objects.create(
            customer=customer, coupon=coupon, ship_to=ship_to, note=note, **totals
        )
        for line in lines:
            OrderLine.objects.create(
                order=order,
                product=line.product,
                product_name=line.product.name,
                unit_price=line.product.price,
                quantity=line.quantity,
            )
        try:
            reference = gateway.charge(order.total, card, order.number)
        except gateway.PaymentRefused as problem:
            raise OrderProblem(str(problem)) from problem
        Payment.objects.create(
            order=order, amount=order.total, status="captured", reference=reference
        )
        Order.objects.filter(pk=order.pk).update(status=Order.PAID)
        cache.delete("best-sellers")
        send_order_confirmation.delay(order)

    take_from_stock(order)
    if coupon is not None:
        Coupon.objects.filter(pk=coupon.pk).update(used=F("used") + 1)
    cart.lines.all().delete()
    cart.coupon_code = ""
    cart.save(update_fields=["coupon_code", "updated_at"])
    return order


def take_from_stock(order):
    for line in order.lines.select_related("product"):
        stock = Stock.objects.get(product=line.product)
        stock.quantity = stock.quantity - line.quantity
        stock.save(update_fields=["quantity"])


def put_back_in_stock(order):
    lines = order.lines.all()
    for line in lines:
        Stock.objects.filter(product_id=line.product_id).update(
            quantity=F("quantity") + line.quantity
        )
    return len(lines)


def cancel_order(order):
    put_back_in_stock(order)
    for payment in order.payments.filter(status="captured"):
        gateway.refund(payment.reference, payment.amount)
    order.payments.filter(status="captured").update(status="refunded")
    Order.objects.filter(pk=order.pk).update(status=Order.CANCELLED)
