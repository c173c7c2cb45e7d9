from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string

from catalogue.models import Product


class Stock(models.Model):
    product = models.OneToOneField(Product, on_delete=models.CASCADE, related_name="stock")
    quantity = models.IntegerField(default=0)
    reserved = models.IntegerField(default=0)
    reorder_level = models.IntegerField(default=5)
    shelf = models.CharField(max_length=12, blank=True)

    class Meta:
        verbose_name_plural = "stock"

    def __str__(self):
        return f"{self.quantity} on shelf {self.shelf}"


class StockMovement(models.Model):
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="movements")
    delta = models.IntegerField()
    reason = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return f"{self.delta:+} {self.reason}"


class Coupon(models.Model):
    code = models.CharField(max_length=24, unique=True)
    percent = models.PositiveSmallIntegerField(default=0)
    amount = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    minimum = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    usage_limit = models.PositiveIntegerField(null=True, blank=True)
    used = models.PositiveIntegerField(default=0)
    once_per_customer = models.BooleanField(default=True)

    def __str__(self):
        return self.code

    def is_current(self):
        now = timezone.now()
        return self.starts_at <= now and (self.ends_at is None or now < self.ends_at)


def order_number():
    return "HH-" + get_random_string(8, "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ")


class Order(models.Model):
    NEW, PAID, SHIPPED, CANCELLED = "new", "paid", "shipped", "cancelled"
    STATUSES = [
        (NEW, "Waiting for payment"),
        (PAID, "Paid"),
        (SHIPPED, "Shipped"),
        (CANCELLED, "Cancelled"),
    ]

    number = models.CharField(max_length=16, unique=True, default=order_number)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders"
    )
    status = models.CharField(max_length=10, choices=STATUSES, default=NEW)
    coupon = models.ForeignKey(Coupon, on_delete=models.SET_NULL, null=True, blank=True)
    ship_to = models.CharField(max_length=300)
    subtotal = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    discount = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    shipping = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    total = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    note = models.TextField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    shipped_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(total__gte=0), name="order_total_positive"),
        ]

    def __str__(self):
        return f"{self.number} ({self.customer.username})"

    def get_absolute_url(self):
        return reverse("orders:detail", args=[self.number])

    @property
    def item_count(self):
        return sum(line.quantity for line in self.lines.all())


class OrderLine(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="order_lines")
    product_name = models.CharField(max_length=160)
    unit_price = models.DecimalField(max_digits=8, decimal_places=2)
    quantity = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.quantity} × {self.product.name}"

    @property
    def amount(self):
        return self.unit_price * self.quantity


class Payment(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="payments")
    provider = models.CharField(max_length=30, default="card")
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    status = models.CharField(max_length=12, default="authorised")
    reference = models.CharField(max_length=40, blank=True)
    details = models.JSONField(default={})
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"{self.provider} {self.amount} {self.status}"
