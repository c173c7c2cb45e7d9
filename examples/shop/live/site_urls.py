"""All pages of the shop; those of this app come first."""

from django.urls import include, path

from shop.urls import urlpatterns as shop

urlpatterns = [path("", include("live.urls")), *shop]
