from django.contrib import messages
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST
from praxis.locks import Lock
from praxis.realtime import position
from praxis.sessions import devices_of, revoke, revoke_others

from orders import views as orders

from . import best_sellers as sales
from .order_board import CHANNEL, row_of, shown_orders

#: So many orders are on the board when it is opened.
SHOWN = 20


@login_required
def devices(request):
    return render(request, "live/devices.html", {"devices": devices_of(request.user, request)})


@login_required
@require_POST
def end_device(request):
    """One of them, or all but this one."""
    if device := request.POST.get("device"):
        revoke(request.user, device)
        messages.success(request, "Nobody is signed in there any more.")
    else:
        ended = revoke_others(request)
        messages.success(request, f"You are signed in here only; elsewhere {ended} were ended.")
    return redirect("live:devices")


def best_sellers(request):
    return render(request, "live/best_sellers.html", {"rows": sales.rows()})


@login_required
def checkout(request):
    """One after the other, so that who presses the button twice finds an empty cart, and one order."""
    if request.method != "POST":
        return orders.checkout(request)
    with Lock(f"checkout {request.user.pk}").hold(wait_s=10):
        return orders.checkout(request)


@staff_member_required(login_url="customers:login")
def order_board(request):
    at = position(CHANNEL)  # first, so that no order comes between
    rows = [row_of(order) for order in shown_orders().order_by("-created_at", "-pk")[:SHOWN]]
    return render(request, "live/order_board.html", {"rows": rows, "at": at})
