"""
Flag a loop that saves one new row a round.

## Why

Each `create()` or `save()` is a statement of its own and often a transaction of its own: the
network and the commit cost more than the row. `bulk_create` inserts hundreds of rows by one
statement.

## Bad

```python
# file: shop/models.py
from django.db import models


class Tag(models.Model):
    name = models.CharField(max_length=100)
# file: shop/views.py
from shop.models import Tag


def add_tags(names):
    for name in names:
        Tag.objects.create(name=name)
```

## Good

```python
# file: shop/models.py
from django.db import models


class Tag(models.Model):
    name = models.CharField(max_length=100)
# file: shop/views.py
from shop.models import Tag


def add_tags(names):
    Tag.objects.bulk_create([Tag(name=name) for name in names], batch_size=500)
```

## Fix

Unsafe: `bulk_create` calls neither `save()` nor the signals, saves all rows or none, and works out
all values before the first row is saved. Only a loop that does nothing but `create` is rewritten.

## Misses

Models whose `save()` the project overrides, which signals of the project listen to, whose history
a package keeps (django-simple-history, django-reversion, django-auditlog), or which extend another
table: `bulk_create` is not the same there. Rows that are used after they were saved, except for
being put into a list, and rounds that ask for rows of the same model or of one related to it.
Loops that do more than to work out values and create rows of one model: other writes, mail,
requests, and functions of which nothing is known.

## When to ignore it

Where a handful of rows is created, or each row must be saved even if a later one fails.

## Source

https://docs.djangoproject.com/en/stable/ref/models/querysets/#bulk-create
"""

from collections.abc import Iterator

from praxis.audit import Confidence, Cost, Edit, Finding, Fix, Project, Safety, Step, rule
from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.file import has_comment
from praxis.audit.flow.events import RowsCreated


@rule(code="ORM201", visits=RowsCreated)
def check(project: Project, event: RowsCreated) -> Iterator[Finding]:
    index = project.derive(ModelIndex)
    model = index.model(event.model)
    if model is None or model.saves or model.parents or model.opaque:
        return
    if index.has_receivers(model):
        return
    yield Finding(
        project.place(event.path, *event.span),
        f"Saves one {model.name} a round. Collect them: {model.name}.objects.bulk_create() inserts "
        "all by one statement (batch_size=500 for very many).",
        _fix(project, event),
        (Step(project.place(event.path, *event.loop), "the loop"),),
        Confidence.LIKELY,
        Cost(1, event.rounds),
    )


def _fix(project: Project, event: RowsCreated) -> Fix | None:
    if not event.alone:
        return None
    text = project.text(event.path)
    start, end = event.loop
    manager = text[slice(*event.manager)]
    arguments = text[slice(*event.arguments)]
    target, iterated = text[slice(*event.target)], text[slice(*event.iterated)]
    model, dot, name = manager.rpartition(".")
    kept = (manager, arguments, target, iterated)
    rest = text[start:end]
    for part in kept:
        rest = rest.replace(part, "", 1)
    if not dot or name != "objects" or model.rpartition(".")[2] != event.model[1]:
        return None
    if has_comment(text[start:end]) or "\\\n" in text[start:end]:
        return None
    if "await" in rest or "yield" in text[start:end] or '"""' in arguments:
        return None
    line = text.rfind("\n", 0, start) + 1
    indent = text[line:start]
    if indent.strip():
        return None
    unit = "\t" if indent.startswith("\t") else "    "
    newline = "\r\n" if "\r\n" in text[start:end] else "\n"
    if "\n" in target + iterated:
        return None
    deeper = arguments.replace("\n", f"\n{unit}")
    lines = (
        f"{manager}.bulk_create(",
        f"{indent}{unit}[",
        f"{indent}{unit}{unit}{model}{deeper}",
        f"{indent}{unit}{unit}for {target} in {iterated}",
        f"{indent}{unit}]",
        f"{indent})",
    )
    edit = Edit(event.path, start, end, newline.join(lines))
    return Fix((edit,), Safety.UNSAFE, f"Create all {event.model[1]} rows at once")
