from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "live"

    def ready(self):
        from . import best_sellers, order_board

        best_sellers.follow()
        order_board.follow()
