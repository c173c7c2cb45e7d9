# ruff: noqa: E501 - a case of code stays on the line of its name
import pytest

from tests.audit_cases import accepts, flags, rewrites

RULE = "relation_read_in_serializer"
MODELS = """\
# file: shop/__init__.py
# file: shop/models.py
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)

    def __str__(self):
        return self.name


class Tag(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    title = models.CharField(max_length=100)
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    tags = models.ManyToManyField(Tag)

    @property
    def byline(self):
        return self.author.name


class Review(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE)


class Chapter(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="chapters")
    translator = models.ForeignKey(Author, on_delete=models.CASCADE)
"""
SERIALIZERS = """\
# file: shop/serializers.py
from rest_framework import serializers

from shop.models import Author, Book, Chapter, Tag


class Own(serializers.Field):
    def to_representation(self, value):
        return value.author.name


class AuthorSerializer(serializers.ModelSerializer):
    class Meta:
        model = Author
        fields = ["name"]


class ChapterSerializer(serializers.ModelSerializer):
    translator = AuthorSerializer()

    class Meta:
        model = Chapter
        fields = ["translator"]


class BookSerializer(serializers.ModelSerializer):
{}
    class Meta:
        model = Book
        fields = {}
"""
VIEWS = """\
# file: shop/views.py
from rest_framework import generics, mixins, viewsets
from rest_framework.response import Response
from rest_framework.views import APIView

from shop.models import Author, Book
from shop.serializers import BookSerializer

"""
VIEW = "class Books(viewsets.ModelViewSet):\n    queryset = Book.objects.all()\n    serializer_class = BookSerializer\n"


def case(body: str = "", fields: str = '["title"]', view: str = VIEW) -> str:
    return f"{MODELS}{SERIALIZERS.format(body, fields)}{VIEWS}{view}"


FIELDS = {
    "a source": ('    author = serializers.CharField(source="author.name")\n', '["author"]'),
    "a nested serializer": ("    author = AuthorSerializer()\n", '["author"]'),
    "many rows nested": ("    chapters = ChapterSerializer(many=True)\n", '["chapters"]'),
    "text": ("    author = serializers.StringRelatedField()\n", '["author"]'),
    "a slug": ('    author = serializers.SlugRelatedField("name", read_only=True)\n', '["author"]'),
    "keys of many": ("    tags = serializers.PrimaryKeyRelatedField(many=True, read_only=True)\n", '["tags"]'),
    "many rows by name": ("", '["tags"]'),
    "all fields": ("", '"__all__"'),
    "a property": ("", '["byline"]'),
    "a method field": ("    name = serializers.SerializerMethodField()\n\n    def get_name(self, book):\n        return book.author.name\n", '["name"]'),
    "a method field by another name": ('    name = serializers.SerializerMethodField(method_name="x")\n\n    def x(self, book):\n        return book.chapters.count()\n', '["name"]'),
    "the whole of it": ('    def to_representation(self, book):\n        data = super().to_representation(book)\n        data["name"] = book.author.name\n        return data\n', '["title"]'),
    "addresses of many": ('    tags = serializers.HyperlinkedRelatedField(view_name="x", many=True, read_only=True)\n', '["tags"]'),
    "a field of its own": ('    x = Own(source="*")\n', '["x"]'),
    "the row again": ('    book = AuthorSerializer(source="author")\n', '["book"]'),
}  # fmt: skip


@pytest.mark.parametrize(("body", "fields"), FIELDS.values(), ids=FIELDS)
def test_finds_what_a_field_reads_of_each_row(body, fields):
    (finding,) = flags(RULE, case(body, fields))
    assert finding.place.path == "shop/serializers.py"
    assert finding.steps[0].place.path == "shop/views.py"


VIEW_STYLES = {
    "a list view": "class Books(generics.ListAPIView):\n    queryset = Book.objects.all()\n    serializer_class = BookSerializer\n",
    "methods": 'class Books(viewsets.ReadOnlyModelViewSet):\n    def get_queryset(self):\n        return Book.objects.filter(title="x")\n\n    def get_serializer_class(self):\n        return BookSerializer\n',
    "a mixin": "class Base(mixins.ListModelMixin, viewsets.GenericViewSet):\n    serializer_class = BookSerializer\n\nclass Books(Base):\n    queryset = Book.objects.all()\n",
    "a choice by action": "class Books(viewsets.ModelViewSet):\n    queryset = Book.objects.all()\n\n    def get_serializer_class(self):\n        if self.action == 'list':\n            return BookSerializer\n        return None\n",
    "a method of its own": "class Books(viewsets.ModelViewSet):\n    queryset = Book.objects.all()\n    serializer_class = BookSerializer\n\n    def list(self, request):\n        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))\n        return Response(self.get_serializer(page, many=True).data)\n",
    "a plain view": "class Books(APIView):\n    def get(self, request):\n        return Response(BookSerializer(Book.objects.all(), many=True).data)\n",
    "a function": "def books(request):\n    serializer = BookSerializer(Book.objects.all(), many=True)\n    return Response(serializer.data)\n",
}  # fmt: skip


