from django.urls import path

from . import views

app_name = "pages"

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("artwork/<slug:kind>/<int:seed>.svg", views.artwork, name="artwork"),
    path("newsletter/", views.newsletter, name="newsletter"),
    path("sitemap/", views.sitemap, name="sitemap"),
    path("sitemap.xml", views.sitemap_xml, name="sitemap-xml"),
    path("delivery/", views.Delivery.as_view(), name="delivery"),
]
