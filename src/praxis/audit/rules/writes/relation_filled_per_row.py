"""
Flag a loop that adds rows to a many-to-many relation one by one.

## Why

Each `add()` asks which of its rows are there already, and then inserts: two statements a round.
`add(*rows)` does the same for all of them by two statements. So does `remove(*rows)` by one.

## Bad

```python
# file: shop/models.py
from django.db import models


class Tag(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    tags = models.ManyToManyField(Tag)
# file: shop/views.py
from shop.models import Book


def mark(pk, tags):
    book = Book.objects.get(pk=pk)
    for tag in tags:
        book.tags.add(tag)
```

## Good

```python
# file: shop/models.py
from django.db import models


class Tag(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    tags = models.ManyToManyField(Tag)
# file: shop/views.py
from shop.models import Book


def mark(pk, tags):
    book = Book.objects.get(pk=pk)
    book.tags.add(*tags)
```

## Fix

Unsafe: receivers of `m2m_changed` are called once with all keys. Only a loop that does nothing
else is rewritten.

## Misses

Rows of models that are not known. Loops that look at the relation otherwise, that call a method of
the row or hand it on, that do other work which may fail, and those that go on after a row could not
be added.

## When to ignore it

Where a handful of rows is added.

## Source

https://docs.djangoproject.com/en/stable/ref/models/relations/#django.db.models.fields.related.RelatedManager.add
"""

from collections.abc import Iterator

from praxis.audit import Confidence, Cost, Finding, Fix, Project, Safety, Step, rule
from praxis.audit.editing.loops import replace_loop
from praxis.audit.flow.events import RelationFilled


@rule(code="ORM204", visits=RelationFilled)
def check(project: Project, event: RelationFilled) -> Iterator[Finding]:
    method = event.method
    manager = " ".join(project.text(event.path)[slice(*event.manager)].split())
    first = "Collect them and call" if event.iterated[0] == event.iterated[1] else "Call"
    adds = method in {"add", "aadd"}
    yield Finding(
        project.place(event.path, *event.span),
        f"{'Adds' if adds else 'Removes'} one row a round. {first} {manager}.{method}(*rows) once: "
        "it takes them all by one statement.",
        _fix(project, event),
        (Step(project.place(event.path, *event.loop), "the loop"),),
        Confidence.LIKELY,
        Cost(2 if adds else 1, event.rounds),
    )


def _fix(project: Project, event: RelationFilled) -> Fix | None:
    start, end = event.iterated
    text = project.text(event.path)
    rows, manager = text[start:end], text[slice(*event.manager)]
    if start == end or "\n" in manager or "\n" in rows:
        return None
    call = f"{event.method}(*{rows})"
    edit = replace_loop(event.path, text, event.loop, event.manager, call)
    return Fix((edit,), Safety.UNSAFE, f"{event.method.capitalize()} all at once") if edit else None
