"""
Flag `iterator()` without a `chunk_size` after `prefetch_related`.

## Why

Rows that are streamed are prefetched for a chunk at a time. Without the size of a chunk Django 5
raises `ValueError`; older versions leave the prefetch out, and each row asks for its related rows
by itself.

## Bad

```python
# file: shop/models.py
from django.db import models


class Tag(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    tags = models.ManyToManyField(Tag)
# file: shop/views.py
from shop.models import Book


def books():
    for book in Book.objects.prefetch_related("tags").iterator():
        print(book.tags.all())
```

## Good

```python
# file: shop/models.py
from django.db import models


class Tag(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    tags = models.ManyToManyField(Tag)
# file: shop/views.py
from shop.models import Book


def books():
    for book in Book.objects.prefetch_related("tags").iterator(chunk_size=2000):
        print(book.tags.all())
```

## Fix

Unsafe: `chunk_size=2000`, which is what Django takes where nothing is prefetched. It needs
Django 4.1.

## Misses

Prefetches that a manager adds.

## When to ignore it

Never: from Django 5 on it fails.

## Source

https://docs.djangoproject.com/en/stable/ref/models/querysets/#iterator
"""

from collections.abc import Iterator

from praxis.audit import Edit, Finding, Fix, Project, Safety, Severity, rule
from praxis.audit.flow.events import PrefetchStreamed
from praxis.audit.flow.telling.findings import listed

ARGUMENT = "chunk_size=2000"


@rule(code="ORM132", visits=PrefetchStreamed, severity=Severity.ERROR)
def check(project: Project, event: PrefetchStreamed) -> Iterator[Finding]:
    at = event.span[1] - 1
    names = listed(event.lookups) or "anything"
    yield Finding(
        project.place(event.path, *event.span),
        f"iterator() does not prefetch {names} without a chunk_size: Django 5 raises ValueError, "
        f"older versions leave it out. Use iterator({ARGUMENT}).",
        Fix((Edit(event.path, at, at, ARGUMENT),), Safety.UNSAFE, f"Add {ARGUMENT}"),
    )
