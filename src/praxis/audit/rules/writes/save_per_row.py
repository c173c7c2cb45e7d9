"""
Flag a loop that changes rows of the database and saves them one by one.

## Why

Each `save()` is a statement of its own and often a transaction of its own. `update()` changes all
rows of a query by one statement where they get the same value, or one worked out of their own
columns; `bulk_update` writes different values by one statement for hundreds of rows.

## Bad

```python
# file: shop/models.py
from django.db import models


class Address(models.Model):
    is_default = models.BooleanField(default=False)
# file: shop/views.py
from shop.models import Address


def forget_defaults():
    for address in Address.objects.filter(is_default=True):
        address.is_default = False
        address.save()
```

## Good

```python
# file: shop/models.py
from django.db import models


class Address(models.Model):
    is_default = models.BooleanField(default=False)
# file: shop/views.py
from shop.models import Address


def forget_defaults():
    Address.objects.filter(is_default=True).update(is_default=False)
```

## Fix

Unsafe: `update` calls neither `save()` nor the signals, sets no `auto_now` field, and sees the
rows as they are when it runs. Only a loop that sets constants and saves is rewritten.

## Misses

Models whose `save()` the project overrides, which signals of the project listen to, whose history
a package keeps, or which extend another table: neither method is the same there. Fields that
Django or a package changes while saving, such as files. Loops that do more than to work out
values and save rows: other writes, mail, requests, and functions of which nothing is known. Loops
with a comment that speaks of bulk or signals.

## When to ignore it

Where a handful of rows is saved, or each row must be saved even if a later one fails.

## Source

https://docs.djangoproject.com/en/stable/ref/models/querysets/#bulk-update
"""

import re
from collections.abc import Iterator

from praxis.audit import Confidence, Cost, Finding, Fix, Project, Safety, Step, rule
from praxis.audit.editing.loops import replace_loop
from praxis.audit.facts.models.model_index import Model, ModelIndex
from praxis.audit.flow.events import RowsSaved

#: A comment that says why the rows are not saved together.
_REASON = re.compile(r"#[^\n]*\b(?:bulk|signals?|one[ -]by[ -]one)\b", re.IGNORECASE)
_FILES = frozenset({"FileField", "ImageField"})
_TEXTS = frozenset({"CharField", "EmailField", "SlugField", "TextField", "URLField"})


@rule(code="ORM202", visits=RowsSaved)
def check(project: Project, event: RowsSaved) -> Iterator[Finding]:
    index = project.derive(ModelIndex)
    model = index.model(event.model)
    if model is None or model.saves or model.parents or model.opaque:
        return
    if index.has_receivers(model) or not all(_is_plain(model, field) for field in event.fields):
        return
    if _REASON.search(project.text(event.path), *event.loop):
        return
    moving = [column.name for column in model.columns.values() if column.auto_now]
    left_alone = [name for name in moving if name not in event.fields]
    cure = _cure(model, event)
    if left_alone and not event.named:
        cure += f" Set {', '.join(left_alone)} with it: only save() does so by itself."
    yield Finding(
        project.place(event.path, *event.span),
        f"Saves one {model.name} a round. {cure}",
        None if left_alone and not event.named else _fix(project, event),
        (Step(project.place(event.path, *event.loop), "the loop"),),
        Confidence.LIKELY,
        Cost(1, event.rounds),
    )


def _is_plain(model: Model, field: str) -> bool:
    """Whether the field is one whose value saving leaves as it is."""
    column = model.columns.get(field.removesuffix("_id") if field not in model.columns else field)
    return (
        column is not None
        and not column.primary_key
        and not column.sets_itself
        and column.kind not in _FILES
    )


def _is_text(model: Model, field: str) -> bool:
    return field in model.columns and model.columns[field].kind in _TEXTS


def _cure(model: Model, event: RowsSaved) -> str:
    fields = ", ".join(f'"{field}"' for field in event.fields)
    by_the_query = not event.single and not event.sliced
    if event.value == "constant" and by_the_query:
        words = ", ".join(f"{name}=…" for name, _ in event.updates)
        return f"The query can change all by one statement: .update({words})."
    if event.value == "expression" and by_the_query:
        texts = any(_is_text(model, field) for field in event.fields)
        joined = ", and Concat() for text" if texts else ""
        return f"The query can change all by one statement: .update() with F() expressions{joined}."
    ahead = "Fetch the rows by one query before the loop, and" if event.single else "Collect them:"
    verb = "write" if event.single else "writes"
    many = f"{model.name}.objects.bulk_update(rows, [{fields}], batch_size=500)"
    if event.single:
        return f"{ahead} {verb} them by {many} after it."
    return f"{ahead} {many} {verb} hundreds by one statement."


def _fix(project: Project, event: RowsSaved) -> Fix | None:
    if event.iterated[0] == event.iterated[1] or not event.updates:
        return None
    text = project.text(event.path)
    iterated = text[slice(*event.iterated)]
    if iterated.isidentifier() or "_related(" in iterated or ".iterator" in iterated:
        return None
    if {name for name, _ in event.updates} != set(event.fields):
        return None
    values = ", ".join(f"{name}={text[slice(*span)]}" for name, span in event.updates)
    if "\n" in values:
        return None
    edit = replace_loop(event.path, text, event.loop, event.iterated, f"update({values})")
    return Fix((edit,), Safety.UNSAFE, "Change all rows at once") if edit else None
