"""
Flag pages of an unordered queryset: a row can be on two of them, or on none.

## Why

Without an order the database may send the rows differently each time. So what `Paginator` or
`rows[20:40]` cuts out of them is not the continuation of the page before. Django warns of it
(`UnorderedObjectListWarning`), but only in the log.

## Bad

```python
# file: shop/models.py
from django.db import models


class Product(models.Model):
    name = models.CharField(max_length=100)
# file: shop/views.py
from django.core.paginator import Paginator
from shop.models import Product


def listing(request):
    return Paginator(Product.objects.all(), 20).get_page(request.GET.get("page"))


def batch(start):
    return list(Product.objects.all()[start : start + 100])
```

## Good

```python
# file: shop/models.py
from django.db import models


class Product(models.Model):
    name = models.CharField(max_length=100)
# file: shop/views.py
from django.core.paginator import Paginator
from shop.models import Product


def listing(request):
    return Paginator(Product.objects.order_by("name", "pk"), 20).get_page(request.GET.get("page"))


def batch(start):
    return list(Product.objects.order_by("pk")[start : start + 100])
```

## Fix

None: which order is for you to say. End it with a unique column, such as the primary key.

## Misses

`rows[0]` and `rows[:10]`: often any of the rows will do. `first()` and `last()` order by the
primary key themselves. An order that is not unique. Querysets of the project's own methods, and of
managers with a `get_queryset` of their own.

## When to ignore it

Where the rows are few enough for one page.

## Source

https://docs.djangoproject.com/en/stable/ref/paginator/#django.core.paginator.UnorderedObjectListWarning
"""

from collections.abc import Iterator

from praxis.audit import Finding, Project, rule
from praxis.audit.flow.events import UnorderedPicked


@rule(code="ORM119", visits=UnorderedPicked)
def check(project: Project, event: UnorderedPicked) -> Iterator[Finding]:
    yield Finding(
        project.place(event.path, *event.span),
        f"Cuts pages out of {event.model[1]} rows without an order: a row can be on two of them, "
        "or on none. Add order_by() that ends with a unique column.",
    )
