"""
Flag `list_select_related = True` where the admin joins the same relations by itself.

## Why

As soon as `list_display` names a foreign key the admin calls `select_related()` without being told
to: with `list_select_related = True` it makes the very same query. It joins every foreign key that
cannot be null, and theirs, up to five tables deep, whether or not the list shows them. The setting
is worth something only as a list, which names the relations that are shown.

## Bad

```python
# file: shop/models.py
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
# file: shop/admin.py
from django.contrib import admin

from shop.models import Book


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    list_display = ["author"]
    list_select_related = True
```

## Good

```python
# file: shop/models.py
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
# file: shop/admin.py
from django.contrib import admin

from shop.models import Book


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    list_display = ["author"]
    list_select_related = ["author"]
```

## Fix

Safe: the line is taken out, and the query stays the same.

## Misses

Classes that extend others of the project, or choose their columns at run time. Lists that name what
would be joined anyway: they keep other tables out.

## When to ignore it

Never: the query is the same without it.

## Source

https://docs.djangoproject.com/en/stable/ref/contrib/admin/#django.contrib.admin.ModelAdmin.list_select_related
"""

from collections.abc import Iterator

from praxis.audit import Edit, Finding, Fix, Project, Safety, Severity, Step, rule
from praxis.audit.facts.admin.registrations import ADMIN, AdminClass
from praxis.audit.facts.models.model_index import FORWARD, ONE, Model, ModelIndex

_CHOOSES = frozenset({
    "changelist_view", "get_changelist", "get_changelist_instance", "get_list_display",
    "get_list_select_related",
})  # fmt: skip


@rule(code="ORM138", visits=Project, severity=Severity.NOTE)
def check(project: Project) -> Iterator[Finding]:
    index = project.derive(ModelIndex)
    seen: set[tuple[str, int]] = set()
    for path, fact in project.facts(ADMIN).items():
        for model_name, admin_name, registered in fact.registered:
            model, key = index.named(model_name, path), index.names.resolve(admin_name, path)
            if model is None or not isinstance(key, tuple) or not _is_plain(index, key):
                continue
            own = _class_of(project, key)
            shown = _related(model, own) if own is not None and own.joins_all[1] else ""
            if own is None or not shown or (key[0], own.joins_all[0]) in seen:
                continue
            seen.add((key[0], own.joins_all[0]))
            yield Finding(
                project.place(key[0], *own.joins_all),
                f"list_display shows {shown}, a foreign key: the admin calls select_related() by "
                "itself, and this changes nothing. Remove it, or name what is shown.",
                _fix(project, key[0], own.joins_all),
                (Step(project.place(path, *registered), f"shows {model.name} rows"),),
            )


def _is_plain(index: ModelIndex, key: tuple[str, str]) -> bool:
    """Whether the class extends Django's own alone, and leaves the list to it."""
    found = index.names.classes.get(key)
    if found is None or _CHOOSES & set(found.members):
        return False
    return index.names.line(key)[1:] in {
        ("django.contrib.admin.ModelAdmin",),
        ("django.contrib.admin.options.ModelAdmin",),
    }


def _class_of(project: Project, key: tuple[str, str]) -> AdminClass | None:
    fact = project.facts(ADMIN).get(key[0])
    classes = fact.classes if fact is not None else ()
    return next((found for found in classes if found.name == key[1]), None)


def _related(model: Model, own: AdminClass) -> str:
    """The first foreign key that the list shows."""
    for name in own.shown or ():
        relation = model.relations.get(name)
        if relation is not None and relation.kind in {FORWARD, ONE}:
            return name
    return ""


def _fix(project: Project, path: str, span: tuple[int, int]) -> Fix | None:
    """Take out the line, where nothing else stands in it."""
    text = project.text(path)
    start = text.rfind("\n", 0, span[0]) + 1
    end = text.find("\n", span[1])
    end = len(text) if end < 0 else end + 1
    if text[start : span[0]].strip() or text[span[1] : end].strip():
        return None
    return Fix((Edit(path, start, end, ""),), Safety.SAFE, "Remove the setting")
