"""
Flag a column that `only()` or `defer()` leaves out of a query and that is read of each row.

## Why

A column that was left out is fetched when it is read, by a query for that one row. Inside a loop
that is one query more for every row: worse than fetching the whole rows.

## Bad

```python
# file: shop/models.py
from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=100)
    city = models.CharField(max_length=100)
# file: shop/views.py
from shop.models import Customer


def cities():
    return [f"{customer.name}, {customer.city}" for customer in Customer.objects.only("name")]
```

## Good

```python
# file: shop/models.py
from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=100)
    city = models.CharField(max_length=100)
# file: shop/views.py
from shop.models import Customer


def cities():
    return [
        f"{customer.name}, {customer.city}" for customer in Customer.objects.only("name", "city")
    ]
```

## Fix

Safe: the column is added to `only()`, or `defer()` of nothing else is removed.

## Misses

Columns that properties, methods, templates or other functions read; columns of joined rows.

## When to ignore it

Where only very few of the rows come to the read, and the column is large.

## Source

https://docs.djangoproject.com/en/stable/ref/models/querysets/#only
"""

import ast
from collections.abc import Iterator

from praxis.audit import Confidence, Cost, Edit, Finding, Fix, Project, Safety, Step, rule
from praxis.audit.editing.chain_links import drop_link, links, name_of
from praxis.audit.editing.known_places import node_at
from praxis.audit.flow.events import DeferredRead, Site
from praxis.audit.flow.telling.chains import add_lookups


@rule(code="ORM111", visits=DeferredRead)
def check(project: Project, event: DeferredRead) -> Iterator[Finding]:
    if _is_set(project, event):
        return
    cure = f'Add "{event.column}" to only()' if event.named else f"Do not defer {event.column}"
    steps = [
        Step(project.place(event.path, *origin), f"the query for {event.model[1]} rows")
        for origin in event.origins
    ]
    yield Finding(
        project.place(event.path, *event.span),
        f"{event.column} was left out of the query: it is fetched for each {event.model[1]} row. "
        f"{cure}.",
        _fix(project, event),
        tuple(steps),
        Confidence.LIKELY,
        Cost(1, event.limit),
    )


def _is_set(project: Project, event: DeferredRead) -> bool:
    """Whether the loop gives the column a value of its own, or fetches the row anew."""
    file = project.file(event.path)
    if file is None:
        return True
    start, end = event.loop
    text = file.text[start:end]
    if "refresh_from_db" in text or "get_deferred_fields" in text or "__dict__" in text:
        return True
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and node.attr.removesuffix("_id") == event.column.removesuffix("_id")
        and start <= file.span(node)[0] < end
        for node in ast.walk(file.tree)
    )


def _fix(project: Project, event: DeferredRead) -> Fix | None:
    if len(event.origins) != 1:
        return None
    edit: Edit | None = None
    if event.named:
        site = Site(event.path, *event.origins[0])
        edits = add_lookups(project, site, {"only": [event.column]}) or []
        if len(edits) != 1 or edits[0].text.lstrip().startswith("."):
            return None  # the chain ends before only(): it goes on elsewhere
        (edit,) = edits
    else:
        edit = _without_defer(project, event)
    return Fix((edit,), Safety.SAFE, f"Fetch {event.column} with the rows") if edit else None


def _without_defer(project: Project, event: DeferredRead) -> Edit | None:
    file = project.file(event.path)
    found = node_at(file, event.origins[0], ast.Call) if file is not None else []
    if file is None or not found or not isinstance(found[0], ast.Call):
        return None
    for call in links(found[0]):
        if name_of(call) == "defer" and len(call.args) == 1:
            return drop_link(file, call)
    return None
