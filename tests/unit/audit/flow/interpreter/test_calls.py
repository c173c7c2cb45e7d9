# ruff: noqa: E501 - a case of code stays on the line of its name
"""What happens in a function that another one calls is told where the rows are walked."""

import pytest

from tests.audit_cases import accepts, flags
from tests.unit.audit.flow.shop import IMPORTS, MODELS, finds, ignores

RULE = "forward_relation_per_row"
METHODS = MODELS.replace(
    "    @property\n    def heading(self):",
    """    def __str__(self):
        return f"{self.title} by {self.author}"

    @property
    def byline(self):
        return self.author.name

    @cached_property
    def house(self):
        return self.publisher

    @staticmethod
    def written_by(book):
        return book.author.name

    @classmethod
    def recent(cls):
        return cls.objects.order_by("-created_at")

    def credits(self, deep=False):
        return self.byline

    @something_else
    def hidden(self):
        return self.author.name

    @property
    def heading(self):""",
)

READS = {
    "a function": "def name(book):\n    return book.author.name\n\ndef show():\n    return [name(b) for b in Book.objects.all()]",
    "by keyword": "def name(x, book=None):\n    return book.author.name\n\ndef show():\n    return [name(1, book=b) for b in Book.objects.all()]",
    "a property": "def show():\n    return [b.byline for b in Book.objects.all()]",
    "a cached property": "def show():\n    return [b.house.name for b in Book.objects.all()]",
    "a method that reads a property": "def show():\n    return [b.credits(deep=True) for b in Book.objects.all()]",
    "a static method": "def show():\n    return [Book.written_by(b) for b in Book.objects.all()]",
    "text": "def show():\n    return [str(b) for b in Book.objects.all()]",
    "an f-string": 'def show():\n    return [f"{b}!" for b in Book.objects.all()]',
    "a format": 'def show():\n    return ["%s" % b for b in Book.objects.all()]',
    "a call of format": 'def show():\n    return ["{}".format(b) for b in Book.objects.all()]',
    "a queryset that is handed on": "def names(books):\n    return [b.author.name for b in books]\n\ndef show():\n    return names(Book.objects.all())",
    "a queryset that is returned": "def books():\n    return Book.objects.all()\n\ndef show():\n    return [b.author.name for b in books()]",
    "a queryset of a class method": "def show():\n    return [b.author.name for b in Book.recent()]",
    "a row that comes back": "def same(book):\n    return book\n\ndef show():\n    return [same(b).author.name for b in Book.objects.all()]",
    "a generator": "def rows():\n    for b in Book.objects.all():\n        yield b\n\ndef show():\n    return [b.author.name for b in rows()]",
    "a generator that delegates": "def rows():\n    yield from Book.objects.all()\n\ndef show():\n    return [b.author.name for b in rows()]",
    "an attribute of the object": "class Shelf:\n    def __init__(self, books):\n        self.books = books\n\n    def names(self):\n        return [b.author.name for b in self.books]\n\ndef show():\n    return Shelf(Book.objects.all()).names()",
    "an attribute of the class": "class Shelf:\n    books = Book.objects.all()\n\n    def names(self):\n        return [b.author.name for b in self.books]",
    "what another method stores": "class Shelf:\n    def load(self):\n        self.books = Book.objects.all()\n\n    def names(self):\n        return [b.author.name for b in self.books]",
    "a method of the same object": "class Shelf:\n    def rows(self):\n        return Book.objects.all()\n\n    def names(self):\n        return [b.author.name for b in self.rows()]",
    "super()": "class Base:\n    def rows(self):\n        return Book.objects.all()\n\nclass Shelf(Base):\n    def rows(self):\n        return super().rows().filter(pages=1)\n\n    def names(self):\n        return [b.author.name for b in self.rows()]",
    "a mapping": 'def show():\n    context = {"books": Book.objects.all()}\n    return [b.author.name for b in context["books"]]',
    "a mapping that grows": 'def show():\n    context = {}\n    context["books"] = Book.objects.all()\n    return [b.author.name for b in context["books"]]',
    "a list of mappings": 'def show():\n    rows = [{"book": b} for b in Book.objects.all()]\n    return [row["book"].author.name for row in rows]',
    "a list that is filled": 'def show():\n    rows = []\n    for b in Book.objects.all():\n        rows.append({"book": b})\n    return [row["book"].author.name for row in rows]',
    "one or the other": "def show(x):\n    books = None\n    if x:\n        books = Book.objects.all()\n    return [b.author.name for b in books]",
    "rows or none": "def books(x):\n    if x:\n        return Book.objects.none()\n    return Book.objects.all()\n\ndef show(x):\n    return [b.author.name for b in books(x)]",
    "a paginator": "from django.core.paginator import Paginator\n\ndef show():\n    return [b.author.name for b in Paginator(Book.objects.all(), 10).get_page(1)]",
}  # fmt: skip


