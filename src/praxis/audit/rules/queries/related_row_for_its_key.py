"""
Flag `book.author.id`: it fetches the author for a key that the book holds itself.

## Why

The column `author_id` is part of the row. `book.author.id` (or `.pk`) runs a query for the whole
related row first, in a loop one for each row.

## Bad

```python
# file: shop/models.py
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
# file: shop/views.py
from shop.models import Book


def author_ids():
    return {book.author.id for book in Book.objects.all()}
```

## Good

```python
# file: shop/models.py
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
# file: shop/views.py
from shop.models import Book


def author_ids():
    return {book.author_id for book in Book.objects.all()}
```

## Fix

`book.author_id`. Safe for a row that the same function fetched, where the relation is required:
both are the same value then. Unsafe otherwise: of an empty relation `.author.id` raises
`AttributeError` where `.author_id` is `None`, and a row that the caller hands in may hold a
related row that was not saved yet when it was assigned.

## Misses

Rows whose model is not known in the function. Nothing is said where the function reads the
related row for something else too, or the query has loaded it. The same goes for rows that other
code has fetched, where any query of the project loads a relation of this name, or where the
application reads the related row of those on which it calls the method.

## When to ignore it

Where every caller hands in rows with the relation loaded.

## Source

https://docs.djangoproject.com/en/stable/topics/db/optimization/#use-foreign-key-values-directly
"""

import re
from collections.abc import Iterator
from posixpath import dirname

from praxis.audit import Cost, Edit, Finding, Fix, Project, Safety, Step, rule
from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.file import has_comment
from praxis.audit.flow.events import KeyRead, Span


@rule(code="ORM109", visits=KeyRead)
def check(project: Project, event: KeyRead) -> Iterator[Finding]:
    if event.handed and event.relation in project.derive(ModelIndex).eager_relations:
        return  # the caller may have loaded it
    first, *others = event.reads
    if event.handed and _callers_read_it(project, event, first[0]):
        return
    yield Finding(
        project.place(event.path, *first[0]),
        f".{event.relation}.{event.attribute} fetches the related row for its key. "
        f"Read .{event.relation}_id, which is that key.",
        _fix(project, event),
        tuple(Step(project.place(event.path, *span), "read again") for span, _ in others),
        cost=Cost(1, None if event.in_loop else 1),
    )


def _callers_read_it(project: Project, event: KeyRead, span: Span) -> bool:
    """
    Whether the application calls the method on rows whose related row it reads as well.

    Told by the names: a variable with both ``row.method(`` and ``row.relation.name`` in a file.
    """
    place = project.place(event.path, *span)
    symbol = project.summaries[event.path].symbol_around(place.line, place.end_line)
    owner, _, method = symbol.name.rpartition(".") if symbol is not None else ("", "", "")
    if not owner:
        return False
    application = dirname(event.path)
    calls = re.compile(rf"\b(?!self\b)(\w+)\.{method}\(")
    for path in project.summaries:
        if not path.endswith(".py") or not path.startswith(application):
            continue
        text = project.text(path)
        for row in set(calls.findall(text)) if f".{method}(" in text else ():
            if re.search(rf"\b{row}\.{event.relation}\.(?!(?:id|pk)\b)\w", text):
                return True
    return False


def _fix(project: Project, event: KeyRead) -> Fix | None:
    edits = [_edit(project, event, span, relation_span) for span, relation_span in event.reads]
    known = tuple(edit for edit in edits if edit is not None)
    if len(known) != len(edits):
        return None
    safe = event.fetched and not event.null
    return Fix(known, Safety.SAFE if safe else Safety.UNSAFE, f"Read .{event.relation}_id instead")


def _edit(project: Project, event: KeyRead, span: Span, relation_span: Span) -> Edit | None:
    start, end = span
    _, relation_end = relation_span
    source = project.text(event.path)[start:end]
    read = source[relation_end - start :]
    if not source[: relation_end - start].endswith(event.relation) or has_comment(read):
        return None  # inside an f-string, whose parts have no places of their own
    if "".join(read.replace("\\", "").split()) not in {".id", ".pk"}:
        return None
    return Edit(event.path, relation_end, end, "_id")
