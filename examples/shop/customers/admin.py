from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from .models import Address, Customer, LoyaltyAccount, Subscriber

admin.site.register(Customer, UserAdmin)
admin.site.register(Subscriber)


@admin.register(Address)
class AddressAdmin(admin.ModelAdmin):
    list_display = ["name", "city", "customer"]


@admin.register(LoyaltyAccount)
class LoyaltyAdmin(admin.ModelAdmin):
    list_display = ["customer", "tier", "points"]
