"""What a cart costs."""

from decimal import Decimal

from django.conf import settings

from orders.coupons import discount
from orders.models import Coupon


def subtotal(cart):
    return sum((line.amount for line in cart.lines.select_related("product")), Decimal("0.00"))


def shipping(amount):
    if amount >= settings.FREE_SHIPPING_FROM:
        return Decimal("0.00")
    return Decimal(settings.SHIPPING_COST)


def totals(amount, coupon=None):
    taken_off = discount(coupon, amount)
    postage = shipping(amount - taken_off)
    return {
        "subtotal": amount,
        "discount": taken_off,
        "shipping": postage,
        "total": amount - taken_off + postage,
    }


def cart_totals(cart):
    coupon = None
    if cart.coupon_code:
        coupon = Coupon.objects.filter(code=cart.coupon_code).first()
    return totals(subtotal(cart), coupon)
