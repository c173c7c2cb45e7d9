from django import forms

COUNTRIES = ["Netherlands", "Belgium", "Germany", "France", "Denmark", "Sweden", "Ireland", "Spain"]


class CheckoutForm(forms.Form):
    name = forms.CharField(max_length=120, label="Full name")
    street = forms.CharField(max_length=160, label="Street and number")
    postcode = forms.CharField(max_length=16)
    city = forms.CharField(max_length=80)
    country = forms.ChoiceField(choices=lambda: [(name, name) for name in COUNTRIES])
    card = forms.CharField(max_length=23, label="Card number")
    note = forms.CharField(
        required=False, label="Note for us", widget=forms.Textarea(attrs={"rows": 2})
    )

    def ship_to(self):
        data = self.cleaned_data
        return f"{data['name']}, {data['street']}, {data['postcode']} {data['city']}, {data['country']}"
