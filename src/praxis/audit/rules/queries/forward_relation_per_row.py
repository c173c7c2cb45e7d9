"""
Flag a foreign key or one-to-one read per row of a queryset that has not loaded it.

## Why

A relation that the query did not load is fetched when it is first read: one more query for every
row. A page of 50 books that prints each author sends 51 queries instead of one.
`select_related` joins the other table and brings both rows in the same query.

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


def names():
    return [book.author.name for book in Book.objects.all()]
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


def names():
    return [book.author.name for book in Book.objects.select_related("author")]
```

## Fix

Unsafe: the rows stay the same, but the query changes, and where the relation is read in rare
cases only, a join for every row may cost more than it saves. `select_related` is added at the end
of the chain that makes the query, or to the call of it that is there. Relations of rows that hang
on an outer loop's rows are loaded by `prefetch_related` there. Nothing is edited where the query
names its columns by `only` or `defer`, or locks rows whose relation may be empty.

## Misses

Rows of which the code does not tell what query they come from, and reads behind more than five
calls. A relation that is read of one row at most, since the loop is left at once: `if row.author:
return`, or with the first round that succeeds. Reads for few of the rows: in a branch of a branch,
behind three conditions at once, in what a branch logs, after a guard that asks whether somebody was
told already. A row that many share and each round saves: a join would give each a copy of its own,
as it was before the loop. Of rows that may be a
handful a note is told and no warning: those of one other row (`order.lines.all()`), of some keys
(`filter(pk__in=chosen)`), in one state or waiting for something (`filter(status="open")`,
`filter(is_active=True)`, `filter(sent=False)`, `filter(due__lte=now)`, `exclude(status="done")`),
those whose flag the project's code turns in time (`filter(copied=False)` where `copied = True` is
written somewhere), or that the loop itself deals with (`for one in rows.filter(route=None)`, which
sets `one.route`), what a mapping (`filter(**conditions)`), a condition in a name (`filter(query)`),
a method of your manager or an admin chose, the first ten at most, or the rows of a table that does
not grow by being used, unless they are cut to a greater number; and nothing where their name says
that they are few: addresses, attachments, images, phones, settings, translations. What templates,
serializers and the admin read has rules of its own:
[relation_read_in_template](relation_read_in_template.md),
[relation_read_in_serializer](relation_read_in_serializer.md) and
[relation_read_in_admin](relation_read_in_admin.md).

## When to ignore it

Where the relation is read for very few rows of a large result, or all rows share a few related
ones that a cache of your own holds.

## Source

https://docs.djangoproject.com/en/stable/ref/models/querysets/#select-related
"""

from collections.abc import Iterator

from praxis.audit import Confidence, Finding, Fix, Project, rule
from praxis.audit.flow.events import RelationsRead
from praxis.audit.flow.telling.chains import fewest
from praxis.audit.flow.telling.findings import (
    MAX_NAMED,
    call_for,
    cost_of,
    hangs_on_many,
    joined_so_far,
    listed,
    loading_fix,
    may_be_loaded,
    place_of,
    row_of,
    severity_of,
    steps_of,
)
from praxis.audit.flow.telling.handfuls import MAY_BE_FEW, are_few, is_handful


@rule(code="ORM101", visits=RelationsRead)
def check(project: Project, event: RelationsRead) -> Iterator[Finding]:
    reads = [
        read for read in event.reads if read.to_one and not may_be_loaded(project, event, read)
    ]
    reads = [read for read in reads if not read.how and not hangs_on_many(event, read)]
    if event.kind or not reads or is_handful(event):
        return
    joined = fewest([read.lookup for read in reads if read.joinable])
    prefetched = fewest([read.lookup for read in reads if not read.joinable])
    cures = [f"{_cure(joined, prefetched)} to the query.", *joined_so_far(event, joined)]
    several = len({read.lookup for read in reads}) > 1
    relations = listed([read.lookup.replace("__", ".") for read in reads])
    yield Finding(
        project.place(*place_of(event, reads[0])),
        f"{relations} {'are' if several else 'is'} fetched anew for each {row_of(event)}"
        f"{MAY_BE_FEW if are_few(project, event) else ''}. {' '.join(cures)}",
        _fix(project, event, joined, prefetched),
        steps_of(project, event, reads),
        Confidence.LIKELY,
        cost_of(event, reads),
        severity_of(project, event),
    )


def _cure(joined: list[str], prefetched: list[str]) -> str:
    """What to add; of many relations the first ones."""
    shown, shown_prefetched = joined[:MAX_NAMED], prefetched[: max(MAX_NAMED - len(joined), 0)]
    calls = [call_for("select_related", shown)] if shown else []
    calls += [call_for("prefetch_related", shown_prefetched)] if shown_prefetched else []
    more = len(joined) + len(prefetched) - len(shown) - len(shown_prefetched)
    return f"Add {''.join(calls)}" + (f" and {more} more" if more else "")


def _fix(
    project: Project, event: RelationsRead, joined: list[str], prefetched: list[str]
) -> Fix | None:
    if event.restricted or (joined and prefetched):
        return None
    if prefetched:
        return (
            None
            if event.streamed
            else loading_fix(project, event, {"prefetch_related": prefetched})
        )
    locked = any(
        "select_for_update" in project.text(site.path)[site.start : site.end]
        for site in event.origins
    )
    if locked and any(read.null for read in event.reads):
        return None  # PostgreSQL locks no rows of an outer join's empty side
    return loading_fix(project, event, {"select_related": joined})
