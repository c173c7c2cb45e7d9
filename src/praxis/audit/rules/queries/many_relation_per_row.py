"""
Flag a reverse or many-to-many relation read per row of a queryset that has not prefetched it.

## Why

`author.books.all()` is a query of its own. Inside a loop over authors that is one more query for
every author. `prefetch_related` fetches the rows of all authors by one query and hands them out.

## Bad

```python
# file: shop/models.py
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    title = models.CharField(max_length=100)
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
# file: shop/views.py
from shop.models import Author


def titles():
    return {author.name: [b.title for b in author.books.all()] for author in Author.objects.all()}
```

## Good

```python
# file: shop/models.py
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    title = models.CharField(max_length=100)
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
# file: shop/views.py
from shop.models import Author


def titles():
    authors = Author.objects.prefetch_related("books")
    return {author.name: [book.title for book in author.books.all()] for author in authors}
```

## Fix

Unsafe: the values stay the same, but all related rows are in memory at once, and rows that change
while the loop runs are seen as they were. The call is added at the end of the chain that makes
the query, or to the call of `prefetch_related` that is there. A query that is read by
`iterator()` gets no edit: without a `chunk_size` it ignores prefetches or refuses them.

## Misses

Relations that are filtered, ordered or counted per row (`author.books.filter(...)`): a prefetch
does not serve these, and [query_per_round](query_per_round.md) tells of them. Reads behind more
than five calls. What templates, serializers and the admin read has rules of its own:
[relation_read_in_template](relation_read_in_template.md),
[relation_read_in_serializer](relation_read_in_serializer.md) and
[relation_read_in_admin](relation_read_in_admin.md). Of rows that may be a
handful, as [forward_relation_per_row](forward_relation_per_row.md) has it, a note is told and no
warning.

## When to ignore it

Where only very few of the rows come to the read, or the related rows would not fit in memory.

## Source

https://docs.djangoproject.com/en/stable/ref/models/querysets/#prefetch-related
"""

from collections.abc import Iterator

from praxis.audit import Confidence, Finding, Project, rule
from praxis.audit.flow.events import RelationsRead
from praxis.audit.flow.telling.chains import fewest
from praxis.audit.flow.telling.findings import (
    call_for,
    cost_of,
    hangs_on_many,
    listed,
    loading_fix,
    may_be_loaded,
    place_of,
    row_of,
    severity_of,
    steps_of,
)
from praxis.audit.flow.telling.handfuls import MAY_BE_FEW, are_few


@rule(code="ORM102", visits=RelationsRead)
def check(project: Project, event: RelationsRead) -> Iterator[Finding]:
    reads = [
        read
        for read in event.reads
        if (not read.to_one or hangs_on_many(event, read))
        and not read.how
        and not may_be_loaded(project, event, read)
    ]
    if event.kind or not reads:
        return
    lookups = fewest([read.lookup for read in reads])
    several = len({read.lookup for read in reads}) > 1
    relations = listed([read.lookup.replace("__", ".") for read in reads])
    cure = f"Add {call_for('prefetch_related', lookups)} to the query"
    if event.streamed:
        cure += ", and a chunk_size to iterator()"
    fix = None if event.streamed else loading_fix(project, event, {"prefetch_related": lookups})
    yield Finding(
        project.place(*place_of(event, reads[0])),
        f"{relations} {'are' if several else 'is'} queried for each {row_of(event)}"
        f"{MAY_BE_FEW if are_few(project, event) else ''}. {cure}.",
        fix,
        steps_of(project, event, reads),
        Confidence.LIKELY,
        cost_of(event, reads),
        severity_of(project, event),
    )
