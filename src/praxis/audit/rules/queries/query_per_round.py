"""
Flag a query in a loop that asks, round by round, for what one query could tell.

## Why

A loop over 200 rows that asks for something about each of them sends 200 queries. One query for
all of them costs about as much as two or three of these, and it stays one when the rows become
2,000.

## Bad

```python
# file: shop/models.py
from django.db import models


class Product(models.Model):
    name = models.CharField(max_length=100)


class Stock(models.Model):
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    quantity = models.IntegerField()
# file: shop/views.py
from shop.models import Stock


def missing(lines):
    return [
        line for line in lines if Stock.objects.get(product=line.product).quantity < line.quantity
    ]
```

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


def counts():
    rows = []
    for author in Author.objects.all():
        rows.append((author.name, author.books.filter(published=True).count()))
    return rows
```

## Good

```python
# file: shop/models.py
from django.db import models


class Product(models.Model):
    name = models.CharField(max_length=100)


class Stock(models.Model):
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    quantity = models.IntegerField()
# file: shop/views.py
from shop.models import Stock


def missing(lines):
    found = Stock.objects.filter(product__in=[line.product for line in lines])
    quantities = {stock.product_id: stock.quantity for stock in found}
    return [line for line in lines if quantities[line.product.pk] < line.quantity]
```

```python
# file: shop/models.py
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    published = models.BooleanField(default=False)
# file: shop/views.py
from django.db.models import Count, Q
from shop.models import Author


def counts():
    published = Count("books", filter=Q(books__published=True))
    return list(Author.objects.annotate(published=published).values_list("name", "published"))
```

## Fix

None: what is asked together has to be taken apart again, and how is for you to say. `in_bulk()` and
`filter(…__in=…)` into a dict replace `get()`; a set of keys replaces `exists()`; `annotate()` and
`values().annotate()` replace `count()` and `aggregate()`; `Prefetch(queryset=…, to_attr=…)`
replaces a related manager that is filtered.

## Misses

Loops whose rounds make, change or delete rows of the same model, make rows of any for the items of
a mapping, send something, or do other work of which nothing is known, such as a request to another
system; rounds that end the loop once they have found something; `while` loops; what walks a tree;
few rounds (settings, choices, languages, a command's arguments); queries that a function makes
which the loop calls; comparisons with a value of each round (`__gte`, `__iexact`); counts of rows
that the same round fetches; files that fill a database with samples. Related rows without a filter
are those of [many_relation_per_row](many_relation_per_row.md). Of several queries for one model in
a loop the first is told. Where the loop does not go over rows, but over what was handed in or read
from a file, or over rows that may be a handful, as
[forward_relation_per_row](forward_relation_per_row.md) has it, that is told as a note, and no
warning.

## When to ignore it

Where the loop has a handful of rounds, and always will.

## Source

https://docs.djangoproject.com/en/stable/topics/db/optimization/#retrieve-everything-at-once-if-you-know-you-will-need-it
"""

from collections.abc import Iterator

from praxis.audit import Confidence, Cost, Finding, Project, Severity, Step, rule
from praxis.audit.facts.sources import Role, fills_database
from praxis.audit.flow.events import QueryPerRound
from praxis.audit.flow.telling.handfuls import MAY_BE_FEW, is_queue, stays_small

#: What to write instead, by the method that asks.
_CURES = {
    "get": "Fetch all of them before the loop: in_bulk(), or filter(…__in=…) into a dict",
    "exists": "Ask before the loop which of them there are: filter(…__in=…) into a set of keys",
    "count": "Let one query count for all rounds: values(…).annotate(Count(…))",
    "aggregate": "Let one query work it out for all rounds: values(…).annotate(…)",
}
_ANY = "Fetch the rows of all rounds before the loop: filter(…__in=…), grouped in Python"
#: The same for a related manager.
_ANNOTATIONS = {"exists": "Exists(…)", "count": "Count(…)", "aggregate": "…"}


@rule(code="ORM106", visits=QueryPerRound)
def check(project: Project, event: QueryPerRound) -> Iterator[Finding]:
    if project.role(event.path) is Role.COMMAND and not (event.over_rows or event.writes):
        return  # it goes over the command's arguments, most likely: a handful
    if fills_database(event.path, project.text(event.path)):
        return
    few = not (event.over_rows and _are_many(project, event)) or is_queue(project, event)
    yield Finding(
        project.place(event.path, *event.span),
        f"Asks for {event.model[1]} once a round{MAY_BE_FEW if few else ''}. {_cure(event)}.",
        None,
        (Step(project.place(event.path, *event.iterated), "what the loop runs over"),),
        Confidence.LIKELY,
        Cost(1, event.rounds),
        Severity.NOTE if few else Severity.WARNING,
    )


def _are_many(project: Project, event: QueryPerRound) -> bool:
    """Whether there may be many rounds, of this loop and those around it."""
    return not all(stays_small(project, model) for model in event.many)


def _cure(event: QueryPerRound) -> str:
    if not event.relation:
        return _CURES.get(event.how, _ANY)
    if event.how in _ANNOTATIONS:
        return f"Add annotate({_ANNOTATIONS[event.how]}) to the query of the loop's rows"
    return (
        f'Load them with the rows: prefetch_related(Prefetch("{event.relation}", queryset=…, '
        "to_attr=…))" + (", and a chunk_size for iterator()" if event.streamed else "")
    )
