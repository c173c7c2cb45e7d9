from datetime import datetime, timedelta

from celery import shared_task
from django.core.mail import send_mail

from .models import Cart


@shared_task
def remind_abandoned_carts(hours=48):
    """Write to customers whose cart waits for them."""
    before = datetime.now() - timedelta(hours=hours)
    carts = Cart.objects.filter(customer__isnull=False, updated_at__lt=before)
    sent = 0
    for cart in carts:
        if not cart.customer.email:
            continue
        send_mail(
            "Your cart is waiting",
            "You left something in your cart at Hearth & Harbour.",
            None,
            [cart.customer.email],
            fail_silently=True,
        )
        sent += 1
    return sent


@shared_task
def drop_stale_carts(days=90):
    before = datetime.now() - timedelta(days=days)
    for cart in Cart.objects.filter(customer=None, updated_at__lt=before):
        cart.delete()
