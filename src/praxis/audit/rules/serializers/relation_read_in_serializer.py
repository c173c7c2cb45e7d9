"""
Flag a relation that a serializer reads of every row, and that the view's query has not loaded.

## Why

A nested serializer, `source="author.name"`, a method field and a property each read a relation.
The serializer does not know who made the query, and the view does not show what is read: a list of
50 books sends 51 queries, or 51 more for each level below.

Schemas of django-ninja do the same. Object types of graphene-django and strawberry-django do so
where a client asks for the field.

## Bad

```python
# file: shop/models.py
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    title = models.CharField(max_length=100)
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
# file: shop/serializers.py
from rest_framework import serializers

from shop.models import Book


class BookSerializer(serializers.ModelSerializer):
    author = serializers.CharField(source="author.name")

    class Meta:
        model = Book
        fields = ["title", "author"]
# file: shop/views.py
from rest_framework.viewsets import ReadOnlyModelViewSet

from shop.models import Book
from shop.serializers import BookSerializer


class BookViewSet(ReadOnlyModelViewSet):
    queryset = Book.objects.all()
    serializer_class = BookSerializer
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
# file: shop/serializers.py
from rest_framework import serializers

from shop.models import Book


class BookSerializer(serializers.ModelSerializer):
    author = serializers.CharField(source="author.name")

    class Meta:
        model = Book
        fields = ["title", "author"]
# file: shop/views.py
from rest_framework.viewsets import ReadOnlyModelViewSet

from shop.models import Book
from shop.serializers import BookSerializer


class BookViewSet(ReadOnlyModelViewSet):
    queryset = Book.objects.select_related("author")
    serializer_class = BookSerializer
```

## Fix

Unsafe: the rows stay the same, but the query changes. `select_related` or `prefetch_related` is
added where the query is made. There is no edit where the query names its columns, and none for
GraphQL: what few clients ask for is better loaded by an optimizer of queries or a data loader.

## Misses

Serializer classes that are chosen or made at run time, and fields of other packages that read
more than their source. Of a view with many actions the one that lists rows is looked at. Schemas
made by `create_schema()`; object types within object types, beyond the
rows that their own lists give. Of rows that may be a
handful, as [forward_relation_per_row](forward_relation_per_row.md) has it, a note is told and no
warning.

## When to ignore it

Where the list is always very short.

## Source

https://www.django-rest-framework.org/api-guide/relations/
"""

from collections.abc import Iterator

from praxis.audit import Finding, Project, rule
from praxis.audit.flow.events import RelationsRead
from praxis.audit.flow.telling.findings import loading_finding, may_be_loaded


@rule(code="ORM104", visits=RelationsRead)
def check(project: Project, event: RelationsRead) -> Iterator[Finding]:
    reads = [read for read in event.reads if not may_be_loaded(project, event, read)]
    if event.kind in {"serializer", "resolver"} and reads:
        yield loading_finding(project, event, reads)