@pytest.mark.parametrize("view", VIEW_STYLES.values(), ids=VIEW_STYLES)
def test_finds_the_query_however_the_view_hands_it_over(view):
    flags(RULE, case("    author = AuthorSerializer()\n", '["author"]', view))


def test_one_finding_names_all_levels():
    body = "    author = AuthorSerializer()\n    chapters = ChapterSerializer(many=True)\n"
    (finding,) = flags(RULE, case(body, '["author", "chapters", "tags"]'))
    cure = '.select_related("author").prefetch_related("tags", "chapters__translator")'
    assert cure in finding.message


def test_one_source_may_lead_over_several_relations():
    models = MODELS.replace(
        "class Tag(",
        "class Agent(models.Model):\n    name = models.CharField(max_length=9)\n\n\nclass Tag(",
    ).replace(
        "    title = ",
        "    agent = models.ForeignKey(Agent, on_delete=models.CASCADE)\n    title = ",
    )
    body = '    a = serializers.CharField(source="book.agent.name")\n'
    code = case(body, '["a"]').replace(MODELS, models).replace("model = Book", "model = Chapter")
    code = code.replace("Book.objects.all()", "Chapter.objects.all()").replace(
        "import Author, Book\n", "import Author, Book, Chapter\n"
    )
    (finding,) = flags(RULE, code)
    assert '.select_related("book__agent")' in finding.message


def test_rows_below_a_single_one_are_loaded_where_that_one_is_fetched():
    view = "class Books(generics.RetrieveAPIView):\n    queryset = Book.objects.all()\n    serializer_class = BookSerializer\n"
    body = "    chapters = ChapterSerializer(many=True)\n    author = AuthorSerializer()\n"
    (finding,) = flags(RULE, case(body, '["chapters", "author"]', view))
    assert 'Add .prefetch_related("chapters__translator") to the query' in finding.message


def test_mends_the_queryset_of_the_view():
    body, fields = "    author = AuthorSerializer()\n", '["author", "tags"]'
    fixed = VIEW.replace(".all()", '.all().select_related("author").prefetch_related("tags")')
    rewrites(RULE, case(body, fields), case(body, fields, fixed))


ASKING = """\
    tag_names = serializers.SerializerMethodField()

    def get_tag_names(self, book):
        if {}:
            return None
        return [tag.name for tag in book.tags.all()]

"""
ABSENT = {
    "a key": '"tags" not in self.context["request"].GET',
    "a value": 'self.context["request"].query_params.get("tags") is None',
    "one of some": 'self.context["request"].query_params.get("tags") not in ["true", "1"]',
    "its truth": 'not self.context["request"].GET.get("tags")',
}


@pytest.mark.parametrize("absent", ABSENT.values(), ids=ABSENT)
def test_loads_nothing_for_requests_that_do_not_ask_for_it(absent):
    body = ASKING.format(absent)
    (finding,) = flags(RULE, case(body, '["tag_names"]'))
    assert finding.fix is None
    body += "    author = AuthorSerializer()\n"
    (finding,) = flags(RULE, case(body, '["tag_names", "author"]'))
    assert finding.fix is not None
    assert finding.fix.title == 'Add .select_related("author")'


ACCEPTED = {
    "what is loaded": ("    author = AuthorSerializer()\n", '["author", "tags"]', VIEW.replace("all()", 'select_related("author").prefetch_related("tags")')),
    "keys": ("", '["title", "author"]', VIEW),
    "a key field": ("    author = serializers.PrimaryKeyRelatedField(read_only=True)\n", '["author"]', VIEW),
    "an address": ('    author = serializers.HyperlinkedRelatedField(view_name="x", read_only=True)\n', '["author"]', VIEW),
    "what is only written": ("    author = AuthorSerializer(write_only=True)\n", '["author"]', VIEW),
    "a field that is left out": ('    author = serializers.CharField(source="author.name")\n', '["title"]', VIEW),
    "fields that are chosen at run time": ("    author = AuthorSerializer()\n\n    def get_fields(self):\n        fields = super().get_fields()\n        fields.pop('author')\n        return fields\n", '["author"]', VIEW),
    "one row": ("    author = AuthorSerializer()\n", '["author"]', "def book(request):\n    return Response(BookSerializer(Book.objects.first()).data)\n"),
    "input": ("    author = AuthorSerializer()\n", '["author"]', "def book(request):\n    BookSerializer(data=request.data).is_valid()\n"),
    "a serializer that nests itself": ("    author = AuthorSerializer()\n", "make_fields()", VIEW.replace("BookSerializer\n", "make(BookSerializer)\n")),
}  # fmt: skip


