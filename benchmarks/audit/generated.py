"""
A project of any size, made from a seed: does the cost grow with the lines, and no faster?

Its apps have what real ones have: models with foreign keys into other apps, managers, views with
templates that extend one base, serializers, an admin, tasks, forms and tests, and the plain code
that most of a real project is made of. A mistake stands in every sixty lines: sixteen times as
many as in the real projects that were looked at.
"""

import random
import shutil
from hashlib import blake2b
from pathlib import Path

from benchmarks.machine import SCRATCH

_SEED = 20260101
_MODELS_PER_APP = 8

_HEAD = {
    "models.py": (
        "from django.db import models\nfrom django.utils import timezone\n\n\n"
        "class ActiveQuerySet(models.QuerySet):\n"
        "    def active(self):\n"
        "        return self.filter(active=True)\n\n"
        "    def recent(self, days):\n"
        "        since = timezone.now() - timezone.timedelta(days=days)\n"
        "        return self.filter(created__gte=since).order_by('-created')\n\n\n"
    ),
    "views.py": (
        "from django.contrib.auth.decorators import login_required\n"
        "from django.http import JsonResponse\n"
        "from django.shortcuts import get_object_or_404, redirect, render\n"
        "from django.views.generic import DetailView, ListView\n\n"
        "from {app}.models import {models}\n\n\n"
    ),
    "serializers.py": (
        "from rest_framework import serializers\n\nfrom {app}.models import {models}\n\n\n"
    ),
    "admin.py": "from django.contrib import admin\n\nfrom {app}.models import {models}\n\n\n",
    "tasks.py": "from celery import shared_task\n\nfrom {app}.models import {models}\n\n\n",
    "tests.py": "from django.test import TestCase\n\nfrom {app}.models import {models}\n\n\n",
    "forms.py": "from django import forms\n\nfrom {app}.models import {models}\n\n\n",
    "prices.py": (
        "import csv\nimport datetime\nimport decimal\nimport io\nimport logging\n"
        "from dataclasses import dataclass, field\n\n"
        "logger = logging.getLogger(__name__)\n\n\n"
    ),
}  # fmt: skip

