"""The examples of the guide to kept views, run as they stand there."""

import re
import sys
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import jinja2
import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Engine
from django.test import RequestFactory, override_settings

from praxis.conf import find_mistakes
from tests.integration.cache.conftest import *  # noqa: F403 - the library on real servers
from tests.integration.cache.points import elsewhere

PAGE = Path(__file__).parents[3] / "docs" / "guides" / "cached-views.md"
BLOCKS = re.compile(r"^```(python|html)\n(.*?)^```", re.MULTILINE | re.DOTALL)
EXAMPLES = BLOCKS.findall(PAGE.read_text("utf-8"))
TEMPLATES = {
    "author.html": "{{ author.name }}: {% for book in books %}{{ book.title }} {% endfor %}",
    "newest.html": "{% for book in books %}{{ book.title }} {% endfor %}",
    "library/book_list.html": "{% for book in object_list %}{{ book.title }} {% endfor %}",
}
SETTINGS = {
    "DEBUG": True,
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {"loaders": [("django.template.loaders.locmem.Loader", TEMPLATES)]},
        }
    ],
}


def example(text):
    (found,) = [code for _, code in EXAMPLES if text in code]
    return found


@pytest.fixture
def books(library, monkeypatch):
    """The models of the examples are those of the library."""
    monkeypatch.setitem(sys.modules, "books", ModuleType("books"))
    monkeypatch.setitem(sys.modules, "books.models", library)
    with override_settings(**SETTINGS):
        yield library


def run(text):
    namespace = {"__name__": "books.views"}
    exec(compile(example(text), str(PAGE), "exec"), namespace)
    return namespace


def how(response):
    return response.headers["X-Praxis-Cache"]


def test_no_example_is_left_out():
    assert len(EXAMPLES) == 7


@pytest.mark.only("postgresql")
def test_views(books):
    views = run("def newest")
    request = RequestFactory().get("/")
    assert how(views["author"](request, pk=1)) == "miss"
    assert views["author"](request, pk=1).content.startswith(b"Ann: A B")
    assert how(views["author"](request, pk=1)) == "hit"
    listed = views["Books"].as_view()
    assert [how(listed(request)) for _ in range(2)] == ["miss", "hit"]
    elsewhere(lambda: books.Author.objects.filter(pk=1).update(name="Anna"))
    assert views["author"](request, pk=1).content.startswith(b"Anna: A B")


@pytest.mark.only("postgresql")
def test_an_async_view(books):
    view = async_to_sync(run("def newest")["newest"])
    request = RequestFactory().get("/?utm_source=x")
    request.user = AnonymousUser()
    assert [how(view(request)) for _ in range(2)] == ["miss", "hit"]


@pytest.mark.only("postgresql")
def test_functions(books):
    functions = run("def worth")
    author = books.Author.objects.get(pk=1)
    assert functions["worth"](author) == Decimal("19.80")
    elsewhere(lambda: books.Book.objects.filter(pk=1).update(price=5))
    assert functions["worth"](author, at_least=Decimal(0)) == Decimal("14.90")
    assert sorted(functions["titles"]()) == sorted(functions["titles"]()) == ["A", "B", "C", "N"]


@pytest.mark.only("postgresql")
def test_fragments(books):
    engine = Engine(libraries={"praxis_cache": "praxis.templatetags.praxis_cache"})
    template = engine.from_string(example('"card" book vary'))
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    book = books.Book.objects.get(pk=1)
    elsewhere(lambda: books.Book.objects.filter(pk=1).update(title="Z"))
    shown = template.render(Context({"book": book, "request": request, "user": request.user}))
    assert "<h2>Z</h2> Ann" in shown


@pytest.mark.only("postgresql")
def test_fragments_of_jinja(books):
    (engine,) = run("CachedExtension")["TEMPLATES"]
    environment = jinja2.Environment(autoescape=True, **engine["OPTIONS"])
    template = environment.from_string(example('"card", book, vary'))
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    book = books.Book.objects.get(pk=1)
    elsewhere(lambda: books.Book.objects.filter(pk=1).update(title="Z"))
    shown = template.render(book=book, request=request, user=request.user)
    assert "<h2>Z</h2> Ann" in shown


@pytest.mark.parametrize("text", ["MIDDLEWARE", '"dimensions"'])
def test_settings(text):
    with override_settings(PRAXIS=run(text)["PRAXIS"]):
        assert list(find_mistakes()) == []
