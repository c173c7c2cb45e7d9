"""
Flag a prefetched relation that is filtered, sorted or asked for anew, row by row.

## Why

`prefetch_related("books")` answers `author.books.all()`, `count()` and `exists()` of it, loops and
`len()`. `author.books.filter(…)`, `order_by()`, `last()`, `values()` and `get()` know nothing of
it: they ask the database again, once for each row. Then the prefetch is paid for in vain.

## Bad

```python
# file: shop/models.py
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    published = models.BooleanField(default=False)
# file: shop/views.py
from shop.models import Author


def shelves():
    for author in Author.objects.prefetch_related("books"):
        print(author.name, author.books.filter(published=True).count())
```

## Good

```python
# file: shop/models.py
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    published = models.BooleanField(default=False)
# file: shop/views.py
from django.db.models import Prefetch
from shop.models import Author, Book


def shelves():
    published = Prefetch("books", Book.objects.filter(published=True), to_attr="published")
    for author in Author.objects.prefetch_related(published):
        print(author.name, len(author.published))


def all_shelves():
    for author in Author.objects.prefetch_related("books"):
        print(author.name, author.books.count(), [book.pk for book in author.books.all()])
```

## Fix

None: `Prefetch(queryset=…, to_attr=…)` loads the rows as they are wanted, and leaves the relation
itself alone; a condition on rows that are loaded anyway is as well written in Python.

## Misses

Rows that a function, a template or a property reads in another place than where they are fetched.

## When to ignore it

Where the relation is read whole as well, and the second query asks for what Python cannot decide.

## Source

https://docs.djangoproject.com/en/stable/ref/models/querysets/#prefetch-related
"""

from collections.abc import Iterator

from praxis.audit import Confidence, Cost, Finding, Project, Step, rule
from praxis.audit.flow.events import PrefetchIgnored


@rule(code="ORM107", visits=PrefetchIgnored)
def check(project: Project, event: PrefetchIgnored) -> Iterator[Finding]:
    relation = event.relation
    yield Finding(
        project.place(event.path, *event.span),
        f"Queries {relation} for each {event.model[1]} row although it is prefetched. Choose among "
        f'{relation}.all() in Python, or load them so: Prefetch("{relation}", queryset=…, '
        "to_attr=…).",
        None,
        tuple(
            Step(project.place(event.path, *origin), f"the query that prefetches {relation}")
            for origin in event.origins
        ),
        Confidence.LIKELY,
        Cost(1, event.rounds),
    )
