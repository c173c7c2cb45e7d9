from celery import shared_task
from django.core.mail import send_mail

from .models import Customer, LoyaltyAccount


@shared_task
def send_newsletter(subject, body):
    for customer in Customer.objects.filter(newsletter=True).exclude(email=""):
        try:
            send_mail(subject, f"Dear {customer.first_name},\n\n{body}", None, [customer.email])
        except Exception:
            pass


@shared_task
def upgrade_tiers():
    """Loyalty tiers follow the points; once a night."""
    for account in LoyaltyAccount.objects.filter(customer__is_active=True):
        tier = "driftwood" if account.points > 2000 else "oak" if account.points > 500 else "pine"
        if account.tier != tier:
            account.tier = tier
            account.save(update_fields=["tier"])


@shared_task
def forget_inactive():
    customers = Customer.objects.only("username").filter(is_active=False)
    for customer in customers:
        if customer.last_login is None:
            customer.delete()
