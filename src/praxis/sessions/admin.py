"""Where a user is logged in, in Django's admin."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext, gettext_lazy

from praxis.errors import PraxisError
from praxis.redis import FAILURES
from praxis.sessions.devices import Device, devices_of, revoke, revoke_all

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    Base = ModelAdmin[Any]
else:
    Base = object


class DevicesAdminMixin(Base):
    """
    Lists the sessions of a user, and ends one or all of them.

        @admin.register(User)
        class UserAdmin(DevicesAdminMixin, BaseUserAdmin): ...

    The page is linked from that of the user. Whoever may view the user may see it, whoever may
    change the user may end sessions; that is noted in the user's history.
    """

    change_form_template = "praxis/sessions/admin_change_form.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the page to those of the user."""
        options = self.model._meta  # noqa: SLF001 - public since ever
        page = path(
            "<path:object_id>/devices/",
            self.admin_site.admin_view(self.devices_view),
            name=f"{options.app_label}_{options.model_name}_devices",
        )
        return [page, *super().get_urls()]  # before the user's own, whose pattern fits all

    def devices_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the devices; a POST ends one, ``device``, or all of them."""
        user = self.get_object(request, unquote(object_id))
        if user is None:
            raise Http404
        if not self.has_view_or_change_permission(request, user):
            raise PermissionDenied
        if request.method == "POST":
            return self._ended(request, user)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Devices"),
            "subtitle": str(user),
            "opts": self.model._meta,  # noqa: SLF001 - public since ever
            "original": user,
            "devices": self._devices(request, user),
            "may_end": self.has_change_permission(request, user),
        }
        return TemplateResponse(request, "praxis/sessions/admin_devices.html", context)

    def _ended(self, request: HttpRequest, user: Any) -> HttpResponse:
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        try:
            wanted = request.POST.get("device")
            count = int(revoke(user, wanted)) if wanted else revoke_all(user)
        except FAILURES as error:
            self._tell_failure(request, error)
        else:
            said = gettext("%d sessions were ended.") % count
            self.log_change(request, user, said)
            messages.success(request, said)
        return HttpResponseRedirect(request.get_full_path())

    def _devices(self, request: HttpRequest, user: Any) -> list[Device]:
        try:
            return devices_of(user, request)
        except FAILURES as error:
            self._tell_failure(request, error)
            return []

    @staticmethod
    def _tell_failure(request: HttpRequest, error: PraxisError) -> None:
        messages.error(request, gettext_lazy("Redis does not answer: %s") % error)
