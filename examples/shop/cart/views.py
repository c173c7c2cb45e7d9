from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from catalogue.models import Product
from orders import pricing, coupons

from .basket import find_cart, make_cart
from .models import CartLine


def detail(request):
    cart = find_cart(request)
    context = {"cart": cart, "lines": [], "totals": None}
    if CartLine.objects.filter(cart=cart).count() > 0:
        context["lines"] = cart.lines.all()
        context["totals"] = pricing.cart_totals(cart)
    return render(request, "cart/detail.html", context)


@csrf_exempt
@require_POST
def add(request, product_id):
    product = get_object_or_404(Product, pk=product_id, is_active=True)
    try:
        quantity = min(20, max(1, int(request.POST.get("quantity", 1))))
    except ValueError:
        quantity = 1
    cart = make_cart(request)
    try:
        line = CartLine.objects.get(cart=cart, product=product)
    except CartLine.DoesNotExist:
        CartLine.objects.create(cart=cart, product=product, quantity=quantity)
    else:
        line.quantity = min(20, line.quantity + quantity)
        line.save()
    messages.success(request, f"{product.name} is in your cart.")
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return JsonResponse({"items": sum(line.quantity for line in cart.lines.all())})
    return redirect("/cart/")


@require_POST
def update(request, pk):
    cart = make_cart(request)
    line = get_object_or_404(CartLine, pk=pk, cart=cart)
    try:
        quantity = int(request.POST["quantity"])
    except (KeyError, ValueError):
        messages.error(request, "Please give a number.")
        return redirect("cart:detail")
    if quantity < 1:
        line.delete()
    else:
        line.quantity = min(20, quantity)
        line.save()
    return redirect("cart:detail")


def remove(request, pk):
    cart = make_cart(request)
    get_object_or_404(CartLine, pk=pk, cart=cart).delete()
    return redirect("cart:detail")


@require_POST
def coupon(request):
    cart = make_cart(request)
    code = request.POST.get("code", "").strip().upper()
    if code:
        try:
            coupons.check(code, cart, request.user)
        except coupons.InvalidCoupon as problem:
            messages.error(request, str(problem))
            return redirect("cart:detail")
        messages.success(request, f"Coupon {code} is applied.")
    cart.coupon_code = code
    cart.save(update_fields=["coupon_code", "updated_at"])
    return redirect("cart:detail")


@require_POST
def empty(request):
    cart = find_cart(request)
    if cart is not None:
        for line in cart.lines.all():
            line.delete()
    return redirect("cart:detail")
