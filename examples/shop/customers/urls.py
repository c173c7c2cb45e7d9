from django.contrib.auth import views as auth
from django.urls import path

from . import views

app_name = "customers"

urlpatterns = [
    path("", views.account, name="account"),
    path("orders/", views.order_list, name="orders"),
    path("again/", views.buy_again, name="again"),
    path("details/", views.details, name="details"),
    path("addresses/add/", views.add_address, name="add-address"),
    path("addresses/<int:pk>/delete/", views.delete_address, name="delete-address"),
    path("join/", views.join, name="join"),
    path("login/", views.sign_in, name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
]
