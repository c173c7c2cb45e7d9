from django.urls import include, path
from rest_framework.routers import DefaultRouter

from . import views

app_name = "api"

router = DefaultRouter()
router.register("reviews", views.ReviewViewSet, basename="review")
router.register("orders", views.OrderViewSet, basename="order")
router.register("brands", views.BrandViewSet, basename="brand")

urlpatterns = [
    path("products/", views.product_list, name="products"),
    path("products/<slug:slug>/", views.product_detail, name="product"),
    path("stock/", views.stock_levels, name="stock"),
    path("", include(router.urls)),
]
