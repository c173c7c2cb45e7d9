"""A small shop for the tests."""

from datetime import timedelta
from decimal import Decimal
from itertools import count

from django.core.cache import cache
from django.test import TestCase, override_settings
from django.utils import timezone

from catalogue.models import Brand, Category, Product, ProductImage, Tag
from customers.models import Customer
from orders.models import Coupon, Order, OrderLine, Payment, Stock

numbers = count(1)

LOCAL_CACHE = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@override_settings(
    CACHES=LOCAL_CACHE,
    PAYMENT_GATEWAY_URL="",
)
class ShopTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.living = Category.objects.create(name="Living", slug="living", artwork="lamp")
        cls.lamps = Category.objects.create(
            name="Lamps", slug="lamps", artwork="lamp", parent=cls.living
        )
        cls.brand = Brand.objects.create(name="Rask", slug="rask", country="Denmark")
        cls.tag = Tag.objects.create(name="Gift", slug="gift")
        cls.lamp = make_product(cls, "Moss Oak Table Lamp", "80.00", is_featured=True)
        cls.vase = make_product(cls, "Fen Brass Vase", "30.00", stock=3)
        cls.lamp.tags.add(cls.tag)
        cls.customer = Customer.objects.create_user(
            "robin", "robin@example.com", "harbour", first_name="Robin", last_name="Bakker"
        )
        cls.staff = Customer.objects.create_superuser("sam", "sam@example.com", "harbour")

    def setUp(self):
        cache.clear()


def make_product(shop, name, price, stock=10, **values):
    number = next(numbers)
    product = Product.objects.create(
        name=name,
        slug=f"{name.lower().replace(' ', '-')}-{number}",
        sku=f"T{number:05d}",
        category=shop.lamps,
        brand=shop.brand,
        description="A thing for the house.",
        price=Decimal(price),
        created_at=timezone.now(),
        **values,
    )
    ProductImage.objects.create(product=product, artwork="lamp", seed=number, alt=name)
    Stock.objects.create(product=product, quantity=stock, shelf="A01")
    return product


def make_order(customer, product, quantity=1, status=Order.PAID, **values):
    order = Order.objects.create(
        customer=customer,
        status=status,
        ship_to="Robin Bakker, Quay 1, 1234 AB Amsterdam, Netherlands",
        subtotal=product.price * quantity,
        total=product.price * quantity,
        **values,
    )
    OrderLine.objects.create(
        order=order,
        product=product,
        product_name=product.name,
        unit_price=product.price,
        quantity=quantity,
    )
    Payment.objects.create(order=order, amount=order.total, status="captured", reference="test-1")
    return order


def make_coupon(code, **values):
    values.setdefault("starts_at", timezone.now() - timedelta(days=1))
    return Coupon.objects.create(code=code, **values)
