"""
Flag an index over several columns that begins with the one that is only compared or sorted by.

## Why

A b-tree is a telephone directory: sorted by its first column, then by the second. With
`(created_at, status)` a query for the newest orders of one status walks through those of all the
others. With `(status, created_at)` it reads exactly its own, in their order. So columns that are
compared for equality come first, the one with a range or an order last.

## Bad

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    shop = models.CharField(max_length=20)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["created_at", "shop"], name="order_created_shop")]
# file: shop/views.py
from shop.models import Order


def latest(request, shop):
    return list(Order.objects.filter(shop=shop).order_by("-created_at")[:20])
```

## Good

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    shop = models.CharField(max_length=20)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["shop", "created_at"], name="order_shop_created")]
# file: shop/views.py
from shop.models import Order


def latest(request, shop):
    return list(Order.objects.filter(shop=shop).order_by("-created_at")[:20])
```

## Fix

None: the new index is made first (`AddIndexConcurrently` on PostgreSQL), the old one dropped after.

## Misses

Queries with conditions that are not known; indexes of which any query compares the first column for
equality, or uses it without the second one.

## When to ignore it

Where other programs query the table, too.

## Source

https://www.postgresql.org/docs/current/indexes-multicolumn.html
"""

from collections.abc import Iterator

from praxis.audit import Confidence, Finding, Project, Step, rule
from praxis.audit.facts.models.indexes import Index
from praxis.audit.flow.events import RowsLookedUp
from praxis.audit.flow.telling.asked import Asked


@rule(code="IDX104", visits=(RowsLookedUp, Project))
def check(project: Project, event: RowsLookedUp | None = None) -> Iterator[Finding]:
    asked = project.derive(Asked)
    if event is not None:
        asked.add(event)
        return
    told: set[tuple[str, int]] = set()
    for table, events in asked.by_table():
        for index in table.indexes():
            entry = index.entry
            if entry is None or index.how not in {"Index", "index_together"} or not index.plain:
                continue
            first, *others = index.names
            hindered = [event for event in events if _is_hindered(event, first, others)]
            if not hindered or any(_is_served(event, first, others) for event in events):
                continue
            if (index.path, entry.span[0]) not in told:
                told.add((index.path, entry.span[0]))
                yield _finding(project, index, hindered)


def _is_hindered(event: RowsLookedUp, first: str, others: list[str]) -> bool:
    """Whether the query compares all the others for equality, and ranges over the first one."""
    if not others or first in event.equal or not set(others) <= set(event.equal):
        return False
    sorts = event.limited and event.ordered[:1] in {(first,), (f"-{first}",)}
    return first in event.ranged or sorts


def _is_served(event: RowsLookedUp, first: str, others: list[str]) -> bool:
    """Whether the order of the columns is right for the query."""
    if first in event.equal:
        return True
    uses = first in event.ranged or event.ordered[:1] in {(first,), (f"-{first}",)}
    return uses and not set(others) <= set(event.equal)


def _finding(project: Project, index: Index, events: list[RowsLookedUp]) -> Finding:
    first, *others = index.fields
    listed = ", ".join(f'"{name}"' for name in (*others, first))
    start, end = index.entry.span if index.entry is not None else (0, 0)
    return Finding(
        project.place(index.path, start, end),
        f"Queries compare {', '.join(others)} for equality and range over or sort by "
        f"{first.removeprefix('-')}: the index is the wrong way round. Put the columns compared "
        f"for equality first: fields=[{listed}].",
        steps=tuple(
            Step(project.place(event.path, *event.span), "a query that the index should serve")
            for event in events[:4]
        ),
        confidence=Confidence.LIKELY,
    )
