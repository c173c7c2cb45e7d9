"""
Flag a column that requests find or sort rows by, and that no index begins with.

## Why

Without an index the database reads the whole table for each of these queries: nothing to see with a
hundred rows, and seconds with a million. An index over the column finds the rows, or hands out the
first twenty in their order, in a few reads whatever the table's size.

## Bad

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    number = models.CharField(max_length=20)
    created_at = models.DateTimeField()
# file: shop/views.py
from django.shortcuts import get_object_or_404

from shop.models import Order


def show(request, number):
    return get_object_or_404(Order, number=number)
```

## Good

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    number = models.CharField(max_length=20, unique=True)
    created_at = models.DateTimeField()
# file: shop/views.py
from django.shortcuts import get_object_or_404

from shop.models import Order


def show(request, number):
    return get_object_or_404(Order, number=number)
```

## Fix

None: the entry of `Meta.indexes` is in the message, a migration goes with it. On PostgreSQL make it
with `AddIndexConcurrently` in a migration that is not atomic: a plain `CREATE INDEX` stops all
writes to the table until it is done. Where the value names one row, `unique=True` is better still.

## Misses

Queries with conditions that are not known (`Q`, `**filters`, methods of managers), or that another
index narrows; columns that rows are compared with by `contains`; columns with few values; tables
that nothing says of when their rows came or what they belong to. Indexes that migrations make by
SQL count as missing.

## When to ignore it

Tables that stay small.

## Source

https://docs.djangoproject.com/en/stable/topics/db/optimization/#use-standard-db-optimization-techniques,
https://docs.djangoproject.com/en/stable/ref/contrib/postgres/operations/#concurrent-index-operations
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from praxis.audit import Confidence, Finding, Project, Step, rule
from praxis.audit.facts.models.indexes import ModelTable, may_hold_anything
from praxis.audit.facts.models.known_models import DJANGO_FIELDS
from praxis.audit.flow.events import RowsLookedUp
from praxis.audit.flow.telling.asked import Asked

#: Parts of the names of columns that tell one row from the others.
_IDENTIFIES = frozenset({
    "barcode", "checksum", "code", "digest", "email", "fingerprint", "guid", "hash",
    "identifier", "isbn", "key", "mail", "number", "phone", "reference", "secret", "serial",
    "sha1", "sha256", "sku", "slug", "token", "uid", "username", "uuid",
})  # fmt: skip
_STAMPS = frozenset({
    "added", "created", "date", "joined", "logged", "posted", "published", "received", "sent",
    "submitted", "timestamp", "updated", "uploaded",
})  # fmt: skip
#: Sorting and comparing by a time costs enough to speak of where it happens so often.
MIN_PLACES = 2
MAX_STEPS = 6


@dataclass(slots=True)
class _Wanted:
    """A column without an index, with the queries that want one."""

    table: ModelTable
    name: str
    found: list[RowsLookedUp] = field(default_factory=list)
    sorted: list[RowsLookedUp] = field(default_factory=list)


@rule(code="IDX101", visits=(RowsLookedUp, Project))
def check(project: Project, event: RowsLookedUp | None = None) -> Iterator[Finding]:
    asked = project.derive(Asked)
    if event is not None:
        asked.add(event)
        return
    for table, events in asked.by_table():
        for wanted in _wanted(asked, table, events):
            if wanted.found or _is_sorted_often(wanted.sorted):
                yield _finding(project, wanted)


def _is_sorted_often(events: list[RowsLookedUp]) -> bool:
    places = {(event.path, event.span[0]) for event in events}
    return len(places) >= MIN_PLACES and any(event.limited for event in events)


def _wanted(asked: Asked, table: ModelTable, events: list[RowsLookedUp]) -> list[_Wanted]:
    wanted: dict[str, _Wanted] = {}
    for event in events:
        if asked.is_narrowed(event):
            continue
        for name in event.equal if event.single else ():
            if _identifies(asked, table, name):
                wanted.setdefault(name, _Wanted(table, name)).found.append(event)
        name = _order_of(table, event)
        if name and not asked.serves_order(event, name):
            wanted.setdefault(name, _Wanted(table, name)).sorted.append(event)
    return [one for one in wanted.values() if _may_be_told(one)]


def _identifies(asked: Asked, table: ModelTable, name: str) -> bool:
    column = asked.column(table.model.key, name)
    return (
        column is not None
        and column.table is table
        and not column.has_few_values
        and not column.leads_an_index
        and bool(_IDENTIFIES & set(name.lower().split("_")))
    )


def _order_of(table: ModelTable, event: RowsLookedUp) -> str:
    """The time by which the query picks some of the rows; empty where there is none."""
    times = [name for name in event.ranged if _is_a_stamp(table, name)]
    if times:
        return times[0]
    if not event.limited or not event.ordered:
        return ""
    name = event.ordered[0].removeprefix("-")
    return name if _is_a_stamp(table, name) else ""


def _is_a_stamp(table: ModelTable, name: str) -> bool:
    """Whether the column says when the row came or changed: such tables grow by themselves."""
    if table.kind(name) != "DateTimeField":
        return False
    options = table.fields[name][1].options
    return bool(
        options.keys() & {"auto_now", "auto_now_add"}
        or _STAMPS & set(name.lower().split("_"))
        or options.get("default") == "@django.utils.timezone.now"
    )


def _may_be_told(wanted: _Wanted) -> bool:
    found = wanted.table.fields[wanted.name][1]
    kind = found.callee.rpartition(".")[2]
    return kind in DJANGO_FIELDS and not may_hold_anything(found) and _grows(wanted.table)


def _grows(table: ModelTable) -> bool:
    """Whether rows belong to others or say when they came; countries and categories do not."""
    kinds = [table.kind(name) for name in table.fields]
    return "DateTimeField" in kinds or any(
        kind.endswith(("Key", "OneToOneField")) for kind in kinds
    )


def _finding(project: Project, wanted: _Wanted) -> Finding:
    path, found = wanted.table.fields[wanted.name]
    model = wanted.table.model
    events = sorted([*wanted.found, *wanted.sorted], key=lambda event: (event.path, event.span))
    how = "finds" if wanted.found else "sorts or picks"
    descending = (
        any(event.ordered[:1] == (f"-{wanted.name}",) for event in wanted.sorted)
        and not wanted.found
    )
    column = f"-{wanted.name}" if descending else wanted.name
    steps = [
        Step(project.place(event.path, *event.span), f"{how} {model.name} rows by it")
        for event in {(event.path, event.span[0]): event for event in events}.values()
    ][:MAX_STEPS]
    places = len({(event.path, event.span[0]) for event in events})
    return Finding(
        project.place(path, *found.call),
        f"{_times(places)} {how} {model.name} rows by {wanted.name}, which no index begins with: "
        f'each time the whole table is read. Add models.Index(fields=["{column}"], '
        f'name="{_name(model.name, wanted.name)}"), on PostgreSQL by AddIndexConcurrently'
        + (", or unique=True if it names one row." if wanted.found else "."),
        steps=tuple(steps),
        confidence=Confidence.LIKELY,
    )


def _times(count: int) -> str:
    return "A query" if count == 1 else f"Each of {count} queries"


def _name(model: str, column: str) -> str:
    return f"{model.lower()}_{column}"[:26].rstrip("_") + "_idx"
