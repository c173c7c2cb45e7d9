from django.urls import path

from . import views

app_name = "cart"

urlpatterns = [
    path("", views.detail, name="detail"),
    path("add/<int:product_id>/", views.add, name="add"),
    path("line/<int:pk>/", views.update, name="update"),
    path("line/<int:pk>/remove/", views.remove, name="remove"),
    path("coupon/", views.coupon, name="coupon"),
    path("empty/", views.empty, name="empty"),
]
