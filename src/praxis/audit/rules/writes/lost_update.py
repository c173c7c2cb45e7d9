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
Django's, rows that are locked, and functions that take a lock of any other kind. What a loop adds
up before it is saved once, positions in an order, and management commands, which mostly run alone.

## When to ignore it

Where only one process ever changes the row.

## Source

https://docs.djangoproject.com/en/stable/ref/models/expressions/#avoiding-race-conditions-using-f
"""

import re
from collections.abc import Iterator

from praxis.audit import Confidence, Finding, Project, Step, rule
from praxis.audit.editing.own_value import by_the_database
from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.facts.sources import Role
from praxis.audit.flow.events import RowChangedFromItself, Span
from praxis.audit.registry import QUIET_ROLES

_LOCKS = re.compile(r"select_for_update|[lL]ock(?:ed|s|er)?\b|_lock|lock_|Lock|mutex|semaphore")
#: Numbers that are places among others: whoever moves one row, numbers all of them anew.
_PLACES = re.compile(
    r"position|order(?:ing)?$|sort|weight|rank|index|priority|level|depth|sequence|^(?:lft|rght)$"
)


@rule(code="ORM207", visits=RowChangedFromItself, skips=(*QUIET_ROLES, Role.COMMAND))
def check(project: Project, event: RowChangedFromItself) -> Iterator[Finding]:
    index = project.derive(ModelIndex)
    model = index.model(event.model)
    changes = [change for change in event.changes if not _PLACES.search(change[0])]
    if model is None or event.locked or event.state != "fetched" or not changes:
        return
    (field, span), *others = sorted(changes, key=lambda change: change[1])
    if _LOCKS.search(_function_around(project, event.path, span)):
        return
    steps = [
        *(Step(project.place(event.path, *other), f"so does {name}") for name, other in others),
        Step(project.place(event.path, *event.saved), "writes the number back"),
    ]
    if event.fetched != (0, 0):
        steps.insert(0, Step(project.place(event.path, *event.fetched), "reads the row"))
    yield Finding(
        project.place(event.path, *span),
        f"Adds to the {field} that was read some time ago: what others have added meanwhile is "
        f'lost. Let the database add (F("{field}") + …), or lock the row by select_for_update() in '
        "a transaction.",
        by_the_database(
            project, event.path, changes, model, has_receivers=index.has_receivers(model)
        ),
        tuple(steps),
        Confidence.LIKELY,
    )


def _function_around(project: Project, path: str, span: Span) -> str:
    """The text of the innermost function or class around the change."""
    line = project.place(path, *span).line
    around = [
        symbol
        for symbol in project.summaries[path].symbols
        if symbol.line <= line <= symbol.end_line
    ]
    if not around:
        return ""
    lines = project.text(path).split("\n")
    return "\n".join(lines[around[-1].line - 1 : around[-1].end_line])
