import re

from django import template
from django.utils.safestring import mark_safe

register = template.Library()


@register.filter
def money(amount):
    return f"€{amount:,.2f}"


@register.filter
def highlight(text, words):
    """The searched words, marked."""
    for word in words.split():
        text = re.sub(f"({re.escape(word)})", r"<mark>\1</mark>", text, flags=re.IGNORECASE)
    return mark_safe(text)


@register.inclusion_tag("includes/stars.html")
def stars(rating, count=None):
    return {"percent": round(float(rating) * 20), "rating": rating, "count": count}


@register.simple_tag(takes_context=True)
def query(context, **changes):
    """The current query string with some of its values changed."""
    params = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            params.pop(name, None)
        else:
            params[name] = value
    return "?" + params.urlencode()
