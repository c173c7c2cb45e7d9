from django import forms
from django.utils.translation import gettext as _

from .models import Review

STARS = [
    (5, _("Excellent")),
    (4, _("Good")),
    (3, _("Fair")),
    (2, _("Poor")),
    (1, _("Bad")),
]


class ReviewForm(forms.ModelForm):
    rating = forms.TypedChoiceField(choices=STARS, coerce=int)

    class Meta:
        model = Review
        fields = ["rating", "title", "body"]
        widgets = {"body": forms.Textarea(attrs={"rows": 4})}
