"""``{% load praxis_realtime %}``: parts of pages that listen to events."""

from django.template import Library
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = Library()


@register.simple_tag
def live(
    *channels: object, at: str = "", url: str = "/events/", transport: str = "sse"
) -> SafeString:
    """
    Listen to channels: ``{% live "orders" at=at %}``, with ``at`` from `position`.

    The element dispatches ``praxis-event``, ``praxis-reset``, ``praxis-presence`` and
    ``praxis-state``, which bubble; its script comes by ``{% live_script %}``.
    """
    return format_html(
        '<praxis-live channels="{}" url="{}" transport="{}" at="{}"></praxis-live>',
        " ".join(map(str, channels)), url, transport, at,
    )  # fmt: skip


@register.simple_tag
def live_script() -> SafeString:
    """Load the client: a module of our own, so that no policy has to allow inline script."""
    return format_html('<script type="module" src="{}"></script>', static("praxis/realtime.js"))
