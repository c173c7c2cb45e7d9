from django.db.models.signals import post_save
from django.dispatch import receiver

from customers.models import LoyaltyAccount

from .models import Order


@receiver(post_save, sender=Order)
def add_loyalty_points(sender, instance, created, **kwargs):
    if not created:
        return
    account, _ = LoyaltyAccount.objects.get_or_create(customer_id=instance.customer_id)
    account.points += int(instance.total)
    if account.points > 2000:
        account.tier = "driftwood"
    elif account.points > 500:
        account.tier = "oak"
    account.save(update_fields=["points", "tier"])
