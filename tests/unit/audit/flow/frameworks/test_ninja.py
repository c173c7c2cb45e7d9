# ruff: noqa: E501 - a case of code stays on the line of its name
"""What schemas of django-ninja read of the rows that operations return."""

import pytest

from tests.audit_cases import accepts, flags
from tests.unit.audit.flow.shop import MODELS

RULE = "relation_read_in_serializer"
SCHEMAS = """\
# file: shop/schemas.py
from typing import Annotated, List, Optional

from ninja import Field, ModelSchema, Schema
from pydantic import model_validator

from shop.models import Book


class CountryOut(Schema):
    name: str


class AuthorOut(Schema):
    name: str


class DeepAuthorOut(Schema):
    country: CountryOut


class ChapterOut(Schema):
    translator: AuthorOut


class Base(Schema):
    author: AuthorOut


class Plain(Schema):
    title: str


class BookOut({base}):
{body}


class Shelf(Schema):
    books: List[BookOut]
    count: int
"""
API = """\
# file: shop/api.py
from typing import List

from django.shortcuts import get_object_or_404
from ninja import FilterSchema, NinjaAPI, Query, Router
from ninja.pagination import paginate
from ninja_extra import api_controller, route

from shop.models import Author, Book
from shop.schemas import BookOut, Plain, Shelf

api = NinjaAPI()
router = Router()


"""
LIST = "@router.get('/books', response=List[BookOut])\ndef books(request):\n    return Book.objects.all()\n"


def case(body: str, view: str = LIST, base: str = "Schema") -> str:
    indented = "\n".join(f"    {line}" if line else "" for line in body.split("\n"))
    return f"{MODELS}{SCHEMAS.format(body=indented, base=base)}{API}{view}"


def model_schema(meta: str, name: str = "Meta") -> str:
    return f"class {name}:\n    model = Book\n    {meta}"


FIELDS = {
    "a nested schema": ("author: AuthorOut", "author"),
    "one that may be missing": ("editor: Optional[AuthorOut] = None", "editor"),
    "or none": ("editor: AuthorOut | None", "editor"),
    "by its name": ('author: "AuthorOut"', "author"),
    "with metadata": ("author: Annotated[AuthorOut, 1]", "author"),
    "an alias": ('name: str = Field(None, alias="author.name")', "author"),
    "an alias in metadata": ('name: Annotated[str, Field(validation_alias="author.name")]', "author"),
    "a longer alias": ('name: str = Field(None, alias="author.country.name")', "author.country"),
    "another name": ('writer: AuthorOut = Field(..., alias="author")', "author"),
    "a resolver": ("name: str\n\n@staticmethod\ndef resolve_name(book):\n    return book.author.name", "author"),
    "a resolver with a context": ("name: str\n\n@staticmethod\ndef resolve_name(book, context):\n    return book.author.name", "author"),
    "a resolver of the schema": ("name: str\n\ndef resolve_name(self, book):\n    return book.author.name", "author"),
    "a resolver that gives a row": ("x: DeepAuthorOut\n\n@staticmethod\ndef resolve_x(book):\n    return book.author", "author.country"),
    "many rows": ("chapters: list[ChapterOut] = Field(alias='chapter_set')", "chapter_set.translator"),
    "two levels": ("author: DeepAuthorOut", "author.country"),
    "a column and a relation": ("author_id: int\npublisher: AuthorOut", "publisher"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "relation"), FIELDS.values(), ids=FIELDS)
def test_finds_what_a_field_reads_of_each_row(body, relation):
    (finding,) = flags(RULE, case(body))
    assert relation in finding.message
    assert finding.place.path == "shop/schemas.py"
    assert finding.steps[0].place.path == "shop/api.py"
    assert finding.fix is not None


MODEL_FIELDS = {
    "many rows": model_schema("fields = ['id', 'tags']"),
    "all fields": model_schema("fields = '__all__'"),
    "all but some": model_schema("exclude = ['title']"),
    "the older way": model_schema("model_fields = ['tags']", "Config"),
    "to a depth": model_schema("fields = ['author']\n    depth = 1"),
    "one of its own": "author: AuthorOut\n\n" + model_schema("fields = ['id']"),
}


@pytest.mark.parametrize("body", MODEL_FIELDS.values(), ids=MODEL_FIELDS)
def test_finds_what_a_schema_of_a_model_reads(body):
    flags(RULE, case(body, base="ModelSchema"))


VIEWS = {
    "a list": "@api.get('/books', response=list[BookOut])\ndef books(request):\n    return Book.objects.filter(pages=1)\n",
    "pages": "@router.get('/books', response=List[BookOut])\n@paginate\ndef books(request):\n    return Book.objects.all()\n",
    "a status": "@router.get('/books', response={200: List[BookOut], 404: Plain})\ndef books(request, x):\n    if x:\n        return 404, {}\n    return 200, Book.objects.all()\n",
    "rows that were fetched": "@router.get('/books', response=List[BookOut])\ndef books(request):\n    return list(Book.objects.all())\n",
    "a mapping": "@router.get('/shelf', response=Shelf)\ndef shelf(request):\n    return {'books': Book.objects.all(), 'count': 1}\n",
    "a helper": "def found():\n    return Book.objects.all()\n\n@router.get('/books', response=List[BookOut])\ndef books(request):\n    return found()\n",
    "a controller": "@api_controller('/books')\nclass Books:\n    def rows(self):\n        return Book.objects.all()\n\n    @route.get('', response=List[BookOut])\n    def books(self):\n        return self.rows()\n",
    "a filter": "class Filters(FilterSchema):\n    title: str = None\n\n@router.get('/books', response=List[BookOut])\ndef books(request, filters: Filters = Query(...)):\n    return filters.filter(Book.objects.all())\n",
    "an async one": "@router.get('/books', response=List[BookOut])\nasync def books(request):\n    return Book.objects.all()\n",
}  # fmt: skip


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_finds_the_rows_however_they_are_returned(view):
    (finding,) = flags(RULE, case("author: AuthorOut", view))
    assert '.select_related("author")' in finding.message


