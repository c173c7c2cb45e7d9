from django.urls import path, re_path

from . import views

app_name = "catalogue"

urlpatterns = [
    path("category/<slug:slug>/", views.category, name="category"),
    path("product/<slug:slug>/", views.product, name="product"),
    path("brands/", views.BrandList.as_view(), name="brands"),
    re_path(r"^brand/(?P<slug>[-a-zA-Z0-9_]+)/$", views.brand, name="brand"),
    path("suggest/", views.suggest, name="suggest"),
    path("new/", views.new_arrivals, name="new"),
    path("sale/", views.sale, name="sale"),
    path("surprise/", views.surprise),
]
