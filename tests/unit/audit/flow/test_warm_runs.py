"""A run after a change finds what one finds that has never seen the project."""

import random
import re

import pytest

from praxis.audit.config import Config
from praxis.audit.engine import audit
from praxis.audit.facts.sources import Root
from praxis.audit.flow import shares
from praxis.audit.flow.interpreter import interpretation
from tests.audit_cases import split_files
from tests.unit.audit.flow.shop import IMPORTS, MODELS

FILES = """
# file: shop/names.py
from shop.models import Book as Shown
from shop.queries import RECENT
# file: shop/queries.py
from shop.models import Book
RECENT = Book.objects.filter(published=True)
# file: shop/early.py
from shop.names import RECENT, Shown
def recent():
    return RECENT
def latest():
    return RECENT
def shown():
    return Shown.objects.all()
# file: shop/bases.py
from django.views.generic import ListView
from shop.models import Book
class Books(ListView):
    queryset = Book.objects.all()
    def rows(self):
        return self.queryset
# file: shop/lists.py
from shop.bases import Books
class Titles(Books):
    template_name = "titles.html"
    def names(self):
        return [book.author.name for book in self.rows()]
# file: shop/pages.py
from shop.early import latest, shown
def one():
    return [book.author.name for book in latest()]
def two():
    return [book.publisher.country.name for book in shown()]
def three():
    return [book.author.mentor.name for book in shown().select_related("author")]
# file: shop/lookups.py
from shop.models import Author, Book
def joined():
    return Author.objects.select_related("books", "country")
def loaded():
    return Book.objects.select_related("author__sign")
# file: shop/templates/titles.html
{% for book in object_list %}{% include "row.html" %}{% endfor %}
# file: shop/templates/row.html
{{ book.title }} {{ book.author }}
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("PRAXIS_CACHE_DIR", str(tmp_path / "cache"))
    folder = (tmp_path / "site").resolve()
    for path, text in split_files(f"{MODELS}{IMPORTS}{FILES}").items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def told(folder, *, warm):
    result = audit(Root(folder, ()), Config(), processes=1, use_cache=warm)
    assert not [one for one in result.problems if "bug in Praxis" in one.message]
    return [repr(one) for one in (*result.findings, *result.problems)]


CHANGES = [
    ("shop/names.py", "Book as Shown", "Author as Shown"),
    ("shop/names.py", "shop.queries import RECENT", "shop.lookups import joined as RECENT"),
    ("shop/queries.py", "filter(", 'select_related("author").filter('),
    ("shop/early.py", "return RECENT", 'return RECENT.select_related("author")'),
    ("shop/bases.py", "Book.objects.all()", 'Book.objects.select_related("author")'),
    ("shop/bases.py", "return self.queryset", "return []"),
    ("shop/lists.py", "self.rows()", "self.others()"),
    ("shop/templates/row.html", "book.author", "book.publisher.country"),
    ("shop/templates/titles.html", "row.html", "none.html"),
    ("shop/models.py", "class Book(models.Model):", "class Book(int):"),
    ("shop/models.py", "class Book(", "class Sign:\n    pass\n\n\nclass Book("),
    ("shop/models.py", 'related_name="books"', 'related_name="written"'),
    ("shop/models.py", "null=True", "null=False"),
    ("shop/models.py", "ForeignKey(Author", "OneToOneField(Author"),
    ("shop/models.py", "(Author, on_delete", "(Author, unique=True, on_delete"),
    ("shop/models.py", "class Publisher(models.Model):\n", "class Publisher(Author):\n    x = 1\n"),
    (
        "shop/models.py",
        "class Tag(models.Model):",
        "class Writer(Author):\n    sign = models.IntegerField()\n\n\nclass Tag(models.Model):",
    ),
    (
        "shop/models.py",
        "class Author(models.Model):",
        "class Author(models.Model):\n    def __str__(self):\n        return self.mentor.name\n",
    ),
]


@pytest.mark.parametrize(("path", "old", "new"), CHANGES)
def test_a_change_is_noticed_and_so_is_its_undoing(project, path, old, new):
    before = told(project, warm=True)
    file = project / path
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    assert told(project, warm=True) == told(project, warm=False)
    file.write_text(text)
    assert told(project, warm=True) == before == told(project, warm=False)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_edited(project, seed):
    chance = random.Random(seed)
    files = sorted(path for path in project.rglob("*") if path.is_file() and path.stat().st_size)
    told(project, warm=True)
    for _ in range(10):
        file = chance.choice(files)
        file.write_text(edited(file.read_text(), chance))
        assert told(project, warm=True) == told(project, warm=False)


def edited(text, chance):
    """The text with a line less, twice or elsewhere, or with one word for another."""
    lines = text.split("\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    way = chance.randrange(4)
    if way == 0:
        del lines[one]
    elif way == 1:
        lines.insert(other, lines[one])
    elif way == 2:
        lines[one], lines[other] = lines[other], lines[one]
    else:
        words = re.findall(r"[a-zA-Z_]{4,}", text) or [""]
        return text.replace(chance.choice(words), chance.choice(words), 1)
    return "\n".join(lines)


def test_a_method_that_a_model_gains_concerns_those_who_look_at_it(project, monkeypatch):
    asked = []

    def noted(path, program):
        asked.append(path)
        return interpretation.interpret(path, program)

    monkeypatch.setattr(shares, "interpret", noted)
    (project / "shop/apart.py").write_text(
        "from django.db import models\n\n\nclass Label(models.Model):\n    pass\n\n\n"
        "def labels():\n    return [label.pk for label in Label.objects.all()]\n"
    )
    told(project, warm=True)
    asked.clear()
    models = project / "shop/models.py"
    models.write_text(
        models.read_text().replace(
            "class Book(models.Model):", "class Book(models.Model):\n    x = 1\n"
        )
    )
    told(project, warm=True)
    assert "shop/pages.py" in asked
    assert "shop/apart.py" not in asked
