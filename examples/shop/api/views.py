from django.shortcuts import get_object_or_404
from rest_framework.decorators import api_view
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from catalogue.models import Brand, Product
from orders.models import Order, Stock
from reviews.models import Review

from .serializers import (
    BrandSerializer,
    OrderSerializer,
    ProductSerializer,
    ReviewSerializer,
)


class SmallPages(LimitOffsetPagination):
    default_limit = 30
    max_limit = 100


@api_view(["GET"])
def product_list(request):
    products = Product.objects.filter(is_active=True)
    category = request.query_params.get("category")
    if category:
        products = products.filter(category__slug=category)
    try:
        limit = min(100, max(1, int(request.query_params.get("limit", 50))))
        offset = max(0, int(request.query_params.get("offset", 0)))
    except ValueError:
        return Response({"error": "limit and offset are numbers"}, status=400)
    count = products.count()
    data = []
    for product in products.order_by("pk")[offset : offset + limit]:
        data.append(
            {
                "sku": product.sku,
                "name": product.name,
                "slug": product.slug,
                "price": str(product.price),
                "rating": float(product.rating),
                "brand": {"name": product.brand.name, "country": product.brand.country},
                "category": product.category.slug,
                "images": [image.url for image in product.images.all()],
                "tags": [tag.slug for tag in product.tags.all()],
            }
        )
    return Response({"count": count, "results": data})


@api_view(["GET"])
def product_detail(request, slug):
    product = get_object_or_404(Product, slug=slug, is_active=True)
    return Response(ProductSerializer(product).data)


@api_view(["GET"])
def stock_levels(request):
    """What the warehouse's scanner asks for."""
    levels = []
    for stock in Stock.objects.filter(quantity__gt=0).order_by("shelf", "pk")[:100]:
        levels.append(
            {"sku": stock.product.sku, "quantity": stock.quantity, "shelf": stock.shelf}
        )
    return Response({"results": levels})


class ReviewViewSet(ReadOnlyModelViewSet):
    queryset = Review.objects.filter(is_approved=True)
    serializer_class = ReviewSerializer
    pagination_class = SmallPages


class BrandViewSet(ReadOnlyModelViewSet):
    queryset = Brand.objects.all()
    serializer_class = BrandSerializer


class OrderViewSet(ReadOnlyModelViewSet):
    serializer_class = OrderSerializer
    permission_classes = [IsAuthenticated]
    pagination_class = SmallPages
    lookup_field = "number"

    def get_queryset(self):
        return Order.objects.filter(customer=self.request.user).order_by("-created_at")
