"""
Flag a relation that a list or an inline form of the admin reads of every row.

## Why

A page of the admin lists 100 rows. A column that calls a method, or shows a row by a `__str__`
which reads a relation, sends a query for each. The admin joins by itself only what stands among
the columns and is not null, and only as long as nothing else is asked for.

## Bad

```python
# file: shop/models.py
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    title = models.CharField(max_length=100)
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
# file: shop/admin.py
from django.contrib import admin

from shop.models import Book


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    list_display = ["title", "written_by"]

    def written_by(self, book):
        return book.author.name
```

## Good

```python
# file: shop/models.py
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    title = models.CharField(max_length=100)
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
# file: shop/admin.py
from django.contrib import admin

from shop.models import Book


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    list_display = ["title", "written_by"]
    list_select_related = ["author"]

    def written_by(self, book):
        return book.author.name
```

## Fix

Unsafe: the rows stay the same, but the query changes. `list_select_related` is added below
`list_display`, and names the foreign keys that the admin has joined by itself so far, or the
query of `get_queryset()` is mended. There is no edit where a prefetch is needed and the class has
no `get_queryset()`.

## Misses

Columns that are made at run time (`get_list_display()`), classes registered by a function of your
own, and inlines that no other code names. Of rows that may be a
handful, as [forward_relation_per_row](forward_relation_per_row.md) has it, a note is told and no
warning.

## When to ignore it

Where the table stays very small.

## Source

https://docs.djangoproject.com/en/stable/ref/contrib/admin/#django.contrib.admin.ModelAdmin.list_select_related
"""

import re
from collections.abc import Iterator

from praxis.audit import Finding, Project, rule
from praxis.audit.facts.admin.registrations import ADMIN
from praxis.audit.flow.events import RelationsRead
from praxis.audit.flow.telling.findings import loading_finding, may_be_loaded


@rule(code="ORM105", visits=RelationsRead)
def check(project: Project, event: RelationsRead) -> Iterator[Finding]:
    reads = [read for read in event.reads if not may_be_loaded(project, event, read)]
    if event.kind == "admin" and reads and not _is_spare(project, event):
        yield loading_finding(project, event, reads)


def _is_spare(project: Project, event: RelationsRead) -> bool:
    """Whether the rows are those of an inline that no page shows."""
    (hop, *_) = event.reads[0].via or (None,)
    if hop is None or not hop.note.startswith("shown by "):
        return False
    name = hop.called
    text = project.text(event.path)
    if re.search(rf"class {name}\b", text) is None:
        return False
    named = rf"^(?!\s*class {name}\b)(?:(?!super\({name}|#).)*\b{name}\b"  # and in no comment
    if re.search(named, text, re.MULTILINE):
        return False
    return not any(
        path != event.path and _may_use(project.text(path), name) for path in project.facts(ADMIN)
    )


def _may_use(text: str, name: str) -> bool:
    """Whether another file names the class, and has none of that name itself."""
    return name in text and re.search(rf"class {name}\b", text) is None
