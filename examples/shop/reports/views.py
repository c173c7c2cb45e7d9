import csv
import io
import threading
from datetime import timedelta

from django.contrib import messages
from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from cart.tasks import remind_abandoned_carts
from catalogue.models import Product
from customers.models import Customer
from orders.models import Order, Stock

from . import best_sellers, figures


def days_asked(request, default=14):
    try:
        return min(400, max(1, int(request.GET.get("days", default))))
    except ValueError:
        return default


@staff_member_required
def dashboard(request):
    overview = figures.overview()
    top = max([day["revenue"] for day in overview["revenue"]], default=1) or 1
    bars = [
        {**day, "height": max(2, round(100 * day["revenue"] / top))} for day in overview["revenue"]
    ]
    return render(request, "reports/dashboard.html", {"overview": overview, "bars": bars})


@staff_member_required
def sales(request):
    days = days_asked(request)
    orders = Order.objects.filter(created_at__gte=timezone.now() - timedelta(days=days))
    status = request.GET.get("status")
    if status:
        orders = orders.filter(status=status)
    orders = orders.order_by("-created_at")

    rows = []
    revenue = 0
    for order in orders[:100]:
        revenue += order.total
        rows.append(
            {
                "number": order.number,
                "url": order.get_absolute_url(),
                "created_at": order.created_at,
                "customer": order.customer.display_name,
                "email": order.customer.email,
                "status": order.status,
                "status_label": order.get_status_display(),
                "items": sum(line.quantity for line in order.lines.all()),
                "total": order.total,
            }
        )
    return render(
        request,
        "reports/sales.html",
        {
            "rows": rows,
            "revenue": revenue,
            "days": days,
            "status": status or "",
            "statuses": Order.STATUSES,
            "order_count": len(orders),
        },
    )


@staff_member_required
def stock(request):
    rows = []
    for entry in Stock.objects.filter(quantity__lte=10).order_by("quantity", "pk")[:100]:
        rows.append(
            {
                "sku": entry.product.sku,
                "name": entry.product.name,
                "url": entry.product.get_absolute_url(),
                "brand": entry.product.brand.name,
                "category": entry.product.category.name,
                "quantity": entry.quantity,
                "reorder_level": entry.reorder_level,
                "shelf": entry.shelf,
            }
        )
    return render(request, "reports/stock.html", {"rows": rows})


@staff_member_required
def packing(request):
    parcels = []
    orders = Order.objects.filter(status=Order.PAID).order_by("created_at", "pk")[:40]
    for order in orders:
        contents = []
        for line in order.lines.all():
            contents.append(
                {
                    "sku": line.product.sku,
                    "name": line.product_name,
                    "quantity": line.quantity,
                    "order": line.order.number,
                }
            )
        parcels.append({"order": order, "contents": contents})
    return render(request, "reports/packing.html", {"parcels": parcels})


@staff_member_required
def customers(request):
    rows = []
    for customer in Customer.objects.filter(is_active=True).order_by("-date_joined", "pk")[:60]:
        orders = Order.objects.filter(customer=customer).exclude(status=Order.CANCELLED)
        rows.append(
            {
                "name": customer.display_name,
                "email": customer.email,
                "joined": customer.date_joined,
                "orders": orders.count(),
                "spent": sum(order.total for order in orders),
            }
        )
    rows.sort(key=lambda row: (-row["spent"], row["orders"] if row["orders"] else 0, row["name"]))
    return render(request, "reports/customers.html", {"rows": rows})


@staff_member_required
@require_POST
def remind(request):
    threading.Thread(target=remind_abandoned_carts, daemon=True).start()
    messages.success(request, "The reminders are on their way.")
    return redirect("reports:customers")


@staff_member_required
def best_sellers_page(request):
    rows = best_sellers.ranking(50)
    for row in rows[:10]:
        row["share"] = best_sellers.share_of_month(row)
    return render(request, "reports/best_sellers.html", {"rows": rows})


@staff_member_required
def orders_csv(request):
    since = timezone.now() - timedelta(days=days_asked(request))
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["number", "date", "customer", "email", "status", "coupon", "items", "total"])
    for order in Order.objects.filter(created_at__gte=since).order_by("created_at"):
        writer.writerow(
            [
                order.number,
                order.created_at.date().isoformat(),
                order.customer.display_name,
                order.customer.email,
                order.status,
                order.coupon.code if order.coupon_id else "",
                sum(line.quantity for line in order.lines.all()),
                order.total,
            ]
        )
    response = HttpResponse(buffer.getvalue(), content_type="text/csv")
    response["Content-Disposition"] = 'attachment; filename="orders.csv"'
    return response


@staff_member_required
def products_csv(request):
    products = Product.objects.order_by("sku")
    if request.GET.get("category"):
        products = products.filter(category__slug=request.GET["category"])
    response = HttpResponse(content_type="text/csv")
    response["Content-Disposition"] = 'attachment; filename="products.csv"'
    writer = csv.writer(response)
    writer.writerow(["sku", "name", "brand", "category", "price", "tags"])
    for product in products:
        tags = ", ".join(tag.name for tag in product.tags.all())
        writer.writerow(
            [
                product.sku,
                product.name,
                product.brand.name,
                product.category.name,
                product.price,
                tags,
            ]
        )
    return response
