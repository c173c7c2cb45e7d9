"""``{% load praxis_sessions %}``: where a user is logged in."""

from typing import Any

from django import template

from praxis.sessions.views import devices_in

register = template.Library()


@register.inclusion_tag("praxis/sessions/device_list.html", takes_context=True, name="devices")
def devices(context: dict[str, Any], action: str = "") -> dict[str, Any]:
    """
    List the devices of the user of the request, with buttons that end them.

        {% url "praxis_sessions:devices" as page %}{% devices page %}

    Args:
        context: Of the template; it needs the request.
        action: Where the buttons post to: a `praxis.sessions.views.DevicesView`; the page itself
            unless said otherwise.
    """
    return devices_in(context) | {"action": action}