_PARTS = {
    "models.py": """\
class {model}(models.Model):
    parent = models.ForeignKey("{other}", on_delete=models.CASCADE, related_name="{lower}_rows")
    owner = models.ForeignKey("auth.User", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    active = models.BooleanField(default=True)
    created = models.DateTimeField(auto_now_add=True)

    objects = ActiveQuerySet.as_manager()

    class Meta:
        ordering = ["-created"]

    def __str__(self):
        return self.name

    def total(self):
        result = self.amount
        for row in self.parent.{lower}_rows.active():
            if row.amount > {number}:
                result += row.amount
        return result

    def label(self):
        if self.active:
            return f"{{self.name}} of {{self.owner}}"
        return self.name


""",
    "views.py": """\
class {model}List(ListView):
    model = {model}
    template_name = "{app}/{lower}_list.html"
    paginate_by = {number}

    def get_queryset(self):
        rows = {model}.objects.active().select_related("owner")
        wanted = self.request.GET.get("name")
        if wanted:
            rows = rows.filter(name__icontains=wanted)
        return rows

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["count"] = self.get_queryset().count()
        return context


class {model}Detail(DetailView):
    model = {model}
    template_name = "{app}/{lower}_detail.html"


@login_required
def {lower}_rename(request, pk):
    row = get_object_or_404({model}, pk=pk)
    if request.method == "POST":
        row.name = request.POST["name"]
        row.save(update_fields=["name"])
        return redirect("{lower}-detail", pk=row.pk)
    return render(request, "{app}/{lower}_detail.html", {{"object": row}})


def {lower}_export(request):
    found = []
    for row in {model}.objects.recent({number}):
        found.append({{"name": row.name, "parent": row.parent.name, "total": row.total()}})
    return JsonResponse({{"rows": found}})


""",
    "serializers.py": """\
class {model}Serializer(serializers.ModelSerializer):
    owner_name = serializers.CharField(source="owner.username", read_only=True)
    total = serializers.SerializerMethodField()

    class Meta:
        model = {model}
        fields = ["id", "name", "amount", "owner_name", "total"]

    def get_total(self, row):
        return row.total()


""",
    "admin.py": """\
@admin.register({model})
class {model}Admin(admin.ModelAdmin):
    list_display = ["name", "parent", "amount", "label"]
    list_filter = ["active"]
    search_fields = ["name"]


""",
    "tasks.py": """\
@shared_task
def archive_{lower}(days={number}):
    for row in {model}.objects.recent(days):
        row.active = False
        row.save()
    return {model}.objects.active().count()


""",
    "tests.py": """\
class {model}Tests(TestCase):
    def test_total(self):
        row = {model}.objects.create(name="a", amount={number})
        self.assertEqual(row.total(), {number})

    def test_list(self):
        response = self.client.get("/{app}/{lower}/")
        self.assertEqual(response.status_code, 200)

    def test_rename(self):
        row = {model}.objects.create(name="a", amount={number})
        response = self.client.post(f"/{app}/{lower}/{{row.pk}}/", {{"name": "b"}})
        self.assertRedirects(response, f"/{app}/{lower}/{{row.pk}}/")
        row.refresh_from_db()
        self.assertEqual(row.name, "b")

    def test_inactive_rows_are_left_out(self):
        {model}.objects.create(name="seen", amount=1)
        {model}.objects.create(name="hidden", amount=1, active=False)
        response = self.client.get("/{app}/{lower}/")
        self.assertContains(response, "seen")
        self.assertNotContains(response, "hidden")

    def test_export_holds_each_row_once(self):
        for number in range({number}):
            {model}.objects.create(name=f"row {{number}}", amount=number)
        response = self.client.get("/{app}/{lower}/export/")
        names = [row["name"] for row in response.json()["rows"]]
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual(len(names), {number})

    def test_search_finds_parts_of_names(self):
        {model}.objects.create(name="green pears", amount=2)
        {model}.objects.create(name="red apples", amount=3)
        response = self.client.get("/{app}/{lower}/", {{"name": "APPLE"}})
        self.assertContains(response, "red apples")
        self.assertNotContains(response, "green pears")


""",
    "forms.py": """\
class {model}Form(forms.ModelForm):
    confirm = forms.BooleanField(required=False)

    class Meta:
        model = {model}
        fields = ["name", "amount", "active"]
        widgets = {{"name": forms.TextInput(attrs={{"maxlength": {number}}})}}

    def clean_name(self):
        name = self.cleaned_data["name"].strip()
        if len(name) < 2:
            raise forms.ValidationError("The name is too short.")
        if name.isdigit():
            raise forms.ValidationError("A number is not a name.")
        return name

    def clean(self):
        cleaned = super().clean()
        amount = cleaned.get("amount")
        if amount is not None and amount > {number} and not cleaned.get("confirm"):
            self.add_error("confirm", "Confirm so large an amount.")
        return cleaned


""",
    "prices.py": """\
@dataclass
class {model}Price:
    name: str
    net: decimal.Decimal
    rate: decimal.Decimal = decimal.Decimal("0.{number}")
    notes: list[str] = field(default_factory=list)

    @property
    def gross(self):
        return (self.net * (1 + self.rate)).quantize(decimal.Decimal("0.01"))

    def discounted(self, percent):
        if not 0 <= percent <= 100:
            raise ValueError(f"not a percentage: {{percent}}")
        net = self.net * (100 - percent) / 100
        return {model}Price(self.name, net, self.rate, [*self.notes, f"less {{percent}} %"])


def parse_{lower}(text):
    prices, broken = [], []
    for number, line in enumerate(csv.reader(io.StringIO(text)), 1):
        if not line or line[0].startswith("#"):
            continue
        try:
            name, net, *rest = line
            rate = decimal.Decimal(rest[0]) if rest else decimal.Decimal("0.{number}")
            prices.append({model}Price(name.strip(), decimal.Decimal(net), rate))
        except (ValueError, decimal.InvalidOperation) as error:
            logger.warning("line %s cannot be read: %s", number, error)
            broken.append((number, line))
    return prices, broken


def summarise_{lower}(prices, since=None):
    since = since or datetime.date.today() - datetime.timedelta(days={number})
    totals = {{}}
    for price in prices:
        bucket = price.name[:1].upper() or "?"
        total, count = totals.get(bucket, (decimal.Decimal(0), 0))
        totals[bucket] = total + price.gross, count + 1
    lines = [f"Prices since {{since:%Y-%m-%d}}"]
    for bucket, (total, count) in sorted(totals.items()):
        mean = total / count
        lines.append(f"{{bucket}}: {{count}} of {{total:.2f}}, {{mean:.2f}} each")
        if mean > {number} * 10:
            lines.append(f"  {{bucket}} is dear")
        elif mean < 1:
            lines.append(f"  {{bucket}} is cheap")
    return "\\n".join(lines)


def merge_{lower}(old, new):
    merged = {{price.name: price for price in old}}
    changes = {{"added": [], "changed": [], "same": []}}
    for price in new:
        before = merged.get(price.name)
        if before is None:
            changes["added"].append(price.name)
        elif before.net != price.net or before.rate != price.rate:
            changes["changed"].append(price.name)
            price.notes.extend(note for note in before.notes if note not in price.notes)
        else:
            changes["same"].append(price.name)
        merged[price.name] = price
    for kind, names in changes.items():
        logger.info("%s: %s", kind, ", ".join(sorted(names)) or "none")
    return list(merged.values()), changes


""",
}
_LIST = """\
{{% extends "base.html" %}}
{{% block content %}}
<ul>
{{% for row in object_list %}}
  <li>{{{{ row.name }}}} {{{{ row.parent.name }}}} {{% include "row.html" %}}</li>
{{% endfor %}}
</ul>
{{% endblock %}}
"""
_DETAIL = """\
{{% extends "base.html" %}}
{{% block content %}}
<h1>{{{{ object.name }}}}</h1>
<p>{{{{ object.parent.name }}}} {{{{ object.total }}}}</p>
{{% endblock %}}
"""
_BASE = """\
<html><body>
{% if request.user.is_authenticated %}{{ request.user.username }}{% endif %}
{% block content %}{% endblock %}
</body></html>
"""
_SETTINGS = """\
DEBUG = False
ROOT_URLCONF = "config.urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", {apps}]
TEMPLATES = [{{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "DIRS": [BASE_DIR / "templates"],
    "APP_DIRS": True,
}}]
"""


