"""The page on which users see where they are logged in, and end it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, ngettext
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from praxis.sessions.devices import devices_of, revoke, revoke_others


@method_decorator([never_cache, login_required, sensitive_post_parameters("device")], "dispatch")
class DevicesView(View):
    """
    List the devices of whoever is logged in; a POST ends one, ``device``, or all ``others``.

    The template is ``praxis/sessions/devices.html``; it is given ``devices``.
    """

    template_name = "praxis/sessions/devices.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        return render(request, self.template_name, {"devices": devices_of(request.user, request)})

    def post(self, request: HttpRequest) -> HttpResponse:
        """End what is asked for, and show those that are left."""
        if "others" in request.POST:
            count = revoke_others(request)
            said = ngettext("%d other device is logged out.", "%d devices are logged out.", count)
            self._tell(request, said % count)
        elif wanted := request.POST.get("device"):
            current = [one for one in devices_of(request.user, request) if one.is_current]
            if any(one.id == wanted for one in current):
                logout(request)
            elif revoke(request.user, wanted):
                self._tell(request, gettext("The device is logged out."))
            else:
                self._tell(request, gettext("That device was not logged in any more."))
        return HttpResponseRedirect(request.get_full_path())

    @staticmethod
    def _tell(request: HttpRequest, text: str) -> None:
        messages.success(request, text, fail_silently=True)


def devices_in(context: dict[str, Any]) -> dict[str, Any]:
    """What the list of devices is made of, for the template tag."""
    request = context.get("request")
    user = getattr(request, "user", None)
    found = [] if user is None or not user.is_authenticated else devices_of(user, request)
    return {"devices": found, "request": request, "csrf_token": context.get("csrf_token")}
