"""
Flag `get_or_create` or `update_or_create` in each round of a loop that does not take the row.

## Why

Each round asks for the row and then inserts or updates it, in a transaction of its own: two to
four statements. `bulk_create` lets the database decide: rows that are there are left alone with
`ignore_conflicts=True`, and changed with `update_conflicts=True`, for hundreds by one statement.

## Bad

```python
# file: shop/models.py
from django.db import models


class Stock(models.Model):
    sku = models.CharField(max_length=30, unique=True)
    quantity = models.IntegerField(default=0)
# file: shop/views.py
from shop.models import Stock


def take_over(quantities):
    for sku, quantity in quantities.items():
        Stock.objects.update_or_create(sku=sku, defaults={"quantity": quantity})
```

## Good

```python
# file: shop/models.py
from django.db import models


class Stock(models.Model):
    sku = models.CharField(max_length=30, unique=True)
    quantity = models.IntegerField(default=0)
# file: shop/views.py
from shop.models import Stock


def take_over(quantities):
    Stock.objects.bulk_create(
        [Stock(sku=sku, quantity=quantity) for sku, quantity in quantities.items()],
        batch_size=500,
        update_conflicts=True,
        unique_fields=["sku"],
        update_fields=["quantity"],
    )
```

## Fix

None: which constraint tells the rows apart, and what the defaults are, is for the author to say.

## Misses

Models whose `save()` the project overrides, which signals of the project listen to, whose history
a package keeps or which extend another table; lookups that no unique column or constraint covers;
loops that do anything else besides working out values.

## When to ignore it

Where a handful of rows is written. The code does not tell how many there will be, which is why
the rule has to be asked for.

## Source

https://docs.djangoproject.com/en/stable/ref/models/querysets/#bulk-create
"""

from collections.abc import Iterator

from praxis.audit import Confidence, Cost, Finding, Project, Step, rule
from praxis.audit.facts.models import model_index
from praxis.audit.facts.models.model_index import Model, ModelIndex
from praxis.audit.flow.events import RowsUpserted


@rule(code="ORM205", visits=RowsUpserted, default=False)
def check(project: Project, event: RowsUpserted) -> Iterator[Finding]:
    index = project.derive(ModelIndex)
    model = index.model(event.model)
    if model is None or model.saves or model.parents or model.opaque:
        return
    if index.has_receivers(model) or not _are_unique(index, model, event.lookups):
        return
    updates = "update" in event.method
    option = "update_conflicts" if updates else "ignore_conflicts"
    yield Finding(
        project.place(event.path, *event.span),
        f"Looks for one {model.name} a round and writes it. {model.name}.objects.bulk_create(rows, "
        f"{option}=True) writes all by one statement (each key once).",
        None,
        (Step(project.place(event.path, *event.loop), "the loop"),),
        Confidence.LIKELY,
        Cost(2, event.rounds),
    )


def _are_unique(index: ModelIndex, model: Model, lookups: tuple[str, ...]) -> bool:
    """Whether the database keeps two rows with the same *lookups* apart."""
    classes = [
        index.names.classes[key]
        for key in (model.key, *model.ancestors)
        if key in index.names.classes
    ]
    if not all(
        name in model.columns or name.removesuffix("_id") in model.columns for name in lookups
    ):
        return False
    for fact in classes:
        if fact.meta.keys() & {"unique_together", "constraints"}:
            return True
        if any(
            declared.name in lookups and declared.options.get("unique") is True
            for declared in fact.declared
        ):
            return True
    return any(
        name in model.relations and model.relations[name].kind == model_index.ONE
        for name in lookups
    )
