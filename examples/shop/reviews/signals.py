from decimal import Decimal

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from catalogue.models import Product

from .models import Review


@receiver([post_save, post_delete], sender=Review)
def refresh_rating(sender, instance, **kwargs):
    reviews = Review.objects.filter(product_id=instance.product_id, is_approved=True)
    total = 0
    for review in reviews:
        total += review.rating
    count = len(reviews)
    rating = Decimal(total) / count if count else Decimal(0)
    Product.objects.filter(pk=instance.product_id).update(
        rating=round(rating, 2), review_count=count
    )
