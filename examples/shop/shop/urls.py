from django.apps import apps
from django.contrib import admin
from django.contrib.staticfiles.views import serve
from django.urls import include, path, re_path

from pages import views as pages

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("api.urls")),
    path("account/", include("customers.urls")),
    path("cart/", include("cart.urls")),
    path("orders/", include("orders.urls")),
    path("reviews/", include("reviews.urls")),
    path("reports/", include("reports.urls")),
    path("health/", pages.health, name="health"),
    re_path(r"^robots\.txt$", pages.robots, name="robots"),
    path("static/<path:path>", serve, {"insecure": True}, name="static"),
    path("", include("catalogue.urls")),
    path("", include("pages.urls")),
]

if apps.is_installed("live"):
    urlpatterns.insert(0, path("", include("live.urls")))
