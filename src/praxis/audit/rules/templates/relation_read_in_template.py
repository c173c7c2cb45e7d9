"""
Flag a relation that a template reads of every row, and that the view's query has not loaded.

## Why

The view makes the query, the template walks its rows: neither shows alone that `book.author.name`
sends a query for every book. It does so in an included template, in a method or property that the
template calls, and in `__str__`, which `{{ book.author }}` runs. The columns of a table of
django-tables2 do the same.

## Bad

```python
# file: shop/models.py
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    title = models.CharField(max_length=100)
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
# file: shop/views.py
from django.shortcuts import render

from shop.models import Book


def books(request):
    return render(request, "shop/books.html", {"books": Book.objects.order_by("title")})
# file: shop/templates/shop/books.html
{% for book in books %}<li>{{ book.title }} by {{ book.author.name }}</li>{% endfor %}
```

## Good

```python
# file: shop/models.py
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    title = models.CharField(max_length=100)
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
# file: shop/views.py
from django.shortcuts import render

from shop.models import Book


def books(request):
    books = Book.objects.select_related("author").order_by("title")
    return render(request, "shop/books.html", {"books": books})
# file: shop/templates/shop/books.html
{% for book in books %}<li>{{ book.title }} by {{ book.author.name }}</li>{% endfor %}
```

## Fix

Unsafe: the rows stay the same, but the query changes. `select_related` or `prefetch_related` is
added where the query is made: to its chain, beside `model = …` of a generic view, or to the model
that `get_object_or_404` is given. There is no edit where the query names its columns, and none for
a relation that is asked anew for each row (`count`, `first`, `filter`), which no prefetch serves.

## Misses

Views whose template or context is worked out at run time, and templates of other packages.
Fragments inside `{% cache %}`, which are rendered now and then. Of rows that may be a
handful, as [forward_relation_per_row](forward_relation_per_row.md) has it, a note is told and no
warning.

## When to ignore it

Where the list is always very short, or nearly all rows share one related row. In the template the
comment is `{# praxis: ignore[relation_read_in_template] why #}`.

## Source

https://docs.djangoproject.com/en/stable/topics/db/optimization/#retrieve-everything-at-once-if-you-know-you-will-need-it
"""

from collections.abc import Iterator

from praxis.audit import Finding, Project, rule
from praxis.audit.flow.events import RelationsRead
from praxis.audit.flow.telling.findings import loading_finding, may_be_loaded


@rule(code="ORM103", visits=RelationsRead)
def check(project: Project, event: RelationsRead) -> Iterator[Finding]:
    reads = [read for read in event.reads if not may_be_loaded(project, event, read)]
    if event.kind == "template" and reads:
        yield loading_finding(project, event, reads)
