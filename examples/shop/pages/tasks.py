import json
from urllib.request import urlopen

from celery import shared_task
from django.conf import settings
from django.core.cache import cache

from .currency import DEFAULTS


@shared_task
def fetch_rates():
    if not settings.EXCHANGE_RATES_URL:
        return
    rates = json.load(urlopen(settings.EXCHANGE_RATES_URL))
    for code in DEFAULTS:
        if code in rates:
            cache.set(f"rate:{code}", float(rates[code]), 60 * 60 * 36)
