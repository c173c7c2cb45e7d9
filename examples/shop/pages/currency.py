"""What a euro is worth elsewhere."""

from django.core.cache import cache

DEFAULTS = {"GBP": 0.86, "DKK": 7.46, "SEK": 11.3, "USD": 1.08}


def rates():
    known = {}
    for code, default in DEFAULTS.items():
        known[code] = cache.get(f"rate:{code}", default)
    return known
