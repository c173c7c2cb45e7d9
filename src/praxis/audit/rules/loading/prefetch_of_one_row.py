"""
Flag `prefetch_related` of a foreign key, which `select_related` would fetch with the row itself.

## Why

A foreign key leads to one row, which the query can join: no second query, and no keys to send
back. A prefetch is better only where many rows share few large ones.

## Bad

```python
# file: shop/models.py
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
# file: shop/views.py
from shop.models import Book


def books():
    return Book.objects.prefetch_related("author")
```

## Good

```python
# file: shop/models.py
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
# file: shop/views.py
from shop.models import Book


def books():
    return Book.objects.select_related("author")
```

## Fix

Unsafe: `select_related` in the place of `prefetch_related`, where it names nothing else. Rows that
shared one instance get one each.

## Misses

Querysets of models that are not known, and `Prefetch` objects.

## When to ignore it

Where many rows share few large ones, or rows are locked and the related ones must not be. The code
does not tell, which is why the rule has to be asked for.

## Source

https://docs.djangoproject.com/en/stable/ref/models/querysets/#prefetch-related
"""

import ast
from collections.abc import Iterator

from praxis.audit import Confidence, Edit, Finding, Fix, Project, Safety, Severity, rule
from praxis.audit.editing.chain_links import name_span
from praxis.audit.editing.known_places import node_at
from praxis.audit.flow.events import OnePrefetched


@rule(code="ORM136", visits=OnePrefetched, severity=Severity.NOTE, default=False)
def check(project: Project, event: OnePrefetched) -> Iterator[Finding]:
    names = ", ".join(f'"{lookup}"' for lookup, _ in event.lookups)
    leads = "leads" if len(event.lookups) == 1 else "lead"
    yield Finding(
        project.place(event.path, *event.lookups[0][1]),
        f"{names} of {event.model[1]} {leads} to one row: .select_related({names}) fetches it by "
        "the same query.",
        _fix(project, event),
        confidence=Confidence.LIKELY,
    )


def _fix(project: Project, event: OnePrefetched) -> Fix | None:
    file = project.file(event.path)
    found = node_at(file, event.span, ast.Call) if file is not None and event.alone else []
    if file is None or not found or not isinstance(found[0], ast.Call):
        return None
    edit = Edit(event.path, *name_span(file, found[0]), "select_related")
    return Fix((edit,), Safety.UNSAFE, "Use select_related")