@pytest.mark.parametrize("code", READS.values(), ids=READS)
def test_finds_what_a_function_reads_of(code):
    (finding,) = flags(RULE, f"{METHODS}{IMPORTS}\n{code}\n")
    assert "author" in finding.message or "publisher" in finding.message


LOADED = {
    "a function": "def name(book):\n    return book.author.name\n\ndef show():\n    return [name(b) for b in Book.objects.select_related('author')]",
    "a property": "def show():\n    return [b.byline for b in Book.objects.select_related('author')]",
    "a method with another decorator": "def show():\n    return [b.hidden() for b in Book.objects.all()]",
    "one row": "def show():\n    return Book.objects.first().byline",
    "text": "def show():\n    return [str(b) for b in Book.objects.select_related('author')]",
    "a helper that loads": "def loaded(books):\n    return books.select_related('author')\n\ndef show():\n    return [b.author.name for b in loaded(Book.objects.all())]",
    "an object that loads": "class Shelf:\n    def rows(self):\n        return Book.objects.select_related('author')\n\n    def names(self):\n        return [b.author.name for b in self.rows()]",
    "a subclass that loads": "class Base:\n    def rows(self):\n        return Book.objects.none()\n\nclass Shelf(Base):\n    def rows(self):\n        return super().rows().select_related('author')\n\n    def names(self):\n        return [b.author.name for b in self.rows()]",
    "a parent that a manager has set": "def name(book):\n    return book.author.name\n\ndef show(pk):\n    author = Author.objects.get(pk=pk)\n    return [name(b) for b in author.books.all()]",
    "a row that was just made": "def name(book):\n    return book.author.name\n\ndef show(authors):\n    for author in authors:\n        name(Book(author=author))",
    "a relation that was just set": "def name(book):\n    return book.author.name\n\ndef show(someone):\n    for b in Book.objects.all():\n        b.author = someone\n        name(b)",
    "arguments that are not known": "def names(books):\n    return [b.author.name for b in books]\n\ndef show(x):\n    return names(x)",
    "a function that calls itself": "def walk(book):\n    return walk(book)\n\ndef show():\n    return [walk(b) for b in Book.objects.all()]",
    "no rows": "def show():\n    return [b.author.name for b in Book.objects.none()]",
    "another function of that name": "def show(name):\n    return [name(b) for b in Book.objects.all()]",
}  # fmt: skip


@pytest.mark.parametrize("code", LOADED.values(), ids=LOADED)
def test_says_nothing_of(code):
    accepts(RULE, f"{METHODS}{IMPORTS}\n{code}\n")


def test_tells_every_step_from_the_query_to_the_read():
    (finding,) = finds(
        RULE,
        """
def name(book):
    return book.author.name

def show():
    books = Book.objects.all()
    return [name(b) for b in books]
""",
        7,
    )
    assert [step.note for step in finding.steps] == [
        "the query for Book rows",
        "its rows are walked one by one",
        "calls name()",
        "author is fetched for each row",
    ]


def test_a_loop_that_two_callers_hand_rows_to_is_one_finding_with_two_queries():
    (finding,) = finds(
        RULE,
        """
def names(books):
    return [b.author.name for b in books]

def one():
    return names(Book.objects.filter(pages=1))

def other():
    return names(Book.objects.filter(pages=2))
""",
        3,
    )
    assert finding.fix is not None
    assert len(finding.fix.edits) == 2


def test_what_a_caller_says_better_is_not_told_of_the_function():
    finds(
        "many_relation_per_row",
        """
def titles(author):
    return [b.publisher.name for b in author.books.all()]

def show():
    return [titles(a) for a in Author.objects.all()]
""",
        6,
    )


def test_calls_across_files_are_followed():
    source = f"""{METHODS}{IMPORTS}
from shop.names import name_of

def show():
    return [name_of(b) for b in Book.objects.all()]
# file: shop/names.py
from shop import more

name_of = more.name_of
# file: shop/more.py
def name_of(book):
    return book.author.name
"""
    (finding,) = flags(RULE, source)
    assert finding.place.path == "shop/views.py"
    assert [step.place.path for step in finding.steps][-1] == "shop/more.py"


@pytest.mark.parametrize(
    "broken",
    [
        "class A(A):\n    def rows(self):\n        return super().rows()\n\ndef show():\n    return A().rows()",
        "class A:\n    def rows(self):\n        return super().rows()\n\ndef show():\n    return [b.author for b in A().rows()]",
        "def show(*args, **kwargs):\n    return show(*args, **kwargs)",
        "x = x\n\ndef show():\n    return x.y.z(x)",
        "class A:\n    x = property(lambda self: self.x)\n\ndef show():\n    return A().x.y",
        "class Meta(type):\n    def __new__(cls, *args):\n        return super().__new__(cls, *args)\n\nclass A(metaclass=Meta):\n    pass\n\nA().b()",
        "def show(b):\n    setattr(b, 'x', 1)\n    return getattr(b, 'y')()",
    ],
)
def test_odd_code_is_no_reason_to_stop(broken):
    ignores(RULE, f"\n{broken}\n")


