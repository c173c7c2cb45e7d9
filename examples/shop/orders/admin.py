from django.contrib import admin

from .models import Coupon, Order, OrderLine, Payment, Stock, StockMovement
from .tasks import ship_order


class OrderLineInline(admin.TabularInline):
    model = OrderLine
    raw_id_fields = ["product"]
    extra = 0


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    list_display = ["number", "customer_email", "status", "coupon", "item_count", "total"]
    list_filter = ["status"]
    search_fields = ["number", "customer__email"]
    raw_id_fields = ["customer"]
    inlines = [OrderLineInline]
    actions = ["ship"]

    def customer_email(self, order):
        return order.customer.email

    @admin.action(description="Ship the chosen orders")
    def ship(self, request, queryset):
        for pk in queryset.values_list("pk", flat=True):
            ship_order.delay(pk)


@admin.register(Stock)
class StockAdmin(admin.ModelAdmin):
    list_display = ["product", "quantity", "reserved", "shelf"]
    raw_id_fields = ["product"]


admin.site.register(Coupon)
admin.site.register(Payment)
admin.site.register(StockMovement)
