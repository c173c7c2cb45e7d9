from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cart.basket import find_cart

from . import pricing
from .forms import CheckoutForm
from .models import Order
from .services import OrderProblem, cancel_order, place_order


@login_required
def checkout(request):
    cart = find_cart(request)
    lines = list(cart.lines.select_related("product")) if cart else []
    if not lines:
        return HttpResponseRedirect("/cart/")
    address = request.user.addresses.order_by("-is_default").first()
    initial = {"name": request.user.display_name}
    if address is not None:
        initial.update(
            name=address.name,
            street=address.street,
            postcode=address.postcode,
            city=address.city,
            country=address.country,
        )
    form = CheckoutForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            order = place_order(request.user, cart, form.ship_to(), data["card"], data["note"])
        except OrderProblem as problem:
            messages.error(request, str(problem))
        else:
            request.session["last_order"] = {
                "number": order.number,
                "ship_to": order.ship_to,
                "lines": [
                    {"name": line.product.name, "about": line.product.description}
                    for line in lines
                ],
            }
            return redirect("orders:thanks", order.number)
    return render(
        request,
        "orders/checkout.html",
        {"form": form, "lines": lines, "totals": pricing.cart_totals(cart)},
    )


@login_required
def detail(request, number):
    order = get_object_or_404(Order, number=number)
    if order.customer.id != request.user.id and not request.user.is_staff:
        raise Http404
    rows = []
    for line in order.lines.all():
        rows.append(
            {
                "name": line.product_name,
                "url": line.product.get_absolute_url(),
                "brand": line.product.brand.name,
                "images": [image.url for image in line.product.images.all()],
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "amount": line.amount,
            }
        )
    return render(
        request,
        "orders/detail.html",
        {"order": order, "rows": rows, "payments": order.payments.order_by("created_at")},
    )


@login_required
def thanks(request, number):
    order = get_object_or_404(Order, number=number, customer=request.user)
    return render(request, "orders/thanks.html", {"order": order, "lines": order.lines.all()})


@login_required
def cancel(request, number):
    order = get_object_or_404(Order, number=number, customer=request.user)
    if order.status in (Order.NEW, Order.PAID):
        cancel_order(order)
        messages.success(request, f"Order {order.number} is cancelled.")
    else:
        messages.error(request, f"Order {order.number} can no longer be cancelled.")
    return redirect("orders:detail", order.number)


@login_required
@require_POST
def change_note(request, number):
    order = get_object_or_404(Order, number=number, customer=request.user)
    order.note = request.POST.get("note", "")[:500]
    order.save()
    return redirect(order)