CLASSES = {
    "a feed": "from django.contrib.syndication.views import Feed\n\nclass News(Feed):\n    def items(self):\n        return Book.objects.all()\n\n    def item_description(self, item):\n        return item.author.name",
    "a feed's titles": "from django.contrib.syndication.views import Feed\n\nclass News(Feed):\n    def items(self, obj):\n        return Book.objects.all()",
    "a sitemap": "from django.contrib.sitemaps import Sitemap\n\nclass Books(Sitemap):\n    def items(self):\n        return Book.objects.all()\n\n    def location(self, item):\n        return item.author.name",
    "options of a form": "from django import forms\n\nclass Choose(forms.Form):\n    book = forms.ModelChoiceField(queryset=Book.objects.all())",
    "options with a label": "from django import forms\n\nclass BookField(forms.ModelChoiceField):\n    def label_from_instance(self, obj):\n        return obj.author.name\n\nclass Choose(forms.Form):\n    book = BookField(queryset=Book.objects.all(), required=False)",
    "a search index": "from haystack import indexes\n\nclass Books(indexes.SearchIndex, indexes.Indexable):\n    def index_queryset(self, using=None):\n        return Book.objects.all()\n\n    def prepare_author(self, obj):\n        return obj.author.name",
}  # fmt: skip


@pytest.mark.parametrize("code", CLASSES.values(), ids=CLASSES)
def test_finds_what_methods_for_each_row_read(code):
    (finding,) = flags(RULE, f"{METHODS}{IMPORTS}\n{code}\n")
    assert "author" in finding.message


@pytest.mark.parametrize(
    "changed",
    [
        'self.fields["book"].queryset = Book.objects.select_related("author")',
        'self.fields["book"].choices = [(1, "one")]',
        'self.fields["book"] = forms.ChoiceField()',
        'field = self.fields["book"]\n        field.label_from_instance = str.title',
    ],
)
def test_leaves_fields_alone_that_the_form_changes(changed):
    form = CLASSES["options of a form"]
    init = f"\n    def __init__(self):\n        super().__init__()\n        {changed}\n"
    accepts(RULE, f"{METHODS}{IMPORTS}\n{form}{init}")
    flags(RULE, f"{METHODS}{IMPORTS}\n{form}{init.replace('book', 'other')}")


def test_knows_what_a_middleware_stores_on_requests():
    source = f"""{METHODS}{IMPORTS}
def show(request):
    return [book.publisher.name for book in request.author.books.filter(pages=1)]
# file: shop/middleware.py
from django.shortcuts import get_object_or_404
from shop.models import Author

class AuthorMiddleware:
    def __call__(self, request):
        request.author = get_object_or_404(Author, pk=1)
        return self.get_response(request)
"""
    flags(RULE, source)


def test_says_nothing_where_requests_carry_one_of_two_models():
    source = f"""{METHODS}{IMPORTS}
def show(request):
    return [book.publisher.name for book in request.author.books.filter(pages=1)]

def one(request):
    request.author = Author.objects.first()

def other(request):
    request.author = Book.objects.first()
"""
    accepts(RULE, source)


def test_knows_whose_rows_a_reverse_name_means():
    finds(RULE, "\ndef show(x):\n    return [c.translator.name for c in x.chapter_set.all()]\n", 3)


@pytest.mark.parametrize(
    "named",
    [
        'from django.apps import apps\nTome = apps.get_model("shop", "Book")',
        'from django.apps import apps\nTome = apps.get_model("shop.Book")',
        'from project.loading import get_model\nTome = get_model("shop", "book")',
    ],
)
def test_knows_models_that_are_looked_up_by_their_labels(named):
    code = f"\n{named}\ndef show():\n    return [b.author.name for b in Tome.objects.all()]\n"
    flags(RULE, f"{METHODS}{IMPORTS}{code}")


@pytest.mark.parametrize("made", ["ShelfQuerySet", "models.QuerySet"])
def test_knows_the_queryset_that_a_manager_makes(made):
    source = f"""# file: shop/models.py
from django.db import models

class Author(models.Model):
    name = models.TextField()

class ShelfQuerySet(models.QuerySet):
    def new(self):
        return self.filter(title="x")

class ShelfManager(models.Manager):
    def get_queryset(self):
        return {made}(self.model, using=self._db)

class Book(models.Model):
    title = models.TextField()
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
    objects = ShelfManager()
# file: shop/views.py
from shop.models import Book

def show():
    return [b.author.name for b in Book.objects.filter(title="y")]
"""
    flags(RULE, source)
    if made == "ShelfQuerySet":
        flags(RULE, source.replace('.filter(title="y")', ".all().new()"))
