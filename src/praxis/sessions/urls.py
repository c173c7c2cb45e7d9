"""``path("account/devices/", include("praxis.sessions.urls"))``: the page of devices."""

from django.urls import path

from praxis.sessions.views import DevicesView

app_name = "praxis_sessions"
urlpatterns = [path("", DevicesView.as_view(), name="devices")]
