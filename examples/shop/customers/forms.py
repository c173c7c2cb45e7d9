from django import forms
from django.contrib.auth.forms import UserCreationForm

from .models import Address, Customer


class JoinForm(UserCreationForm):
    class Meta(UserCreationForm.Meta):
        model = Customer
        fields = ["username", "first_name", "last_name", "email"]


class DetailsForm(forms.Form):
    first_name = forms.CharField(max_length=150)
    last_name = forms.CharField(max_length=150)
    phone = forms.CharField(max_length=30, required=False)
    newsletter = forms.BooleanField(required=False)


class AddressForm(forms.ModelForm):
    class Meta:
        model = Address
        fields = ["name", "street", "postcode", "city", "country", "is_default"]
