"""A small library: what the cache is tried on."""

import uuid

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models


class Country(models.Model):
    name = models.CharField(max_length=50)


class Author(models.Model):
    name = models.CharField(max_length=50)
    country = models.ForeignKey(Country, null=True, on_delete=models.SET_NULL)


class Note(models.Model):
    text = models.CharField(max_length=50)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveIntegerField()
    about = GenericForeignKey()


class Tag(models.Model):
    name = models.CharField(max_length=50)


class Book(models.Model):
    title = models.CharField(max_length=50)
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    pages = models.IntegerField(default=100)
    price = models.DecimalField(max_digits=6, decimal_places=2, default="9.90")
    for_sale = models.BooleanField(default=True)
    added = models.DateTimeField(auto_now_add=True)
    key = models.UUIDField(default=uuid.uuid4)
    tags = models.ManyToManyField(Tag)
    notes = GenericRelation(Note)


class Novel(Book):
    genre = models.CharField(max_length=50)


class Visit(models.Model):
    """Not cached."""

    page = models.CharField(max_length=50)
