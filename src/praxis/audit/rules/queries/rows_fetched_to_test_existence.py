"""
Flag a query whose only use is whether it has a row: `count() > 0`, `len(rows) > 0`, `if rows:`.

## Why

`count()` has the database visit every matching row, `len()` and the truth of a queryset fetch them
all. `exists()` stops at the first one and fetches nothing.

## Bad

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    paid = models.BooleanField(default=False)
# file: shop/views.py
from shop.models import Order


def has_unpaid_orders():
    return Order.objects.filter(paid=False).count() > 0
```

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    paid = models.BooleanField(default=False)
# file: shop/views.py
from shop.models import Order


def state():
    unpaid = Order.objects.filter(paid=False)
    if unpaid:
        return "waiting"
    return "done"
```

## Good

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    paid = models.BooleanField(default=False)
# file: shop/views.py
from shop.models import Order


def has_unpaid_orders():
    return Order.objects.filter(paid=False).exists()


def unpaid_numbers():
    unpaid = Order.objects.filter(paid=False)
    if unpaid:  # fetches the rows, which are needed in the next line
        return [order.pk for order in unpaid]
    return []
```

## Fix

Safe: `exists()` has the same truth for every queryset. Nothing is edited where a comment would be
lost.

## Misses

Querysets whose model is not known in the function, counts that are kept in a variable, and names
that are used for anything else besides the test.

## When to ignore it

Where the rows were prefetched by a caller.

## Source

https://docs.djangoproject.com/en/stable/ref/models/querysets/#exists
"""

from collections.abc import Iterator

from praxis.audit import Edit, Finding, Fix, Project, Safety, rule
from praxis.audit.file import has_comment
from praxis.audit.flow.events import ExistenceTested

_MESSAGE = "{} every row to learn whether there is one. Ask exists(): it stops at the first."


@rule(code="ORM114", visits=ExistenceTested)
def check(project: Project, event: ExistenceTested) -> Iterator[Finding]:
    message = _MESSAGE.format("Counts" if event.how == "count" else "Fetches")
    yield Finding(project.place(event.path, *event.span), message, _fix(project, event))


def _fix(project: Project, event: ExistenceTested) -> Fix | None:
    text = project.text(event.path)
    start, end = event.span
    asked_start, asked_end = event.queryset
    queryset = text[asked_start:asked_end]
    if has_comment(text[start:asked_start]) or has_comment(text[asked_end:end]):
        return None
    before = ("not " if event.negated else "") + ("await " if event.awaited else "")
    after = "aexists()" if event.awaited else "exists()"
    if event.how != "count":
        after = f".{after}"
    elif not queryset.endswith("."):
        return None  # inside an f-string, whose parts have no places of their own
    if event.how == "len" and "\n" in queryset:  # the call's parentheses held the lines together
        before, after = f"{before}(", f"){after}"
    head = Edit(event.path, start, asked_start, before)
    tail = Edit(event.path, asked_end, end, after)
    edits = (head, tail) if head.start != head.end or head.text else (tail,)
    return Fix(edits, Safety.SAFE, "Ask exists()")