def test_names_the_class_and_the_field():
    (finding,) = flags(RULE, case("author: AuthorOut\npublisher: AuthorOut"))
    assert "BookOut.author" in finding.message
    assert "BookOut.publisher" in finding.message


def test_rows_below_a_single_one_are_loaded_where_that_one_is_fetched():
    view = "@router.get('/book', response=BookOut)\ndef book(request, pk):\n    return get_object_or_404(Book, pk=pk)\n"
    (finding,) = flags(RULE, case("chapter_set: list[ChapterOut]", view))
    assert '.prefetch_related("chapter_set__translator")' in finding.message


def loading(call: str) -> str:
    return LIST.replace("all()", call)


SILENT = {
    "a joined relation": ("author: AuthorOut", loading("select_related('author')")),
    "prefetched rows": ("chapter_set: list[ChapterOut]", loading("prefetch_related('chapter_set__translator')")),
    "a column": ("author_id: int\ntitle: str", LIST),
    "an alias that is not known": ("x: AuthorOut = Field(alias=NAME)", LIST),
    "a relation with a resolver": ("author: int\n\n@staticmethod\ndef resolve_author(book):\n    return book.author_id", LIST),
    "one row": ("author: AuthorOut", "@router.get('/book', response=BookOut)\ndef book(request):\n    return Book.objects.get(pk=1)\n"),
    "another answer": ("author: AuthorOut", "@router.get('/books', response={200: List[Plain], 404: BookOut})\ndef books(request):\n    return Book.objects.all()\n"),
    "two answers": ("author: AuthorOut", "@router.get('/books', response=List[BookOut | Plain])\ndef books(request):\n    return Book.objects.all()\n"),
    "no answer": ("author: AuthorOut", "@router.get('/books')\ndef books(request):\n    return Book.objects.all()\n"),
    "rows as mappings": ("author: AuthorOut", loading("values()")),
    "a row that is replaced": ("author: AuthorOut\n\n@model_validator(mode='before')\ndef before(cls, data):\n    return data", LIST),
    "what is no schema": ("author: AuthorOut", "@router.get('/books', response=List[Book])\ndef books(request):\n    return Book.objects.all()\n"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "view"), SILENT.values(), ids=SILENT)
def test_says_nothing_of(body, view):
    accepts(RULE, case(body, view))


MODEL_SILENT = {
    "foreign keys": model_schema("fields = ['author', 'publisher']"),
    "what is left out": model_schema("exclude = ['tags']"),
    "fields that are not known": model_schema("fields = FIELDS"),
    "the other side": model_schema("fields = ['chapter_set']"),
}


@pytest.mark.parametrize("body", MODEL_SILENT.values(), ids=MODEL_SILENT)
def test_says_nothing_of_a_schema_of_a_model_with(body):
    accepts(RULE, case(body, base="ModelSchema"))


@pytest.mark.parametrize("method", ["from_orm", "model_validate"])
def test_a_loop_that_fills_schemas_itself_is_one_of_python(method):
    view = (
        f"def books(request):\n    return [BookOut.{method}(book) for book in Book.objects.all()]\n"
    )
    source = case("author: AuthorOut", view)
    (finding,) = flags("forward_relation_per_row", source)
    assert "serialized by BookOut.author" in [step.note for step in finding.steps]
    accepts(RULE, source)


PREFETCHED = """\
from django.db.models import Prefetch
from shop.models import Chapter

@router.get('/books', response=List[BookOut])
def books(request):
    first = Prefetch('chapter_set', Chapter.objects.all(), to_attr='loaded')
    return Book.objects.prefetch_related(first)
"""


READING = """\
found = getattr(book, '{}', None)
{indent}if found is not None:
{indent}    return found[0].title
{indent}return book.chapter_set.first().title"""


@pytest.mark.parametrize("name", ["loaded", "another"])
@pytest.mark.parametrize("inside", [True, False], ids=["itself", "by a helper"])
def test_a_resolver_takes_what_the_query_has_prefetched(name, inside):
    here = READING.format(name, indent="    ") if inside else "return Titles.of(book)"
    body = f"title: str\n\n@staticmethod\ndef resolve_title(book):\n    {here}"
    there = READING.format(name, indent=" " * 8)
    helper = f"class Titles:\n    @staticmethod\n    def of(book):\n        {there}\n\n\n"
    source = case(body, PREFETCHED).replace("class CountryOut", f"{helper}class CountryOut")
    if name == "loaded":
        accepts(RULE, source)
    else:
        flags(RULE, source)
