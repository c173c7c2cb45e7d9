from django.urls import path

from . import views

app_name = "live"

urlpatterns = [
    path("account/devices/", views.devices, name="devices"),
    path("account/devices/end/", views.end_device, name="end-device"),
    path("best-sellers/", views.best_sellers, name="best-sellers"),
    path("orders/checkout/", views.checkout, name="checkout"),
    path("reports/live/", views.order_board, name="order-board"),
]
