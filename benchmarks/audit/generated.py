"""
A project of any size, made from a seed: does the cost grow with the lines, and no faster?

Its apps have what real ones have: models with foreign keys into other apps, managers, views with
templates that extend one base, serializers, an admin, tasks and tests.
"""

import random
import shutil
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
    folder = SCRATCH / "generated" / str(lines)
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
