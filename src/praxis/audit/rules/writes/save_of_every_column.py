"""
Flag `save()` after a few fields of a fetched row were set: it writes every column.

## Why

`save()` without `update_fields` writes all columns with the values that were read some time ago.
What another request has changed meanwhile is put back, the statement is larger than it has to be,
and the indexes of all columns are looked at.

## Bad

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    paid = models.BooleanField(default=False)
    number = models.CharField(max_length=20)
    address = models.TextField()
    note = models.TextField()
    total = models.DecimalField(max_digits=9, decimal_places=2)
    changed_at = models.DateTimeField(auto_now=True)
# file: shop/views.py
from shop.models import Order


def mark_paid(number):
    order = Order.objects.get(pk=number)
    order.paid = True
    order.save()
```

## Good

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    paid = models.BooleanField(default=False)
    number = models.CharField(max_length=20)
    address = models.TextField()
    note = models.TextField()
    total = models.DecimalField(max_digits=9, decimal_places=2)
    changed_at = models.DateTimeField(auto_now=True)
# file: shop/views.py
from shop.models import Order


def mark_paid(number):
    order = Order.objects.get(pk=number)
    order.paid = True
    order.save(update_fields=["paid", "changed_at"])
```

## Fix

Unsafe: receivers of signals are told `update_fields`, and a row that was deleted meanwhile raises
an error instead of coming back. Fields with `auto_now` are named too, as they are not written
otherwise.

## Misses

Models that override `save()` or have receivers of `pre_save`, models of which fewer than four other
columns would be spared, rows that other functions or methods had in hand before they were saved,
rows that `get_or_create` may have made, rows that `select_for_update` keeps from others, rows of a
loop (these want `bulk_update` or `update`), rows that may be of several models, and files that fill
a database with samples.

## When to ignore it

Where the whole row is meant to be written, whatever others have changed.

## Source

https://docs.djangoproject.com/en/stable/ref/models/instances/#specifying-which-fields-to-save
"""

from collections.abc import Iterator

from praxis.audit import Confidence, Edit, Finding, Fix, Project, Safety, rule
from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.facts.sources import fills_database
from praxis.audit.flow.events import RowSaved

#: More than these are not a few, and neither are more than half of the columns.
MAX_FIELDS = 6
#: To spare fewer columns than these is not worth naming the others.
MIN_SPARED = 4


@rule(code="ORM206", visits=RowSaved)
def check(project: Project, event: RowSaved) -> Iterator[Finding]:
    if fills_database(event.path, project.text(event.path)):
        return
    index = project.derive(ModelIndex)
    model = index.model(event.model)
    if model is None or model.saves or model.opaque or len(event.fields) > MAX_FIELDS:
        return
    columns = [column for column in model.columns.values() if not column.primary_key]
    moving = [column.name for column in columns if column.auto_now]
    fields = list(dict.fromkeys((*event.fields, *moving)))
    if sum(column.name not in fields for column in columns) < MIN_SPARED:
        return
    if len(event.fields) * 2 > len(columns) or any(column.sets_itself for column in columns):
        return
    if any(model.columns[field].primary_key for field in event.fields if field in model.columns):
        return
    if index.may_change_before_saving(model):
        return  # what a receiver of pre_save sets has to be written as well
    named = ", ".join(f'"{field}"' for field in fields)
    start, end = event.parentheses
    fix = None
    if project.text(event.path)[start:end].replace(" ", "") == "()":
        edit = Edit(event.path, start, end, f"(update_fields=[{named}])")
        fix = Fix((edit,), Safety.UNSAFE, "Write only the fields that were set")
    yield Finding(
        project.place(event.path, *event.span),
        f"Writes all {len(columns)} columns of {model.name} where "
        f"{', '.join(event.fields)} {'were' if len(event.fields) > 1 else 'was'} set. "
        f"Call save(update_fields=[{named}]).",
        fix,
        confidence=Confidence.LIKELY,
    )