@pytest.mark.parametrize(("body", "fields", "view"), ACCEPTED.values(), ids=ACCEPTED)
def test_says_nothing_of(body, fields, view):
    accepts(RULE, case(body, fields, view))


def test_serializers_that_nest_each_other_come_to_an_end():
    source = f"""{MODELS}# file: shop/serializers.py
from rest_framework import serializers
from shop.models import Author, Book

class AuthorSerializer(serializers.ModelSerializer):
    books = serializers.SerializerMethodField()

    class Meta:
        model = Author
        fields = ["books"]

    def get_books(self, author):
        return BookSerializer(author.books.all(), many=True).data

class BookSerializer(serializers.ModelSerializer):
    author = AuthorSerializer()

    class Meta:
        model = Book
        fields = ["author"]
{VIEWS}{VIEW}"""
    flags(RULE, source)


def test_reads_with_the_serializer_of_the_action_that_runs():
    source = f"""{MODELS}{SERIALIZERS.format("", [])}

class PlainSerializer(serializers.ModelSerializer):
    author = serializers.HiddenField(default=None)

    class Meta:
        model = Book
        fields = ["author"]
# file: shop/views.py
from rest_framework import viewsets
from rest_framework.response import Response

from shop.models import Book, Chapter
from shop.serializers import ChapterSerializer, PlainSerializer


class ChapterViewSet(viewsets.GenericViewSet):
    queryset = Chapter.objects.all()

    def get_serializer_class(self):
        if self.action == "create":
            return ChapterSerializer
        return PlainSerializer

    def list(self, request):
        return Response(self.get_serializer(self.get_queryset(), many=True).data)


class BookViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Book.objects.all()
    serializer_class = PlainSerializer
"""
    accepts(RULE, source, path="shop/serializers.py")


TAKEN = {
    "by name": '    author = AuthorSerializer()\n\n    def __init__(self, *args, **kwargs):\n        super().__init__(*args, **kwargs)\n        self.fields.pop("author")\n',
    "by item": '    author = AuthorSerializer()\n\n    def get_fields(self):\n        fields = super().get_fields()\n        del fields["author"]\n        return fields\n',
    "by the view": '    author = AuthorSerializer()\n\n    def get_fields(self):\n        fields = super().get_fields()\n        if not self.context["view"].detail:\n            for name in self.Meta.left_out:\n                fields.pop(name)\n        return fields\n',
    "by who uses it": '    author = AuthorSerializer(fields=("id",))\n',
}  # fmt: skip


@pytest.mark.parametrize("body", TAKEN.values(), ids=TAKEN)
def test_says_nothing_of_fields_that_are_taken_away(body):
    accepts(RULE, case(body, '["author"]'))


def test_a_field_that_several_views_serve_is_one_finding_with_all_queries():
    view = "def one(request):\n    return Response(BookSerializer(Book.objects.filter(title='x'), many=True).data)\n\ndef other(request):\n    return Response(BookSerializer(Book.objects.all(), many=True).data)\n"
    (finding,) = flags(RULE, case("    author = AuthorSerializer()\n", '["author"]', view))
    assert finding.fix is not None
    assert sum("author" in edit.text for edit in finding.fix.edits) == 2


COUNTS = {
    "one": ("", "book.tags.count()", 'Count("tags")'),
    "one without a name": ("", "book.review_set.count()", 'Count("review")'),
    "some of one": ("", "book.tags.filter(name=1).count()", 'Count("tags", filter=Q(…))'),
    "two": ("", "book.tags.count() + book.chapters.count()", "Subqueries that count tags, chapters:"),
    "besides others": ('.annotate(n=Sum("chapters__number"))', "book.tags.count()", "Subquery that counts tags:"),
}  # fmt: skip


@pytest.mark.parametrize(("chain", "value", "cure"), COUNTS.values(), ids=COUNTS)
def test_counts_by_a_join_only_what_no_other_join_multiplies(chain, value, cure):
    body = f"    a = serializers.SerializerMethodField()\n\n    def get_a(self, book):\n        return {value}\n"
    view = f"def one(request):\n    return Response(BookSerializer(Book.objects.all(){chain}, many=True).data)\n"
    (finding,) = flags(RULE, case(body, '["a"]', view))
    assert cure in finding.message


def test_counts_and_tests_nothing_that_it_prefetches_anyway():
    body = "    a = serializers.SerializerMethodField()\n\n    def get_a(self, book):\n        if book.tags.exists() and book.tags.count():\n            return [tag.name for tag in book.tags.all()]\n"
    (finding,) = flags(RULE, case(body, '["a"]'))
    assert finding.message.endswith('Add .prefetch_related("tags") to the query.')


def test_says_nothing_of_fields_where_the_whole_is_made_by_hand():
    body = '    author = AuthorSerializer()\n\n    def to_representation(self, book):\n        return {"title": book.title}\n'
    accepts(RULE, case(body, '["author"]'))
