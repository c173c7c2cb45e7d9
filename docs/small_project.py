"""A project of a few lines whose one mistake takes four files to see: the guides show it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

FILES = {
    "manage.py": "",
    "shop/__init__.py": "",
    "shop/models.py": """\
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    title = models.CharField(max_length=200)
    author = models.ForeignKey(Author, on_delete=models.CASCADE)

    def byline(self):
        return f"by {self.author.name}"
""",
    "shop/views.py": """\
from django.shortcuts import render

from shop.models import Book


def newest():
    return Book.objects.order_by("-pk")[:50]


def books(request):
    return render(request, "shop/books.html", {"books": newest()})
""",
    "shop/templates/shop/books.html": """\
{% for book in books %}
  {% include "shop/card.html" %}
{% endfor %}
""",
    "shop/templates/shop/card.html": """\
<h3>{{ book.title }}</h3>
<p>{{ book.byline }}</p>
""",
}


@contextmanager
def small_project() -> Iterator[Path]:
    """Its folder, as long as the context lasts."""
    with TemporaryDirectory() as folder:
        for name, text in FILES.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        yield Path(folder).resolve()
