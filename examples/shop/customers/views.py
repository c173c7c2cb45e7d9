import logging

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cart.basket import adopt_cart
from orders.models import Order, OrderLine

from .forms import AddressForm, DetailsForm, JoinForm
from .models import Address, Customer

logger = logging.getLogger(__name__)


def client_ip(request):
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if forwarded:
        return forwarded.split(",")[0].strip()
    return request.META.get("REMOTE_ADDR", "")


def sign_in(request):
    form = AuthenticationForm(request, data=request.POST or None)
    if request.method == "POST":
        if form.is_valid():
            session_key = request.session.session_key
            login(request, form.get_user())
            if session_key:
                adopt_cart(request.user, session_key)
            return redirect(request.POST.get("next") or "customers:account")
        logger.warning("failed login from %s", client_ip(request))
    return render(request, "customers/login.html", {"form": form})


def join(request):
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        customer = form.save()
        login(request, customer, backend="django.contrib.auth.backends.ModelBackend")
        messages.success(request, "Welcome to Hearth & Harbour.")
        return redirect("customers:account")
    return render(request, "customers/join.html", {"form": form})


@login_required
def account(request):
    orders = Order.objects.filter(customer=request.user)
    spent = sum(order.total for order in orders if order.status != Order.CANCELLED)
    latest = orders.order_by("-created_at").first()
    return render(
        request,
        "customers/account.html",
        {
            "order_count": len(orders),
            "spent": spent,
            "latest": latest,
            "addresses": request.user.addresses.order_by("-is_default", "pk"),
            "form": AddressForm(initial={"name": request.user.display_name}),
        },
    )


@login_required
def order_list(request):
    history = []
    for order in Order.objects.filter(customer=request.user).order_by("-created_at")[:50]:
        items = []
        for line in order.lines.all():
            items.append(
                {"name": line.product_name, "quantity": line.quantity, "amount": line.amount}
            )
        history.append(
            {
                "number": order.number,
                "url": order.get_absolute_url(),
                "status": order.status,
                "status_label": order.get_status_display(),
                "created_at": order.created_at,
                "total": order.total,
                "coupon": order.coupon.code if order.coupon else "",
                "paid_by": [payment.provider for payment in order.payments.all()],
                "items": items,
            }
        )
    return render(request, "customers/orders.html", {"history": history})


@login_required
def buy_again(request):
    lines = OrderLine.objects.filter(order__customer=request.user)
    cards = []
    seen = set()
    for line in lines.order_by("-order__created_at", "pk")[:60]:
        if line.product_id in seen:
            continue
        seen.add(line.product_id)
        cards.append(
            {
                "id": line.product_id,
                "name": line.product.name,
                "url": line.product.get_absolute_url(),
                "price": line.product.price,
                "brand": line.product.brand.name,
                "images": [image.url for image in line.product.images.all()],
                "bought_at": line.order.created_at,
            }
        )
    return render(request, "customers/again.html", {"cards": cards})


@login_required
def details(request):
    customer = Customer.objects.get(pk=request.user.pk)
    form = DetailsForm(
        request.POST or None,
        initial={
            "first_name": customer.first_name,
            "last_name": customer.last_name,
            "phone": customer.phone,
            "newsletter": customer.newsletter,
        },
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        customer.first_name = data["first_name"]
        customer.last_name = data["last_name"]
        customer.phone = data["phone"]
        customer.newsletter = data["newsletter"]
        customer.save()
        messages.success(request, "Your details are saved.")
        return redirect("/account/")
    return render(request, "customers/details.html", {"form": form})


@login_required
@require_POST
def delete_address(request, pk):
    address = get_object_or_404(Address, pk=pk)
    if address.customer.id != request.user.id:
        raise Http404
    address.delete()
    messages.success(request, "The address is deleted.")
    return redirect("customers:account")


@login_required
def add_address(request):
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        address = form.save(commit=False)
        address.customer = request.user
        if address.is_default:
            for other in request.user.addresses.filter(is_default=True):
                other.is_default = False
                other.save(update_fields=["is_default"])
        address.save()
        messages.success(request, "The address is saved.")
        return redirect("customers:account")
    return render(request, "customers/address.html", {"form": form})
