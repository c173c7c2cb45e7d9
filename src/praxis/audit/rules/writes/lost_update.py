"""
Flag a number of a row that is read, changed in Python and written back: a lost update.

## Why

Two requests read the same 5, both add one, and both write 6. One of the two is lost, and nobody
is told: votes, stock, balances and counters drift away from the truth. `F("votes") + 1` lets the
database add to whatever the row holds at that moment.

## Bad

```python
# file: shop/models.py
from django.db import models


class Review(models.Model):
    votes = models.IntegerField(default=0)
# file: shop/views.py
from django.shortcuts import get_object_or_404, redirect

from shop.models import Review


def vote(request, pk):
    review = get_object_or_404(Review, pk=pk)
    review.votes += 1
    review.save(update_fields=["votes"])
    return redirect("reviews")
```

## Good

```python
# file: shop/models.py
from django.db import models


class Review(models.Model):
    votes = models.IntegerField(default=0)
# file: shop/views.py
from django.db.models import F
from django.shortcuts import get_object_or_404, redirect

from shop.models import Review


def vote(request, pk):
    review = get_object_or_404(Review, pk=pk)
    review.votes = F("votes") + 1
    review.save(update_fields=["votes"])
    return redirect("reviews")
```

## Fix

Unsafe: after the assignment the attribute holds an expression and not a number, until
`refresh_from_db()`. So only where nothing looks at the row again but `save()`, and neither
receivers nor a `save()` of the project's own see it. A limit (`min(20, …)`, a check that stock is
left) needs the lock: `select_for_update()` in a transaction.

## Misses

Rows that the function is given (its caller may hold a lock), fields that are no plain numbers of
Django's, rows that are locked, and functions that take a lock of any other kind.

## When to ignore it

Where only one process ever changes the row.

## Source

https://docs.djangoproject.com/en/stable/ref/models/expressions/#avoiding-race-conditions-using-f
"""

import re
from collections.abc import Iterator

from praxis.audit import Confidence, Finding, Project, Step, rule
from praxis.audit.editing.own_value import by_the_database
from praxis.audit.facts.model_index import ModelIndex
from praxis.audit.flow.events import RowChangedFromItself

_LOCKS = re.compile(r"select_for_update|[lL]ock(?:ed|s|er)?\b|_lock|lock_|Lock|mutex|semaphore")


@rule(code="ORM207", visits=RowChangedFromItself)
def check(project: Project, event: RowChangedFromItself) -> Iterator[Finding]:
    index = project.derive(ModelIndex)
    model = index.model(event.model)
    if model is None or event.locked or event.state != "fetched":
        return
    if _LOCKS.search(_function_around(project, event)):
        return
    steps = [Step(project.place(event.path, *event.saved), "writes the number back")]
    if event.fetched != (0, 0):
        steps.insert(0, Step(project.place(event.path, *event.fetched), "reads the row"))
    yield Finding(
        project.place(event.path, *event.span),
        f"Adds to the {event.field} that was read some time ago: what others have added meanwhile "
        f'is lost. Let the database add (F("{event.field}") + …), or lock the row by '
        "select_for_update() in a transaction.",
        by_the_database(project, event, model, has_receivers=index.has_receivers(model)),
        tuple(steps),
        Confidence.LIKELY,
    )


def _function_around(project: Project, event: RowChangedFromItself) -> str:
    """The text of the innermost function or class around the change."""
    line = project.place(event.path, *event.span).line
    around = [
        symbol
        for symbol in project.summaries[event.path].symbols
        if symbol.line <= line <= symbol.end_line
    ]
    if not around:
        return ""
    lines = project.text(event.path).split("\n")
    return "\n".join(lines[around[-1].line - 1 : around[-1].end_line])
