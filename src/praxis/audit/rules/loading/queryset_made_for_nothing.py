"""
Flag a queryset that is made by a statement and given to nobody.

## Why

Methods of querysets change nothing: each returns another queryset. A statement
`books.prefetch_related("tags")` makes one and drops it, so that nothing is loaded, filtered,
ordered or locked, and nothing says so.

## Bad

```python
# file: shop/models.py
from django.db import models


class Book(models.Model):
    title = models.CharField(max_length=100)
# file: shop/views.py
from shop.models import Book


def books(wanted):
    found = Book.objects.all()
    if wanted:
        found.filter(title=wanted)
    return found
```

## Good

```python
# file: shop/models.py
from django.db import models


class Book(models.Model):
    title = models.CharField(max_length=100)
# file: shop/views.py
from shop.models import Book


def books(wanted):
    found = Book.objects.all()
    if wanted:
        found = found.filter(title=wanted)
    return found
```

## Fix

Unsafe: the name in front is given the new queryset, which was most probably meant, but is not what
the code did so far.

## Misses

Querysets of models that are not known, and methods of the project's own managers. Statements in
`try`, which may only ask whether the arguments are right.

## When to ignore it

Never: the statement does nothing.

## Source

https://docs.djangoproject.com/en/stable/topics/db/queries/#filtered-querysets-are-unique
"""

import ast
from collections.abc import Iterator

from praxis.audit import Edit, Finding, Fix, Project, Safety, rule
from praxis.audit.editing.known_places import node_at
from praxis.audit.flow.events import QueryDiscarded

_EFFECTS = {
    "prefetch_related": "nothing is loaded",
    "select_related": "nothing is loaded",
    "select_for_update": "nothing is locked",
    "order_by": "nothing is ordered",
    "filter": "nothing is filtered",
    "exclude": "nothing is filtered",
}


@rule(code="ORM131", visits=QueryDiscarded)
def check(project: Project, event: QueryDiscarded) -> Iterator[Finding]:
    file = project.file(event.path)
    if file is None:
        return
    around = node_at(file, event.span, ast.Expr)
    if any(isinstance(node, ast.Try) and node.handlers for node in around):
        return
    effect = _EFFECTS.get(event.method, "it has no effect")
    cure = (
        f"Assign it: {event.name} = …"
        if event.name
        else "Assign or return it, or remove the statement"
    )
    yield Finding(
        project.place(event.path, *event.span),
        f"{event.method}() returns another queryset, which this statement drops: {effect}. {cure}.",
        _fix(event),
    )


def _fix(event: QueryDiscarded) -> Fix | None:
    if not event.name:
        return None
    edit = Edit(event.path, event.span[0], event.span[0], f"{event.name} = ")
    return Fix((edit,), Safety.UNSAFE, f"Assign the queryset to {event.name}")
