"""The models that the cases of flow and of the ORM rules are about."""

from praxis.audit.findings import Finding
from tests.audit_cases import accepts, flags, rewrites

MODELS = """\
# file: shop/__init__.py
# file: shop/models.py
from django.contrib.auth.models import User
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models


class Country(models.Model):
    name = models.CharField(max_length=100)


class Author(models.Model):
    name = models.CharField(max_length=100)
    country = models.ForeignKey(Country, on_delete=models.CASCADE)
    mentor = models.ForeignKey("self", null=True, on_delete=models.SET_NULL)


class Publisher(models.Model):
    name = models.CharField(max_length=100)
    country = models.ForeignKey("shop.Country", on_delete=models.CASCADE)


class Tag(models.Model):
    name = models.CharField(max_length=100)


class Comment(models.Model):
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveIntegerField()
    target = GenericForeignKey("content_type", "object_id")
    text = models.TextField()


class BookQuerySet(models.QuerySet):
    def published(self):
        return self.filter(published=True)

    def with_author(self):
        return self.select_related("author")

    def titles(self):
        return [book.title for book in self]


class Book(models.Model):
    title = models.CharField(max_length=100)
    published = models.BooleanField(default=False)
    pages = models.IntegerField(default=0)
    data = models.JSONField(default=dict)
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    editor = models.ForeignKey(Author, null=True, on_delete=models.CASCADE, related_name="edited")
    publisher = models.ForeignKey("Publisher", on_delete=models.CASCADE)
    owner = models.ForeignKey(User, on_delete=models.CASCADE)
    tags = models.ManyToManyField(Tag, related_name="books")
    comments = GenericRelation(Comment)
    changed_at = models.DateTimeField(auto_now=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BookQuerySet.as_manager()

    @property
    def heading(self):
        return self.title.upper()


class Cover(models.Model):
    book = models.OneToOneField(Book, on_delete=models.CASCADE, related_name="cover")
    artist = models.ForeignKey(Author, on_delete=models.CASCADE)


class Chapter(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE)
    title = models.CharField(max_length=100)
    translator = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="+")
"""
IMPORTS = """\
# file: shop/views.py
from django.db.models import Prefetch, prefetch_related_objects
from django.shortcuts import get_list_or_404, get_object_or_404
from itertools import groupby, islice
from shop.models import Author, Book, Chapter, Comment, Country, Cover, Publisher, Tag
"""
#: Lines before the first one of a case.
BEFORE = IMPORTS.count("\n") - 1


def finds(rule: str, code: str, *lines: int, models: str = MODELS) -> list[Finding]:
    """Demand findings at these lines of *code*; without lines, exactly one."""
    source = f"{models}{IMPORTS}{code}"
    return flags(rule, source, *(line + BEFORE for line in lines))


def ignores(rule: str, code: str, models: str = MODELS) -> None:
    """Demand that the rule has nothing to say of *code*."""
    accepts(rule, f"{models}{IMPORTS}{code}")


def mends(rule: str, before: str, after: str, models: str = MODELS) -> None:
    """Demand that the fixes turn *before* into *after*, and that nothing is found then."""
    rewrites(rule, f"{models}{IMPORTS}{before}", f"{models}{IMPORTS}{after}")
