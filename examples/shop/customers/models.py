from django.contrib.auth.models import AbstractUser
from django.db import models


class Customer(AbstractUser):
    phone = models.CharField(max_length=30, null=True, blank=True)
    newsletter = models.BooleanField(default=False)
    birthday = models.DateField(null=True, blank=True)

    @property
    def display_name(self):
        return self.get_full_name() or self.username


class Address(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="addresses")
    name = models.CharField(max_length=120)
    street = models.CharField(max_length=160)
    postcode = models.CharField(max_length=16)
    city = models.CharField(max_length=80)
    country = models.CharField(max_length=60, default="Netherlands")
    is_default = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "addresses"

    def __str__(self):
        return f"{self.name}, {self.street}, {self.postcode} {self.city}"


class LoyaltyAccount(models.Model):
    TIERS = [("pine", "Pine"), ("oak", "Oak"), ("driftwood", "Driftwood")]

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="loyalty")
    points = models.PositiveIntegerField(default=0)
    tier = models.CharField(max_length=12, choices=TIERS, default="pine")

    def __str__(self):
        return f"{self.get_tier_display()} ({self.points} points)"


class Subscriber(models.Model):
    email = models.EmailField(unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
