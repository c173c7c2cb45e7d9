from django.core.management.base import BaseCommand

from orders.models import Stock


class Command(BaseCommand):
    help = "Set the reservations of sold-out products to nothing."

    def handle(self, *args, **options):
        released = 0
        for stock in Stock.objects.select_for_update().filter(quantity__lte=0, reserved__gt=0):
            stock.reserved = 0
            stock.save(update_fields=["reserved"])
            released += 1
        self.stdout.write(f"{released} released")