def generated(lines: int) -> Path:
    """The folder of a project of about so many lines of Python; made the first time."""
    version = blake2b(Path(__file__).read_bytes(), digest_size=4).hexdigest()
    folder = SCRATCH / "generated" / f"{lines}-{version}"
    done = folder / ".complete"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        generate(folder, lines)
        done.touch()
    return folder


def generate(folder: Path, lines: int) -> None:
    """Write the project into *folder*: the same lines for the same number."""
    chance = random.Random(_SEED)
    apps: list[str] = []
    written = 0
    while written < lines:
        apps.append(f"app{len(apps):04}")
        written += _write_app(folder, apps, chance)
    _write(folder / "manage.py", "import django\n")
    _write(folder / "pyproject.toml", "")
    _write(folder / "templates/base.html", _BASE)
    _write(folder / "templates/row.html", "{{ row.owner.username }} {{ row.label }}\n")
    _write(folder / "config/__init__.py", "")
    names = ", ".join(f'"{app}"' for app in apps)
    _write(folder / "config/settings.py", _SETTINGS.format(apps=names))


def _write_app(folder: Path, apps: list[str], chance: random.Random) -> int:
    """Write the last one of *apps*; its models lead to those of any."""
    app = apps[-1]
    models = [f"Model{app[3:]}{letter}" for letter in "ABCDEFGH"[:_MODELS_PER_APP]]
    texts = {
        name: head.format(app=app, models=", ".join(models)) if "{" in head else head
        for name, head in _HEAD.items()
    }
    for model in models:
        other = chance.choice(apps)
        values = {
            "app": app,
            "model": model,
            "lower": model.lower(),
            "other": f"{other}.Model{other[3:]}{chance.choice('ABCDEFGH'[:_MODELS_PER_APP])}",
            "number": chance.randrange(10, 100),
        }
        for name, part in _PARTS.items():
            texts[name] += part.format_map(values)
        templates = folder / app / "templates" / app
        _write(templates / f"{model.lower()}_list.html", _LIST.format())
        _write(templates / f"{model.lower()}_detail.html", _DETAIL.format())
    _write(folder / app / "__init__.py", "")
    for name, text in texts.items():
        _write(folder / app / name, text.rstrip("\n") + "\n")
    return sum(text.count("\n") for text in texts.values())


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
