"""
Flag the same query sent twice in one function, and rows asked for again that are in memory.

## Why

Each `manager.all()` is a queryset of its own, and each index into a queryset whose rows were not
fetched is a query: `orders[0].number, orders[0].total` asks twice for one row. And once all rows
are in memory, `orders.order_by("date").first()` still asks the database.

## Bad

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    number = models.CharField(max_length=20)
    total = models.IntegerField()
# file: shop/views.py
from shop.models import Order


def newest():
    orders = Order.objects.order_by("-pk")
    return {"number": orders[0].number, "total": orders[0].total}


def summary():
    orders = Order.objects.filter(total__gt=0)
    numbers = [order.number for order in orders]
    return numbers, orders.order_by("-total").first()
```

## Good

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    number = models.CharField(max_length=20)
    total = models.IntegerField()
# file: shop/views.py
from shop.models import Order


def newest():
    order = Order.objects.order_by("-pk")[0]
    return {"number": order.number, "total": order.total}


def summary():
    orders = Order.objects.filter(total__gt=0)
    numbers = [order.number for order in orders]
    return numbers, max(orders, key=lambda order: order.total, default=None)
```

## Fix

None: keep the first answer in a name.

## Misses

Queries in different functions, in branches that exclude each other, or with anything between them
that may have changed the rows; rows that are fetched only to learn whether there are any (another
rule tells of these).

## When to ignore it

Where another process may have changed the rows, and the second query is to see that.

## Source

https://docs.djangoproject.com/en/stable/topics/db/optimization/#understand-queryset-evaluation
"""

from collections.abc import Iterator

from praxis.audit import Confidence, Finding, Project, Step, rule
from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.flow.events import AskedAgain

_MESSAGES = {
    "same": "Asks again for what line {line} has asked for. Keep the first answer in a name.",
    "memory": "Asks the database for {model} rows which line {line} has in memory. Choose among "
    "these.",
    "alone": "Fetches all {model} rows, one of which line {line} has fetched. Fetch them first.",
}


@rule(code="ORM120", visits=AskedAgain)
def check(project: Project, event: AskedAgain) -> Iterator[Finding]:
    message = _MESSAGES.get(event.why)
    if message is None or event.relation in project.derive(ModelIndex).eager_relations:
        return
    first = project.place(event.path, *event.first)
    yield Finding(
        project.place(event.path, *event.then),
        message.format(line=first.line, model=event.model[1]),
        None,
        (Step(first, "the first query"),),
        Confidence.LIKELY,
    )
