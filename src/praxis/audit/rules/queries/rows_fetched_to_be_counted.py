"""
Flag `len()` of a queryset whose rows nothing else wants.

## Why

`len(orders)` fetches every row, with all columns, and makes an object of each; `orders.count()`
has the database send one number.

## Bad

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    paid = models.BooleanField(default=False)
# file: shop/views.py
from shop.models import Order


def unpaid():
    return len(Order.objects.filter(paid=False))
```

## Good

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    paid = models.BooleanField(default=False)
# file: shop/views.py
from shop.models import Order


def unpaid():
    return Order.objects.filter(paid=False).count()


def listing():
    orders = Order.objects.filter(paid=False)
    return {"orders": list(orders), "count": len(orders)}  # the rows are fetched anyway
```

## Fix

Safe: `count()` is the number of the rows. Nothing is edited where a comment would be lost.

## Misses

Querysets that are handed on to anything else, kept by an attribute, or belong to a row that other
code may have prefetched them for. What is compared with 0 is
[rows_fetched_to_test_existence](rows_fetched_to_test_existence.md).

## When to ignore it

Where the rows were fetched by other code before.

## Source

https://docs.djangoproject.com/en/stable/ref/models/querysets/#count
"""

from collections.abc import Iterator

from praxis.audit import Edit, Finding, Fix, Project, Safety, rule
from praxis.audit.file import has_comment
from praxis.audit.flow.events import RowsCounted


@rule(code="ORM115", visits=RowsCounted)
def check(project: Project, event: RowsCounted) -> Iterator[Finding]:
    yield Finding(
        project.place(event.path, *event.span),
        f"Fetches every {event.model[1]} row to count them. Use count().",
        _fix(project, event),
    )


def _fix(project: Project, event: RowsCounted) -> Fix | None:
    text = project.text(event.path)
    start, end = event.span
    asked_start, asked_end = event.queryset
    head, tail = text[start:asked_start], text[asked_end:end]
    if has_comment(head) or has_comment(tail):
        return None
    before, after = "", ".count()"
    if "\n" in text[asked_start:asked_end]:  # the call's parentheses held the lines together
        before, after = "(", ").count()"
    edits = (
        Edit(event.path, start, asked_start, before),
        Edit(event.path, asked_end, end, after),
    )
    return Fix(edits, Safety.SAFE, "Use count()")
