from decimal import Decimal

from django.conf import settings
from django.db import models

from catalogue.models import Product


class Cart(models.Model):
    customer = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True
    )
    session_key = models.CharField(max_length=40, blank=True)
    coupon_code = models.CharField(max_length=24, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self):
        return f"Cart {self.pk}"

    @property
    def total(self):
        amount = Decimal("0")
        for line in self.lines.all():
            amount += line.product.price * line.quantity
        return amount


class CartLine(models.Model):
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    quantity = models.PositiveSmallIntegerField(default=1)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["cart", "product"], name="one_line_per_product"),
        ]

    def __str__(self):
        return f"{self.quantity} × product {self.product_id}"

    @property
    def amount(self):
        return self.product.price * self.quantity
