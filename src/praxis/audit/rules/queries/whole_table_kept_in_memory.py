"""
Flag a task or command that walks a growing table once, and keeps all of its rows in memory.

## Why

A queryset keeps the rows that a loop has seen, for a second loop. A task that walks a million rows
once keeps a million objects. `iterator(chunk_size=…)` drops each chunk after the next is read.

## Bad

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    total = models.IntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
# file: shop/management/commands/export_orders.py
from django.core.management.base import BaseCommand
from shop.models import Order


class Command(BaseCommand):
    def handle(self, **options):
        for order in Order.objects.all():
            self.stdout.write(str(order.total))
```

## Good

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    total = models.IntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
# file: shop/management/commands/export_orders.py
from django.core.management.base import BaseCommand
from shop.models import Order


class Command(BaseCommand):
    def handle(self, **options):
        for order in Order.objects.all().iterator(chunk_size=2000):
            self.stdout.write(str(order.total))
```

## Fix

Unsafe: on PostgreSQL `iterator()` holds a server-side cursor, which a pooler that hands the
connection on between transactions does not bear.

This rule must be asked for: how large a table will be is not in the code.

## Misses

Requests, for which a page is the better answer; queries with a condition that may leave few rows.

## When to ignore it

Where the table stays small.

## Source

https://docs.djangoproject.com/en/stable/ref/models/querysets/#iterator
"""

from collections.abc import Iterator

from praxis.audit import Confidence, Edit, Finding, Fix, Project, Safety, Severity, rule
from praxis.audit.facts.models.model_index import Model, ModelIndex
from praxis.audit.facts.sources import Role
from praxis.audit.flow.events import RowsWalked

_KEYS = ("pk", "id", "?", "()")


@rule(code="ORM112", visits=RowsWalked, severity=Severity.NOTE, default=False)
def check(project: Project, event: RowsWalked) -> Iterator[Finding]:
    if project.role(event.path) not in {Role.COMMAND, Role.TASK}:
        return
    index = project.derive(ModelIndex)
    model = index.model(event.model)
    if model is None or not _grows(index, model) or _is_narrow(model, event.conditions):
        return
    start, end = event.span
    edit = Edit(event.path, end, end, ".iterator(chunk_size=2000)")
    yield Finding(
        project.place(event.path, start, end),
        f"Keeps every {model.name} row in memory while the loop runs. "
        "Add .iterator(chunk_size=2000).",
        Fix((edit,), Safety.UNSAFE, "Add iterator()"),
        confidence=Confidence.LIKELY,
    )


def _grows(index: ModelIndex, model: Model) -> bool:
    """Whether the users of the site make rows of it: it is theirs, or notes when it was made."""
    user = index.user
    return (user is not None and model.key == user.key) or any(
        column.kind == "DateTimeField" and (column.auto_now or "creat" in column.name)
        for column in model.columns.values()
    )


def _is_narrow(model: Model, conditions: tuple[str, ...]) -> bool:
    """Whether a condition names a key, or one row of another table."""
    return any(
        name in _KEYS or name.partition("__")[0] in model.relations or name.endswith("__in")
        for name in conditions
    )
