"""
Flag a loop that deletes the rows of a query one by one.

## Why

Each `delete()` is a statement of its own, after a query for every relation that points at the row.
`delete()` of the query does the same for all rows: it finds what hangs on them by one query a
relation, sends the same signals, and deletes them by one statement.

## Bad

```python
# file: shop/models.py
from django.db import models


class Cart(models.Model):
    is_stale = models.BooleanField(default=False)
# file: shop/views.py
from shop.models import Cart


def drop_stale_carts():
    for cart in Cart.objects.filter(is_stale=True):
        cart.delete()
```

## Good

```python
# file: shop/models.py
from django.db import models


class Cart(models.Model):
    is_stale = models.BooleanField(default=False)
# file: shop/views.py
from shop.models import Cart


def drop_stale_carts():
    Cart.objects.filter(is_stale=True).delete()
```

## Fix

Unsafe: all rows are deleted or none. Only a loop that does nothing but delete is rewritten.

## Misses

Models whose `delete()`, or whose manager's, the project or a package overrides: the query's
`delete()` does not call that of the rows. Loops that do anything else besides looking at the rows,
and those that go on after a row could not be deleted.

## When to ignore it

Where a transaction must stay short, so that rows go in small numbers on purpose.

## Source

https://docs.djangoproject.com/en/stable/ref/models/querysets/#delete
"""

import ast
from collections.abc import Iterator

from praxis.audit import Confidence, Cost, Finding, Fix, Project, Safety, Step, rule
from praxis.audit.editing.loops import replace_loop
from praxis.audit.facts.models.model_index import Model, ModelIndex
from praxis.audit.flow.events import RowsDeleted

#: Bases outside of the project whose rows are deleted as Django's are.
_PLAIN_BASES = frozenset({
    "Model", "object", "ABC", "Generic", "AbstractUser", "AbstractBaseUser", "PermissionsMixin",
    "TimeStampedModel", "TimeFramedModel", "UUIDModel",
})  # fmt: skip


@rule(code="ORM203", visits=RowsDeleted)
def check(project: Project, event: RowsDeleted) -> Iterator[Finding]:
    index = project.derive(ModelIndex)
    model = index.model(event.model)
    if model is None or not _is_deleted_plainly(index, model):
        return
    if event.sliced or event.chosen:
        cure = f"Collect their keys and delete them by {model.name}.objects.filter(pk__in=…)"
    else:
        cure = "Call delete() on the query: it deletes all by one statement"
    yield Finding(
        project.place(event.path, *event.span),
        f"Deletes one {model.name} a round. {cure}.",
        _fix(project, event),
        (Step(project.place(event.path, *event.loop), "the loop"),),
        Confidence.LIKELY,
        Cost(1, event.rounds),
    )


def _is_deleted_plainly(index: ModelIndex, model: Model) -> bool:
    """Whether the query's ``delete()`` does what that of a row does."""
    return (
        model.complete
        and not model.opaque
        and "delete" not in model.members
        and index.names.outside(model.key) <= _PLAIN_BASES
        and not any("delete" in manager.methods for manager in model.managers.values())
    )


def _fix(project: Project, event: RowsDeleted) -> Fix | None:
    start, end = event.iterated
    text = project.text(event.path)
    if start == end or (text[start:end].isidentifier() and _is_read_again(project, event)):
        return None
    edit = replace_loop(event.path, text, event.loop, event.iterated, "delete()")
    return Fix((edit,), Safety.UNSAFE, "Delete all rows at once") if edit else None


def _is_read_again(project: Project, event: RowsDeleted) -> bool:
    """Whether the name that holds the rows stands in the file behind the loop, too."""
    file = project.file(event.path)
    if file is None:
        return True
    name = file.text[slice(*event.iterated)]
    return any(
        isinstance(node, ast.Name) and node.id == name and file.span(node)[0] > event.loop[1]
        for node in ast.walk(file.tree)
    )
