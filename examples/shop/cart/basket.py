"""Which cart belongs to a request."""

from .models import Cart


def find_cart(request):
    """The visitor's cart, or None when nothing was ever put into one."""
    if request.user.is_authenticated:
        return Cart.objects.filter(customer=request.user).first()
    if request.session.session_key is None:
        return None
    return Cart.objects.filter(customer=None, session_key=request.session.session_key).first()


def make_cart(request):
    cart = find_cart(request)
    if cart is not None:
        return cart
    if request.user.is_authenticated:
        return Cart.objects.create(customer=request.user)
    if request.session.session_key is None:
        request.session.create()
    return Cart.objects.create(session_key=request.session.session_key)


def adopt_cart(customer, session_key):
    """After login: what was put into the anonymous cart moves to the customer's own."""
    anonymous = Cart.objects.filter(customer=None, session_key=session_key).first()
    if anonymous is None:
        return
    cart, _ = Cart.objects.get_or_create(customer=customer)
    for line in anonymous.lines.all():
        own, created = cart.lines.get_or_create(
            product_id=line.product_id, defaults={"quantity": line.quantity}
        )
        if not created:
            own.quantity += line.quantity
            own.save(update_fields=["quantity"])
    anonymous.delete()
