from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.lsp.client import Editor

MODELS = """\
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
"""
VIEWS = """\
from shop.models import Book


def names():
    return [book.author.name for book in Book.objects.all()]
"""
CALLS = """\
import requests


def rates(url):
    return "😀", requests.get(url)
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A project with two mistakes."""
    root = tmp_path.resolve() / "site é"
    (root / "shop").mkdir(parents=True)
    for path, text in {
        "manage.py": "",
        "shop/__init__.py": "",
        "shop/models.py": MODELS,
        "shop/views.py": VIEWS,
        "shop/calls.py": CALLS,
    }.items():
        (root / path).write_bytes(text.encode())
    return root


@pytest.fixture
def editor(site: Path, tmp_path: Path) -> Iterator[Callable[..., Editor]]:
    """Starts editors on the project, and ends them."""
    begun: list[Editor] = []

    def start(**options: object) -> Editor:
        begun.append(Editor(site, tmp_path / "cache"))
        begun[-1].start(**options)
        return begun[-1]

    yield start
    for one in begun:
        one.kill()
