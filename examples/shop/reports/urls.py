from django.urls import path

from . import views

app_name = "reports"

urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("sales/", views.sales, name="sales"),
    path("stock/", views.stock, name="stock"),
    path("packing/", views.packing, name="packing"),
    path("customers/", views.customers, name="customers"),
    path("remind/", views.remind, name="remind"),
    path("best-sellers/", views.best_sellers_page, name="best-sellers"),
    path("orders.csv", views.orders_csv, name="orders-csv"),
    path("products.csv", views.products_csv, name="products-csv"),
]
