"""Who may use a coupon, and what it takes off."""

from decimal import Decimal

from orders import pricing
from orders.models import Coupon, Order


class InvalidCoupon(Exception):
    pass


def check(code, cart, customer):
    """The coupon behind *code*; InvalidCoupon says why it cannot be used."""
    try:
        coupon = Coupon.objects.get(code=code)
    except Coupon.DoesNotExist:
        raise InvalidCoupon(f"There is no coupon {code}.") from None
    if not coupon.is_current():
        raise InvalidCoupon(f"Coupon {code} is not valid today.")
    if coupon.usage_limit is not None and coupon.used >= coupon.usage_limit:
        raise InvalidCoupon(f"Coupon {code} has been used up.")
    if pricing.subtotal(cart) < coupon.minimum:
        raise InvalidCoupon(f"Coupon {code} needs an order of at least €{coupon.minimum}.")
    if coupon.once_per_customer and customer.is_authenticated:
        earlier = Order.objects.filter(customer=customer, coupon=coupon)
        if earlier:
            raise InvalidCoupon(f"You have used coupon {code} before.")
    return coupon


def discount(coupon, subtotal):
    if coupon is None:
        return Decimal("0.00")
    if coupon.percent:
        return round(subtotal * coupon.percent / 100, 2)
    return min(coupon.amount, subtotal)
