from django.contrib import admin

from .models import Brand, Category, PriceChange, Product, ProductImage, Tag


class ProductImageInline(admin.TabularInline):
    model = ProductImage
    extra = 0


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    list_display = ["name", "sku", "price", "category", "tag_names", "is_active"]
    list_filter = ["is_active", "category"]
    search_fields = ["name", "sku"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [ProductImageInline]
    actions = ["raise_prices"]

    def tag_names(self, product):
        return ", ".join(tag.name for tag in product.tags.all())

    @admin.action(description="Raise prices by 5%%")
    def raise_prices(self, request, queryset):
        for product in queryset:
            product.price = round(product.price * 105 / 100, 2)
            product.save(update_fields=["price", "updated_at"])


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ["__str__", "slug", "position"]
    prepopulated_fields = {"slug": ["name"]}


admin.site.register(Brand)
admin.site.register(Tag)
admin.site.register(PriceChange)
