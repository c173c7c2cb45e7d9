import pytest

from tests.audit_cases import accepts, flags

RULE = "list_without_pages"
CODE = """
# file: shop/models.py
from django.contrib.auth.models import User
from django.db import models


class Brand(models.Model):
    name = models.CharField(max_length=100)


class Product(models.Model):
    name = models.CharField(max_length=100)
    status = models.CharField(max_length=10)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="products")
    maker = models.ForeignKey(User, on_delete=models.CASCADE)
    created_at = models.DateTimeField(auto_now_add=True)
# file: shop/views.py
from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.generic import ListView

from shop.models import Brand, Product


def newest(request):
    pages = Paginator({}.objects.order_by("-pk"), 50)
    return render(request, "newest.html", {{"page": pages.get_page(1)}})


{}
# file: shop/templates/products.html
{{% for product in products %}}{{{{ product.name }}}}{{% endfor %}}
"""
VIEW = """
def show(request, slug):
    brand = Brand.objects.get(name=slug)
    return render(request, "products.html", {{"products": {}}})
"""


@pytest.mark.parametrize(
    "query",
    [
        "Product.objects.all()",
        'Product.objects.filter(name="x").order_by("name")',
        'brand.products.order_by("name")',
        "Product.objects.filter(brand=brand)",
    ],
)
def test_tells_of_rows_that_go_by_pages_elsewhere(query):
    flags(RULE, CODE.format("Product", VIEW.format(query)))


@pytest.mark.parametrize(
    "query",
    [
        "Product.objects.all()[:20]",
        "Product.objects.filter(maker=request.user)",
        "Product.objects.filter(created_at__gt=slug)",
        "Product.objects.filter(**request.GET)",
        'Product.objects.filter(status="waiting")',
        "Product.objects.filter(maker__groups=slug)",
        "Product.objects.filter(object_id=slug)",
        "Brand.objects.all()",
        "Product.objects.none()",
    ],
)
def test_leaves_short_lists_alone(query):
    accepts(RULE, CODE.format("Product", VIEW.format(query)))


def test_leaves_alone_what_goes_by_pages_nowhere():
    accepts(RULE, CODE.format("Brand", VIEW.format("Product.objects.all()")))


@pytest.mark.parametrize(
    ("line", "told"), [("", 1), ("paginate_by = 20", 0), ("paginate_by = N", 0)]
)
def test_looks_at_views_by_their_classes(line, told):
    view = f"""
class Products(ListView):
    queryset = Product.objects.all()
    template_name = "products.html"
    context_object_name = "products"
    {line}
"""
    (flags if told else accepts)(RULE, CODE.format("Product", view))


API = """
# file: shop/models.py
from django.db import models


class Brand(models.Model):
    name = models.CharField(max_length=100)


class Product(models.Model):
    name = models.CharField(max_length=100)
# file: shop/views.py
from rest_framework import pagination, serializers, viewsets

from shop.models import Brand, Product


class BrandSerializer(serializers.ModelSerializer):
    class Meta:
        model = Brand
        fields = ["name"]


class Brands(viewsets.ReadOnlyModelViewSet):
    queryset = Brand.objects.all()
    serializer_class = BrandSerializer
    {}


class Products(viewsets.ReadOnlyModelViewSet):
    queryset = Product.objects.all()
    serializer_class = BrandSerializer
    {}
# file: shop/settings.py
{}
"""
PAGES = "pagination_class = pagination.CursorPagination"


def test_looks_at_views_of_an_api_beside_others():
    flags(RULE, API.format("", PAGES, ""))
    accepts(RULE, API.format(PAGES, PAGES, ""))
    accepts(RULE, API.format("", "", ""))
    settings = 'REST_FRAMEWORK = {"DEFAULT_PAGINATION_CLASS": "shop.Pages"}'
    accepts(RULE, API.format("", PAGES, settings))
