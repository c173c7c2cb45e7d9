from django.contrib import admin

from .models import Review, Vote


@admin.register(Review)
class ReviewAdmin(admin.ModelAdmin):
    list_display = ["title", "rating", "product_brand", "is_approved", "created_at"]
    list_filter = ["is_approved", "rating"]
    raw_id_fields = ["product", "customer"]

    def product_brand(self, review):
        return review.product.brand.name


@admin.register(Vote)
class VoteAdmin(admin.ModelAdmin):
    list_display = ["review", "is_helpful"]
    raw_id_fields = ["review", "customer"]
