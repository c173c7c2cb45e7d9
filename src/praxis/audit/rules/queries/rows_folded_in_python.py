"""
Flag rows that are fetched to be added up, sorted or filtered by their columns in Python.

## Why

The database adds up, sorts and filters without sending the rows: `aggregate(Sum("total"))` is one
number on the wire instead of a table. Rows that Python throws away were read, sent and made into
objects for nothing.

## Bad

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    total = models.IntegerField()
    paid = models.BooleanField(default=False)
    created_at = models.DateTimeField()
# file: shop/views.py
from shop.models import Order


def revenue():
    return sum(order.total for order in Order.objects.filter(paid=True))


def unpaid():
    return [order for order in Order.objects.all() if not order.paid]


def by_date():
    return sorted(Order.objects.all(), key=lambda order: order.created_at)
```

## Good

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    total = models.IntegerField()
    paid = models.BooleanField(default=False)
    created_at = models.DateTimeField()
# file: shop/views.py
from django.db.models import Sum
from shop.models import Order


def revenue():
    return Order.objects.filter(paid=True).aggregate(total=Sum("total", default=0))["total"]


def unpaid():
    return list(Order.objects.filter(paid=False))


def by_date():
    return list(Order.objects.order_by("created_at"))
```

## Fix

None. `aggregate(Sum(…))` is None without rows, unless it has a `default`.

## Misses

Rows that are used for anything else besides, or from which each round of a loop chooses others;
properties and methods; related rows that some query of the project prefetches; texts, which Python
and the database sort differently.

## When to ignore it

Where the rows were fetched before, or are a handful.

## Source

https://docs.djangoproject.com/en/stable/topics/db/optimization/#do-database-work-in-the-database-rather-than-in-python
"""

from collections.abc import Iterator

from praxis.audit import Confidence, Finding, Project, rule
from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.flow.events import RowsFolded

_MESSAGES = {
    "sum": 'Fetches every {model} row to add up {columns}. Use aggregate(Sum("…")).',
    "max": 'Fetches every {model} row for the greatest {columns}. Use aggregate(Max("…")).',
    "min": 'Fetches every {model} row for the least {columns}. Use aggregate(Min("…")).',
    "sorted": "Sorts {model} rows by {columns} in Python. Use order_by().",
    "filter": "Fetches {model} rows that Python drops by {columns}. Use filter().",
}


@rule(code="ORM117", visits=RowsFolded)
def check(project: Project, event: RowsFolded) -> Iterator[Finding]:
    if event.relation in project.derive(ModelIndex).eager_relations:
        return  # a caller may have prefetched the rows
    columns = ", ".join(dict.fromkeys(event.columns))
    yield Finding(
        project.place(event.path, *event.span),
        _MESSAGES[event.how].format(model=event.model[1], columns=columns),
        confidence=Confidence.LIKELY,
    )
