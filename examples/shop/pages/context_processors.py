from django.db.models import Sum

from cart.basket import find_cart
from catalogue.models import Category


def storefront(request):
    cart = find_cart(request) if hasattr(request, "session") else None
    items = 0
    if cart is not None:
        items = cart.lines.aggregate(items=Sum("quantity"))["items"] or 0
    return {
        "nav_categories": Category.objects.filter(parent=None),
        "cart_items": items,
        "store_notice": getattr(request, "notice", None),
    }
