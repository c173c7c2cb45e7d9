"""
Flag `exists()` or `count()` right before the same rows are fetched: one query tells both.

## Why

`if orders.exists(): for order in orders:` asks the database twice for the same rows. The rows
themselves tell whether there are any, and how many.

## Bad

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    number = models.CharField(max_length=20)
    paid = models.BooleanField(default=False)
# file: shop/views.py
from shop.models import Order


def remind():
    unpaid = Order.objects.filter(paid=False)
    if unpaid.exists():
        for order in unpaid:
            print(order.number)


def find(number):
    if Order.objects.filter(number=number).exists():
        return Order.objects.get(number=number)
    return None


def listing():
    unpaid = Order.objects.filter(paid=False)
    return {"count": unpaid.count(), "numbers": [order.number for order in unpaid]}
```

## Good

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    number = models.CharField(max_length=20)
    paid = models.BooleanField(default=False)
# file: shop/views.py
from shop.models import Order


def remind():
    unpaid = Order.objects.filter(paid=False)
    if unpaid:
        for order in unpaid:
            print(order.number)


def find(number):
    return Order.objects.filter(number=number).first()


def listing():
    unpaid = Order.objects.filter(paid=False)
    return {"count": len(unpaid), "numbers": [order.number for order in unpaid]}


def page(number):
    orders = Order.objects.order_by("pk")
    return orders.count(), list(orders[number : number + 20])
```

## Fix

Safe: a queryset is true if it has rows, and keeps them for the loop; so does `len()`. Where the
second query is another expression (`get()`, `first()`, the chain written again), nothing is edited.

## Misses

Rows that are fetched in a template, or in only some of the cases; queries with other work between
them.

## When to ignore it

Where the rows may change in between, and the second query has to see that.

## Source

https://docs.djangoproject.com/en/stable/topics/db/optimization/#don-t-overuse-contains-count-and-exists
"""

from collections.abc import Iterator

from praxis.audit import Confidence, Edit, Finding, Fix, Project, Safety, Step, rule
from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.file import has_comment
from praxis.audit.flow.events import AskedAgain

_FETCHED = {
    "rows": "the rows are fetched",
    "get": "the row is fetched",
    "first": "the row is fetched",
    "last": "the row is fetched",
    "item": "the row is fetched",
    "in_bulk": "the rows are fetched",
}


@rule(code="ORM116", visits=AskedAgain)
def check(project: Project, event: AskedAgain) -> Iterator[Finding]:
    if event.why not in {"exists", "count"}:
        return
    if event.relation in project.derive(ModelIndex).eager_relations:
        return  # a caller may have prefetched the rows
    then = project.place(event.path, *event.then)
    yield Finding(
        project.place(event.path, *event.first),
        _message(event, then.line),
        _fix(project, event),
        (Step(then, _FETCHED.get(event.how[1], "it is fetched")),),
        Confidence.LIKELY,
    )


def _message(event: AskedAgain, line: int) -> str:
    model = event.model[1]
    if event.why == "count":
        return (
            f"Counts the {model} rows that line {line} fetches. Fetch them first: their len() "
            "needs no query."
        )
    if event.how[1] in {"rows", "in_bulk"}:
        return (
            f"Asks whether there are {model} rows, which line {line} then fetches. Test the rows "
            "themselves: that is one query."
        )
    return (
        f"Asks whether there is a {model} row, which line {line} then fetches. Fetch it with "
        "first(), and test for None."
    )


def _fix(project: Project, event: AskedAgain) -> Fix | None:
    if not event.name[1]:
        return None
    text = project.text(event.path)
    (start, end), (name_start, name_end) = event.first, event.name
    name = text[name_start:name_end]
    if has_comment(text[start:end]) or not name.isidentifier():
        return None
    new = name if event.why == "exists" else f"len({name})"
    edit = Edit(event.path, start, end, new)
    return Fix((edit,), Safety.SAFE, f"Write {new}")
