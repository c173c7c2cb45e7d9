import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F
from django.utils import timezone


class Reversed(models.CharField):
    """What is stored is not what Python shows."""

    def get_internal_type(self):
        return "CharField"

    def from_db_value(self, value, expression, connection):
        return value[::-1] if value is not None else None

    def get_prep_value(self, value):
        return value[::-1] if value is not None else None


class Supplier(models.Model):
    name = models.CharField(max_length=50, unique=True)

    def __str__(self):
        return self.name


class Item(models.Model):
    class State(models.TextChoices):
        NEW = "n", "Brand new"
        USED = "u", "=used"

    number = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=100, default="nameless")
    description = models.TextField(null=True, blank=True)
    quantity = models.IntegerField(default=1)
    price = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    weight = models.FloatField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    made = models.DateField(null=True, blank=True)
    seen = models.DateTimeField(default=timezone.now)
    opens = models.TimeField(null=True, blank=True)
    key = models.UUIDField(default=uuid.uuid4)
    data = models.JSONField(null=True, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    blob = models.BinaryField(null=True)
    state = models.CharField(max_length=1, choices=State, default=State.NEW)
    level = models.SmallIntegerField(
        choices=[(1, "low"), (2, 'high, "very"')], null=True, blank=True
    )
    supplier = models.ForeignKey(Supplier, models.CASCADE, null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)
    rating = models.IntegerField(db_default=7)
    doubled = models.GeneratedField(
        expression=F("quantity") * 2, output_field=models.IntegerField(), db_persist=True
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["supplier", "name", "key"], name="one_of_each"),
        )

    def __str__(self):
        return self.number

    def shout(self):
        return self.name.upper()


class SpecialItem(Item):
    note = models.CharField(max_length=10)


class Odd(models.Model):
    word = Reversed(max_length=20, null=True)
    took = models.DurationField(null=True)


class Coded(models.Model):
    code = models.CharField(max_length=4, primary_key=True)
    text = models.CharField(max_length=20, blank=True)
    size = models.IntegerField()


class Tagged(models.Model):
    """For PostgreSQL alone."""

    tags = ArrayField(models.CharField(max_length=20), null=True)
    numbers = ArrayField(models.IntegerField(), null=True)
    grid = ArrayField(ArrayField(models.IntegerField()), null=True)
    days = ArrayField(models.DateField(), null=True)
