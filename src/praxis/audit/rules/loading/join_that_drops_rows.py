"""
Flag a join over a foreign key that nothing keeps from pointing at a row that is gone.

## Why

`select_related` over a foreign key that cannot be null is an inner join: a row whose target does
not exist is left out, without a word. Elsewhere the database makes sure that there is one. With
`db_constraint=False` and `on_delete=DO_NOTHING` nobody does: once a target is deleted, lists that
join lose rows which `count()` still counts, and pages that do not join still show.

## Bad

```python
# file: shop/models.py
from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=100)


class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.DO_NOTHING, db_constraint=False)
# file: shop/views.py
from shop.models import Order


def orders():
    return Order.objects.select_related("customer")
```

## Good

```python
# file: shop/models.py
from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=100)


class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.DO_NOTHING, db_constraint=False)
# file: shop/views.py
from shop.models import Order


def orders():
    return Order.objects.prefetch_related("customer")
```

## Fix

Unsafe: `prefetch_related` keeps the rows, at one query more for each relation. Reading the relation
of such a row raises `DoesNotExist`. With `null=True` on the field the join keeps them as well.

## Misses

`select_related()` without names; conditions on the related table, which join in the same way;
tables that other programs write, whose models say nothing of that.

## When to ignore it

Where rows without a target are to be left out: say so with a condition.

## Source

https://docs.djangoproject.com/en/stable/ref/models/fields/#django.db.models.ForeignKey.db_constraint
"""

import ast
from collections.abc import Iterator

from praxis.audit import Confidence, Edit, Finding, Fix, Project, Safety, Step, rule
from praxis.audit.editing.chain_links import name_span
from praxis.audit.editing.known_places import node_at
from praxis.audit.facts.models.indexes import Tables
from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.facts.models.tables import TableField
from praxis.audit.flow.events import EagerLoading


@rule(code="ORM137", visits=EagerLoading)
def check(project: Project, event: EagerLoading) -> Iterator[Finding]:
    if event.method != "select_related":
        return
    for lookup, span in event.lookups:
        found = _unguarded(project, event, lookup)
        if found is None:
            continue
        path, field = found
        yield Finding(
            project.place(event.path, *span),
            f"Nothing keeps {field.name} from pointing at a row that is gone, and this inner join "
            f"leaves out each {event.model[1]} where it does. Use prefetch_related.",
            _fix(project, event),
            (Step(project.place(path, *field.call), "no constraint, and DO_NOTHING"),),
            Confidence.LIKELY,
        )
        return


def _unguarded(project: Project, event: EagerLoading, lookup: str) -> tuple[str, TableField] | None:
    """The first field of the lookup that is joined strictly, and that nothing guards."""
    index, tables = project.derive(ModelIndex), project.derive(Tables)
    key = event.model
    for part in lookup.split("__"):
        table, model = tables.of(key), index.model(key)
        relation = model.relations.get(part) if model is not None else None
        if relation is None or relation.null or not relation.has_column:
            return None  # a relation that may be null makes all that follow outer joins
        found = table.fields.get(part) if table is not None else None
        if found is not None and _has_no_guard(found[1]):
            return found
        if relation.target is None:
            return None
        key = relation.target
    return None


def _has_no_guard(field: TableField) -> bool:
    deletes = str(field.options.get("on_delete"))
    return field.options.get("db_constraint") is False and deletes.endswith("DO_NOTHING")


def _fix(project: Project, event: EagerLoading) -> Fix | None:
    file = project.file(event.path)
    found = node_at(file, event.span, ast.Call) if file is not None else []
    if file is None or not found or not isinstance(found[0], ast.Call):
        return None
    if len(event.lookups) != 1 or len(found[0].args) != 1:
        return None
    edit = Edit(event.path, *name_span(file, found[0]), "prefetch_related")
    return Fix((edit,), Safety.UNSAFE, "Use prefetch_related")
