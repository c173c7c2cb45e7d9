from django.urls import path

from . import views

app_name = "orders"

urlpatterns = [
    path("checkout/", views.checkout, name="checkout"),
    path("<str:number>/", views.detail, name="detail"),
    path("<str:number>/thanks/", views.thanks, name="thanks"),
    path("<str:number>/cancel/", views.cancel, name="cancel"),
    path("<str:number>/note/", views.change_note, name="note"),
]
