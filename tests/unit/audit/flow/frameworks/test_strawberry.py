# ruff: noqa: E501 - a case of code stays on the line of its name
"""What types of strawberry-django resolve of each row of a list."""

import pytest

from tests.audit_cases import accepts, flags
from tests.unit.audit.flow.shop import MODELS

RULE = "relation_read_in_serializer"
SHOP = MODELS.replace(
    "    def heading(self):\n        return self.title.upper()",
    "    def byline(self):\n        return self.author.name",
)
SCHEMA = """\
# file: shop/schema.py
from typing import Annotated, List, Optional

import strawberry
import strawberry_django
from strawberry import auto
from strawberry_django.relay import DjangoListConnection

from shop.models import Author, Book, Chapter
{before}

@strawberry_django.type(Author)
class AuthorType:
    name: auto


@strawberry_django.type(Chapter)
class ChapterType:
    title: auto


@strawberry_django.type(Book)
class BookType:
    title: auto
{body}


def all_books():
    return Book.objects.all()


@strawberry.type
class Query:
{query}
"""
PLAIN = "@strawberry.field\ndef books(self) -> list[BookType]:\n    return Book.objects.all()"


def case(body: str = "author: AuthorType", query: str = PLAIN, before: str = "") -> str:
    body, query = ("\n".join(f"    {line}" for line in text.split("\n")) for text in (body, query))
    return SHOP + SCHEMA.format(before=before, body=body, query=query)


FIELDS = {
    "a relation": ("author: AuthorType", "author"),
    "one that may be missing": ("editor: Optional[AuthorType]", "editor"),
    "a later type": ('author: Annotated["AuthorType", strawberry.lazy("shop.schema")]', "author"),
    "a property": ("byline: str", "author"),
    "another name": ('x: str = strawberry_django.field(field_name="author__name")', "author"),
    "many rows": ("chapter_set: list[ChapterType]", "chapter_set"),
    "a method": ("@strawberry_django.field\ndef name(self) -> str:\n    return self.author.name", "author"),
    "a plain method": ("@strawberry.field(description='x')\ndef name(self, info) -> str:\n    return self.author.name", "author"),
    "a method that gives rows": ("@strawberry.field\ndef chapters(self) -> list[ChapterType]:\n    return self.chapter_set.all()", "chapter_set"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "relation"), FIELDS.values(), ids=FIELDS)
def test_finds_what_a_field_resolves_of_each_row(body, relation):
    (finding,) = flags(RULE, case(body))
    assert finding.message.startswith(f"Where a client asks for it, {relation} is fetched anew")
    assert " by BookType." in finding.message
    assert finding.fix is None


QUERIES = {
    "a list": PLAIN.replace("list[", "List["),
    "the field of Django": PLAIN.replace("strawberry.field", "strawberry_django.field"),
    "all rows": "books: list[BookType] = strawberry_django.field()",
    "a resolver": "books: list[BookType] = strawberry.field(resolver=all_books)",
    "pages": "books: DjangoListConnection[BookType] = strawberry_django.connection()",
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_finds_the_rows_of(query):
    flags(RULE, case(query=query))


SILENT = {
    "an optimizer": {"before": "from strawberry_django.optimizer import DjangoOptimizerExtension"},
    "a joined relation": {"query": PLAIN.replace("all()", "select_related('author')")},
    "a column": {"body": "author_id: int"},
    "a hint": {"body": "@strawberry_django.field(select_related=['author'])\ndef name(self) -> str:\n    return self.author.name"},
    "a hint for an attribute": {"body": "byline: str = strawberry_django.field(only=['author__name'])"},
    "a loader": {"body": "@strawberry.field\nasync def author(self, info) -> AuthorType:\n    if self.author_loader:\n        return await self.author_loader.load(self.author_id)\n    return self.author"},
    "a choice of a client": {"body": "@strawberry.field\ndef chapters(self, title: str) -> list[ChapterType]:\n    return self.chapter_set.filter(title=title)"},
    "a type with a query of its own": {"body": "author: AuthorType\n\n@classmethod\ndef get_queryset(cls, queryset, info):\n    return queryset.select_related('author')"},
    "pages of related rows": {"body": "chapter_set: DjangoListConnection[ChapterType] = strawberry_django.connection()"},
    "one row": {"query": "@strawberry.field\ndef book(self) -> BookType:\n    return Book.objects.first()"},
    "rows that are not known": {"query": "@strawberry.field\ndef books(self, info) -> list[BookType]:\n    return optimized(Book.objects.all(), info)"},
    "another class": {"query": PLAIN.replace("@strawberry.field", "@other.thing")},
}  # fmt: skip


@pytest.mark.parametrize("parts", SILENT.values(), ids=SILENT)
def test_says_nothing_of(parts):
    accepts(RULE, case(**parts))
