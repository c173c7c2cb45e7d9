from django.urls import reverse


def pages(request):
    """Where the pages of this app are, for the menus."""
    return {
        "best_sellers_page": reverse("live:best-sellers"),
        "devices_page": reverse("live:devices"),
        "live_page": reverse("live:order-board"),
    }
