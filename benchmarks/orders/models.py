"""Twelve columns, as a shop has them."""

from django.db import models


class Order(models.Model):
    class Status(models.TextChoices):
        OPEN = "o", "Open"
        PAID = "p", "Paid"
        SENT = "s", "Sent"

    number = models.CharField(max_length=20, unique=True)
    email = models.CharField(max_length=100)
    status = models.CharField(max_length=1, choices=Status, default=Status.OPEN)
    quantity = models.IntegerField()
    total = models.DecimalField(max_digits=10, decimal_places=2)
    weight = models.FloatField(null=True)
    is_gift = models.BooleanField(default=False)
    due = models.DateField(null=True)
    placed = models.DateTimeField()
    customer = models.IntegerField(db_index=True)
    note = models.TextField(blank=True, default="")
