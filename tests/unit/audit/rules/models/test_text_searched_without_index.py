import pytest

from tests.audit_cases import accepts, flags

RULE = "text_searched_without_index"
CODE = """
# file: shop/models.py
from django.contrib.auth.models import User
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class Brand(models.Model):
    name = models.CharField(max_length=100)


class Product(models.Model):
    name = models.CharField(max_length=100)
    code = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=[("a", "A")])
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [GinIndex(fields=["code"], name="code", opclasses=["gin_trgm_ops"])]
# file: shop/views.py
from django.db.models import Q

from shop.models import Brand, Product


def view(request, brand, words):
    return {}
"""


@pytest.mark.parametrize(
    "query",
    [
        "Product.objects.filter(name__icontains=words)",
        "Product.objects.filter(kind='a', name__iendswith=words)",
        "Product.objects.filter(Q(name__iregex=words) | Q(code=words))",
        "Product.objects.filter(kind='a').filter(Q(name__contains=words))",
    ],
)
def test_names_the_column_that_is_searched(query):
    (finding,) = flags(RULE, CODE.format(query))
    assert "Product.name" in finding.message


@pytest.mark.parametrize(
    "query",
    [
        "Product.objects.filter(name__istartswith=words)",
        "Product.objects.filter(code__icontains=words)",
        "Product.objects.filter(kind__icontains=words)",
        "Product.objects.filter(brand=brand, name__icontains=words)",
        "Product.objects.filter(brand=brand).filter(name__icontains=words)",
        "brand.product_set.filter(name__icontains=words)",
        "Brand.objects.filter(name__icontains=words)",
        "Product.objects.filter(pk=words, name__icontains=words)",
        "request.products.filter(name__icontains=words)",
    ],
)
def test_leaves_others_alone(query):
    accepts(RULE, CODE.format(query))


def test_believes_migrations():
    made = 'migrations.RunSQL("CREATE INDEX ON product USING gin (name gin_trgm_ops)")'
    migration = f"\n# file: shop/migrations/0002_index.py\noperations = [{made}]\n"
    accepts(RULE, CODE.format("Product.objects.filter(name__icontains=words)") + migration)


API = """
from rest_framework import filters, serializers, viewsets


class ProductSerializer(serializers.ModelSerializer):
    class Meta:
        model = Product
        fields = ["name"]


class Products(viewsets.ReadOnlyModelViewSet):
    queryset = Product.objects.all()
    serializer_class = ProductSerializer
    filter_backends = [{}]
    search_fields = [{}]
"""


def test_looks_at_the_search_fields_of_an_api():
    flags(RULE, CODE.format(1) + API.format("filters.SearchFilter", '"code", "name"'))
    accepts(RULE, CODE.format(1) + API.format("filters.SearchFilter", '"^name", "code"'))
    accepts(RULE, CODE.format(1) + API.format("filters.OrderingFilter", '"name"'))
