from django.urls import path

from . import views

app_name = "reviews"

urlpatterns = [
    path("<int:product_id>/add/", views.add, name="add"),
    path("<int:pk>/vote/", views.vote, name="vote"),
    path("waiting/", views.waiting, name="waiting"),
    path("<int:pk>/approve/", views.approve, name="approve"),
]
