# ruff: noqa: E501 - a case of code stays on the line of its name
"""What object types of graphene-django resolve of each row of a list."""

import pytest

from tests.audit_cases import accepts, flags
from tests.unit.audit.flow.shop import MODELS

RULE = "relation_read_in_serializer"
SCHEMA = """\
# file: shop/schema.py
import graphene
import graphene_django_optimizer as gql_optimizer
from graphene import relay
from graphene_django import DjangoListField, DjangoObjectType
from graphene_django.filter import DjangoFilterConnectionField
from graphql_jwt.decorators import login_required

from shop.models import Author, Book, Chapter, Publisher

{before}

class AuthorType(DjangoObjectType):
    class Meta:
        model = Author
        fields = ["name"]


class PublisherType(DjangoObjectType):
    class Meta:
        model = Publisher
        fields = ["name"]

    @classmethod
    def get_queryset(cls, queryset, info):
        return queryset.filter(name="x")


class BookType({base}):
{body}


class Query(graphene.ObjectType):
{query}
"""
PLAIN = "    books = graphene.List(BookType)\n\n    def resolve_books(self, info):\n        return Book.objects.all()\n"
META = "    class Meta:\n        model = Book\n        fields = ['title']\n\n"
NAME = f"{META}    name = graphene.String()\n\n    def resolve_name(self, info):\n        return self.author.name\n"


def case(
    body: str = NAME, query: str = PLAIN, base: str = "DjangoObjectType", before: str = ""
) -> str:
    return MODELS + SCHEMA.format(before=before, base=base, body=body, query=query)


TYPES = {
    "a resolver": (NAME, "BookType.name"),
    "a static resolver": (f"{META}    name = graphene.String()\n\n    @staticmethod\n    def resolve_name(root, info, **kwargs):\n        return root.author.name\n", "BookType.name"),
    "a resolver for some": (f"{META}    name = graphene.String()\n\n    @login_required\n    def resolve_name(parent, info):\n        return parent.author.name\n", "BookType.name"),
    "many rows": (f"{META}    chapters = graphene.List(graphene.String)\n\n    def resolve_chapters(self, info):\n        return self.chapter_set.all()\n", "BookType.chapters"),
    "rows that are counted": (f"{META}    count = graphene.Int()\n\n    def resolve_count(self, info):\n        return self.chapter_set.count()\n", "BookType.count"),
    "another source": (f"{META}    x = graphene.String(source='byline')\n", "BookType.x"),
    "a property": (f"{META}    byline = graphene.String()\n", "BookType.byline"),
    "a relation": (f"{META}    author = graphene.Field(AuthorType)\n", "BookType.author"),
    "a relation by its name": ("    class Meta:\n        model = Book\n        fields = ('title', 'author')\n", "BookType.author"),
    "all relations": ("    class Meta:\n        model = Book\n        fields = '__all__'\n", "BookType.author"),
}  # fmt: skip
BYLINE = MODELS.replace(
    "    def heading(self):\n        return self.title.upper()",
    "    def byline(self):\n        return self.author.name",
)


@pytest.mark.parametrize(("body", "field"), TYPES.values(), ids=TYPES)
def test_finds_what_a_field_resolves_of_each_row(body, field):
    (finding,) = flags(RULE, case(body).replace(MODELS, BYLINE))
    assert field in finding.message
    assert finding.message.startswith("Where a client asks for it, ")


LISTS = {
    "no nulls": PLAIN.replace("List(BookType)", "List(graphene.NonNull(BookType), required=True)"),
    "a later type": PLAIN.replace("List(BookType)", "List(lambda: BookType)"),
    "a named type": PLAIN.replace("List(BookType)", "List('shop.schema.BookType')"),
    "rows of Django": PLAIN.replace("graphene.List", "DjangoListField"),
    "all rows": "    books = DjangoListField(BookType)\n",
    "pages": "    books = DjangoFilterConnectionField(BookType)\n",
    "pages that are resolved": PLAIN.replace("graphene.List", "DjangoFilterConnectionField"),
    "rows that were fetched": PLAIN.replace("Book.objects.all()", "list(Book.objects.all())"),
    "rows of a row": "    x = graphene.String()\n\nclass Shelf(DjangoObjectType):\n    class Meta:\n        model = Author\n\n    books = graphene.List(BookType)\n\n    def resolve_books(self, info):\n        return self.edited.filter(pages=1)\n",
}  # fmt: skip


@pytest.mark.parametrize("query", LISTS.values(), ids=LISTS)
def test_finds_the_rows_of(query):
    flags(RULE, case(query=query))


SILENT = {
    "an optimizer": {"query": PLAIN.replace("Book.objects.all()", "gql_optimizer.query(Book.objects.all(), info)")},
    "an optimizing type": {"base": "OptimizedDjangoObjectType", "before": "from graphene_django_optimizer import OptimizedDjangoObjectType"},
    "another optimizing type": {"base": "DjangoObjectType", "before": "from query_optimizer import DjangoObjectType"},
    "a joined relation": {"query": PLAIN.replace("all()", "select_related('author')")},
    "a relation joined for those who ask": {"query": PLAIN.replace("        return Book.objects.all()", "        rows = Book.objects.all()\n        if 'author' in info.fields:\n            rows = rows.select_related('author')\n        return rows")},
    "a type that loads": {"query": PLAIN.replace("graphene.List", "DjangoListField"), "body": f"{NAME}\n    @classmethod\n    def get_queryset(cls, queryset, info):\n        return queryset.select_related('author')\n"},
    "a loader": {"body": f"{META}    name = graphene.String()\n\n    def resolve_name(self, info):\n        if info.context.author_loader:\n            return info.context.author_loader.load(self.author_id)\n        return self.author.name\n"},
    "columns": {"body": f"{META}    x = graphene.ID(source='author_id')\n"},
    "a relation that no type shows": {"body": "    class Meta:\n        model = Book\n        fields = ('owner',)\n"},
    "a relation whose type asks by itself": {"body": "    class Meta:\n        model = Book\n        fields = ('publisher',)\n"},
    "fields that are not said": {"body": "    class Meta:\n        model = Book\n"},
    "a resolver that is made": {"body": f"{META}    author = graphene.Field(AuthorType)\n    resolve_author = made()\n"},
    "a resolver with a choice": {"body": f"{META}    chapters = graphene.List(graphene.String)\n\n    def resolve_chapters(self, info, title):\n        return self.chapter_set.filter(title=title)\n"},
    "pages of related rows": {"body": f"{META}    chapters = DjangoFilterConnectionField(AuthorType)\n\n    def resolve_chapters(self, info):\n        return self.chapter_set.all()\n"},
    "one row": {"query": "    book = graphene.Field(BookType)\n\n    def resolve_book(self, info):\n        return Book.objects.first()\n"},
    "rows that are not known": {"query": "    books = graphene.List(BookType)\n"},
    "a list of texts": {"query": PLAIN.replace("BookType", "graphene.String")},
}  # fmt: skip


@pytest.mark.parametrize("parts", SILENT.values(), ids=SILENT)
def test_says_nothing_of(parts):
    accepts(RULE, case(**parts))


def test_gives_no_edit_since_few_clients_may_ask():
    (finding,) = flags(RULE, case())
    assert finding.fix is None
    assert 'Add .select_related("author") to the query.' in finding.message
    assert "data loader" in finding.message
