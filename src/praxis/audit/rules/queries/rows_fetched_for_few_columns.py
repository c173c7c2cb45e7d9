"""
Flag rows that are fetched with all their columns where one or two are read.

## Why

The database sends every column of every row, long texts included, and Django makes an object of it.
For a list of names `values_list("name", flat=True)` sends the names alone, and makes no objects:
of a wide table that is ten times faster. Where methods of the rows are called, `only()` keeps
the objects and leaves out what they do not read.

## Bad

```python
# file: shop/models.py
from django.db import models


class Book(models.Model):
    title = models.CharField(max_length=100)
    description = models.TextField()
    added_at = models.DateTimeField(auto_now_add=True)
# file: shop/views.py
from shop.models import Book


def titles():
    return [book.title for book in Book.objects.all()]
```

## Good

```python
# file: shop/models.py
from django.db import models


class Book(models.Model):
    title = models.CharField(max_length=100)
    description = models.TextField()
    added_at = models.DateTimeField(auto_now_add=True)
# file: shop/views.py
from shop.models import Book


def titles():
    return list(Book.objects.values_list("title", flat=True))
```

## Fix

Unsafe: `only()` with the columns is added to what is walked. A column that is read after all costs
a query for each row then.

## Misses

Rows that are handed to other code, templates included; models that do something when a row is
made, or extend another model's table; tables that nothing says of when their rows came or whose
they are; commands.

## When to ignore it

Where there are few rows: the gain is small then, which is why the rule has to be asked for.

## Source

https://docs.djangoproject.com/en/stable/topics/db/optimization/#use-queryset-values-and-values-list
"""

from collections.abc import Iterator

from praxis.audit import (
    Confidence,
    Edit,
    Finding,
    Fix,
    Project,
    Safety,
    Severity,
    Step,
    rule,
)
from praxis.audit.facts.models.growth import grows
from praxis.audit.facts.models.indexes import Tables
from praxis.audit.facts.models.model_index import Model, ModelIndex
from praxis.audit.facts.sources import Role
from praxis.audit.flow.events import ColumnsRead

#: A row of so many columns is wide.
MIN_COLUMNS = 8
_LONG = frozenset({"BinaryField", "HStoreField", "JSONField", "RichTextField", "TextField"})
_MOST_NAMED = 3


@rule(
    code="ORM110",
    visits=ColumnsRead,
    skips=(Role.TEST, Role.MIGRATION, Role.COMMAND, Role.SCRIPT),
    severity=Severity.NOTE,
    default=False,
)
def check(project: Project, event: ColumnsRead) -> Iterator[Finding]:
    index, table = project.derive(ModelIndex), project.derive(Tables).of(event.model)
    model = index.model(event.model)
    if model is None or table is None or not grows(table, index):
        return
    long = [
        name
        for name, column in model.columns.items()
        if column.kind in _LONG and name not in event.columns
    ]
    if not long and len(model.columns) < MIN_COLUMNS:
        return
    names = ", ".join(f'"{name}"' for name in event.columns)
    how = f"values_list({names}, flat=True)" if event.flat else f"only({names})"
    unread = (
        f"the long {_and(long[:_MOST_NAMED])} included"
        if long
        else f"all {len(model.columns)} columns"
    )
    yield Finding(
        project.place(event.path, *event.span),
        f"Fetches whole {model.name} rows, {unread}, of which {_and(event.columns)} "
        f"{'is' if len(event.columns) == 1 else 'are'} read. Use {how}.",
        _fix(project, model, event, names),
        (Step(project.place(event.path, *event.loop), "all that reads them"),),
        Confidence.LIKELY,
    )


def _and(names: list[str] | tuple[str, ...]) -> str:
    return " and ".join((", ".join(names[:-1]), names[-1]) if len(names) > 1 else names)


def _fix(project: Project, model: Model, event: ColumnsRead, names: str) -> Fix | None:
    text = project.text(event.path)[event.span[0] : event.span[1]]
    plain = all(part not in text for part in ("\n", "#", " if ", " or ", " and ", "await "))
    if not plain or project.derive(ModelIndex).has_receivers(model):
        return None
    end = event.span[1]
    edit = Edit(event.path, end, end, f".only({names})")
    return Fix((edit,), Safety.UNSAFE, "Fetch these columns alone")
