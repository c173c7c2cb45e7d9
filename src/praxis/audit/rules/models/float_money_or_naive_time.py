"""
Flag money in a `FloatField`, and times without a zone that are stored or compared with columns.

## Why

A float cannot hold 0.10: sums of prices are off by cents, and two amounts that look alike compare
as different. With `USE_TZ` every stored time has a zone. Django takes one without for local time
and warns; `utcnow()` is therefore off by hours, and `now()` is wrong twice a year, when the clocks
change.

## Bad

```python
# file: site/settings.py
USE_TZ = True
ROOT_URLCONF = "site.urls"
# file: shop/models.py
from django.db import models


class Product(models.Model):
    price = models.FloatField()
    seen_at = models.DateTimeField()
# file: shop/tasks.py
from datetime import datetime, timedelta

from shop.models import Product


def drop_old():
    before = datetime.now() - timedelta(days=90)
    Product.objects.filter(seen_at__lt=before).delete()
```

## Good

```python
# file: site/settings.py
USE_TZ = True
ROOT_URLCONF = "site.urls"
# file: shop/models.py
from django.db import models


class Product(models.Model):
    price = models.DecimalField(max_digits=9, decimal_places=2)
    seen_at = models.DateTimeField()
# file: shop/tasks.py
from datetime import timedelta

from django.utils import timezone

from shop.models import Product


def drop_old():
    before = timezone.now() - timedelta(days=90)
    Product.objects.filter(seen_at__lt=before).delete()
```

## Fix

`datetime.now()`, `today()` and `utcnow()` become `timezone.now()`: unsafe, as the value has a zone
then, and cannot be compared with one that has none. `date.today()` and floats are left to you: the
one needs to know which midnight is meant, the other how many digits and a migration.

## Misses

Amounts, totals and costs in models that have nothing else to do with money: they may be grams or
points. Times that go through another function, or into a variable that is assigned twice. Projects
that say nothing of `USE_TZ`, or have it off anywhere.

## When to ignore it

Prices that are only ever statistics.

## Source

https://docs.djangoproject.com/en/stable/topics/i18n/timezones/,
https://docs.djangoproject.com/en/stable/ref/models/fields/#decimalfield
"""

import re
from collections.abc import Iterator

from praxis.audit import Edit, Finding, Fix, Project, Safety, Step, rule
from praxis.audit.editing.imports import import_name
from praxis.audit.facts.models.indexes import ModelTable, Tables
from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.facts.models.naive_times import NAIVE_TIMES, NaiveTime
from praxis.audit.facts.settings import settings_of
from praxis.audit.facts.settings.values import Constant

#: Words of which each one says that a number is money.
_MONEY = frozenset({
    "fee", "fees", "payout", "price", "prices", "salary", "subtotal", "wage", "wages",
})  # fmt: skip
#: Words that say so in a model that has something else to do with money.
_PERHAPS_MONEY = frozenset({
    "amount", "balance", "budget", "charge", "cost", "costs", "credit", "debit", "deposit",
    "discount", "payment", "refund", "revenue", "tax", "total", "vat",
})  # fmt: skip
_ABOUT_MONEY = re.compile(
    r"(?<!con)currency|invoice|billing|payment|purchase|refund|payout|salary|price|donation",
    re.IGNORECASE,
)
#: Words that make it something else: a share, a measure, an estimate, a time.
_NO_MONEY = frozenset({
    "bonus", "change", "coefficient", "count", "days", "factor", "fraction", "hours", "index",
    "multiplier", "number", "pct", "per", "percent", "percentage", "points", "quantity", "rate",
    "ratio", "score", "seconds", "share", "time", "units", "weight",
})  # fmt: skip
#: Words beside an amount or a total that say of what.
_OF_THINGS = frozenset({
    "active", "article", "base", "item", "items", "material", "memory", "pieces", "product",
    "products", "size", "stock", "timeout", "volume",
})  # fmt: skip
_COMPARISONS = frozenset({"exact", "gt", "gte", "in", "lt", "lte", "range"})


@rule(code="MOD105", visits=Project)
def check(project: Project) -> Iterator[Finding]:
    for table in project.derive(Tables):
        yield from _floats(project, table)
    if project.facts(NAIVE_TIMES) and _uses_zones(project):
        kinds = project.derive(_column_kinds)
        for path, fact in project.facts(NAIVE_TIMES).items():
            for made in fact.times:
                yield from _naive(project, path, made, kinds)


def _floats(project: Project, table: ModelTable) -> Iterator[Finding]:
    about_money = bool(_ABOUT_MONEY.search(" ".join((table.model.name, *table.model.columns))))
    for found in table.own.fields:
        if found.callee != "django.db.models.FloatField":
            continue
        words = set(re.split(r"_|(?<=[a-z])(?=[A-Z])", found.name.lower()))
        perhaps = about_money and words & _PERHAPS_MONEY and not words & _OF_THINGS
        if words & _NO_MONEY or not (words & _MONEY or perhaps):
            continue
        yield Finding(
            project.place(table.path, *found.call),
            f"{found.name} holds money in a float, which cannot hold 0.10: sums drift by cents. "
            "Take DecimalField(max_digits=…, decimal_places=2).",
        )


def _uses_zones(project: Project) -> bool:
    values = [known.get("USE_TZ") for known in project.derive(settings_of).environments]
    return Constant(True) in values and Constant(False) not in values


def _column_kinds(project: Project) -> dict[str, frozenset[str]]:
    """The field classes that each name has in any model."""
    kinds: dict[str, set[str]] = {}
    for model in project.derive(ModelIndex).models.values():
        for column in model.columns.values():
            kinds.setdefault(column.name, set()).add(column.kind)
    return {name: frozenset(found) for name, found in kinds.items()}


def _naive(
    project: Project, path: str, made: NaiveTime, kinds: dict[str, frozenset[str]]
) -> Iterator[Finding]:
    uses = [
        (name, span)
        for lookup, span in made.uses
        for name in [_column_of(lookup)]
        if kinds.get(name) == frozenset({"DateTimeField"})
    ]
    if not uses:
        return
    steps = tuple(
        Step(project.place(path, *span), f"goes to {name}, which has a zone")
        for name, span in uses
        if span != made.span
    )
    if made.called == "date.today()":
        advice = (
            "Django takes it for midnight, local time. Compare dates (__date), or say which "
            "midnight: timezone.localtime().replace(hour=0, …)."
        )
    else:
        advice = "Call timezone.now() (django.utils)."
    yield Finding(
        project.place(path, *made.span),
        f"{made.called} has no time zone, {uses[0][0]} has one (USE_TZ). {advice}",
        _fix(project, path, made) if len(uses) == len(made.uses) else None,
        steps,
    )


def _column_of(lookup: str) -> str:
    """The column that a lookup or attribute is about; empty where a part of it is meant."""
    if lookup.startswith("."):
        return lookup[1:]
    parts = lookup.split("__")
    while len(parts) > 1 and parts[-1] in _COMPARISONS:
        parts.pop()
    return parts[-1]


def _fix(project: Project, path: str, made: NaiveTime) -> Fix | None:
    file = project.file(path) if made.called != "date.today()" else None
    imported = import_name(file, "django.utils", "timezone") if file is not None else None
    if imported is None:
        return None
    edit = Edit(path, *made.span, f"{imported.name}.now()")
    return Fix((edit, *imported.edits), Safety.UNSAFE, "Take the time with its zone")
