from django.core.management.base import BaseCommand

from live import best_sellers


class Command(BaseCommand):
    help = "Count anew what was sold this week, as after a Redis was lost."

    def handle(self, *args, **options):
        count = best_sellers.rebuild()
        self.stdout.write(f"{count} products were sold this week.")
