from rest_framework import serializers

from catalogue.models import Brand, Product
from orders.models import Order, OrderLine
from reviews.models import Review


class ProductSerializer(serializers.ModelSerializer):
    brand = serializers.CharField(source="brand.name")
    category = serializers.CharField(source="category.name")
    tags = serializers.SlugRelatedField("name", many=True, read_only=True)
    in_stock = serializers.SerializerMethodField()

    class Meta:
        model = Product
        fields = ["sku", "name", "slug", "price", "rating", "brand", "category", "tags", "in_stock"]

    def get_in_stock(self, product):
        return product.stock.quantity > 0


class BrandSerializer(serializers.ModelSerializer):
    products = serializers.SerializerMethodField()

    class Meta:
        model = Brand
        fields = ["name", "slug", "country", "products"]

    def get_products(self, brand):
        return brand.products.filter(is_active=True).count()


class ReviewSerializer(serializers.ModelSerializer):
    customer = serializers.CharField(source="customer.username")
    product = serializers.CharField(source="product.slug")

    class Meta:
        model = Review
        fields = ["id", "product", "customer", "rating", "title", "body", "created_at"]


class OrderLineSerializer(serializers.ModelSerializer):
    sku = serializers.CharField(source="product.sku")

    class Meta:
        model = OrderLine
        fields = ["sku", "product_name", "unit_price", "quantity"]


class OrderSerializer(serializers.ModelSerializer):
    lines = OrderLineSerializer(many=True)
    coupon = serializers.CharField(source="coupon.code", default=None)

    class Meta:
        model = Order
        fields = ["number", "status", "created_at", "coupon", "total", "lines"]
