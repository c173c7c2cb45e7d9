"""The URLs of the peers that are views."""

from typing import Any

from benchmarks.realtime.ways import CHANNEL, from_environment

urlpatterns: list[Any] = []
if from_environment()[0] == "eventstream":
    import django_eventstream.urls
    from django.urls import include, path

    urlpatterns = [path("events/", include(django_eventstream.urls), {"channels": [CHANNEL]})]
