"""Books and their authors."""

from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)
    born = models.IntegerField()


class Book(models.Model):
    title = models.CharField(max_length=200)
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
    pages = models.IntegerField()
    price = models.DecimalField(max_digits=8, decimal_places=2)
    added = models.DateTimeField()
    text = models.TextField()
