# ruff: noqa: E501 - a case of code stays on the line of its name
"""What tables of django-tables2 read of the rows that they show."""

import pytest

from tests.audit_cases import accepts, flags, rewrites
from tests.unit.audit.flow.shop import MODELS

RULE = "relation_read_in_template"
SHOP = MODELS.replace(
    "    def heading(self):\n        return self.title.upper()",
    "    def byline(self):\n        return self.author.name\n\n    def get_absolute_url(self):\n        return f'/{self.publisher.name}/{self.pk}'",
).replace(
    "    mentor = ",
    "    @property\n    def home(self):\n        return self.country.name\n\n    def __str__(self):\n        return self.name\n\n    mentor = ",
)
TABLES = """\
# file: shop/tables.py
import django_tables2 as tables
from django_tables2.utils import A

from shop.models import Book


class Own(tables.Column):
    def render(self, record):
        return record.author.name


class Base(tables.Table):
    title = tables.Column()

    class Meta:
        model = Book
        fields = ["title"]


class BookTable(tables.Table):
{body}
"""
VIEW = """\
# file: shop/views.py
from django.views.generic import ListView
from django_filters.views import FilterView
from django_tables2 import RequestConfig, SingleTableMixin, SingleTableView
from django.shortcuts import render

from shop.models import Author, Book
from shop.tables import BookTable


"""
SINGLE = "class Books(SingleTableView):\n    queryset = Book.objects.all()\n    table_class = BookTable\n"


def case(body: str, view: str = SINGLE) -> str:
    indented = "\n".join(f"    {line}" if line else "" for line in body.split("\n"))
    return f"{SHOP}{TABLES.format(body=indented)}{VIEW}{view}"


def meta(*lines: str) -> str:
    return "\n    ".join(["class Meta:", "model = Book", *lines])


COLUMNS = {
    "an accessor": ('name = tables.Column(accessor="author.name")', "author"),
    "an accessor of today": ('name = tables.Column(accessor="author__name")', "author"),
    "a longer accessor": ('name = tables.Column(accessor=A("author.country.name"))', "author, author.country"),
    "a relation": ("author = tables.Column()", "author"),
    "a property": ("byline = tables.Column()", "author"),
    "a method for the column": ("x = tables.Column(empty_values=())\n\ndef render_x(self, record):\n    return record.author.name", "author"),
    "a method for its value": ("author = tables.Column()\n\ndef render_author(self, value):\n    return value.home", "author, author.country"),
    "a column of its own": ("x = Own()", "author"),
    "many rows": ("tags = tables.ManyToManyColumn()", "tags"),
    "a link": ("title = tables.LinkColumn('x', args=[A('author.pk')])", "author"),
    "a link of today": ("title = tables.Column(linkify=('x', {'pk': A('author__pk')}))", "author"),
    "the row's own address": ("title = tables.Column(linkify=True)", "publisher"),
    "a field of the model": (meta('fields = ("title", "author")'), "author"),
    "a field of a relation": (meta('fields = ("author__name",)'), "author"),
    "fields put together": (meta('fields = ["title"] + ["author"]'), "author"),
    "fields of the base": ("author = tables.Column()\n\nclass Meta(Base.Meta):\n    pass", "author"),
    "all fields": (meta('exclude = ("editor", "publisher", "owner")'), "author"),
    "a default column": ("author = tables.Column()\n\nclass Meta:\n    default_columns = ['author']", "author"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "relation"), COLUMNS.values(), ids=COLUMNS)
def test_finds_what_a_column_reads_of_each_row(body, relation):
    (finding,) = flags(RULE, case(body))
    assert (
        f"{relation} {'are' if ',' in relation else 'is'} fetched anew for each Book row by BookTable."
        in finding.message
    )
    assert finding.place.path == "shop/tables.py"
    assert finding.fix is not None


VIEWS = {
    "a model": "class Books(SingleTableView):\n    model = Book\n    table_class = BookTable\n",
    "a mixin": "class Books(SingleTableMixin, ListView):\n    model = Book\n    table_class = BookTable\n",
    "a filter": "class Books(SingleTableMixin, FilterView):\n    table_class = BookTable\n\n    def get_queryset(self):\n        return Book.objects.filter(pages=1)\n",
    "a method for the table": "class Books(SingleTableView):\n    model = Book\n\n    def get_table_class(self):\n        return BookTable\n",
    "a method for its rows": "class Books(SingleTableView):\n    table_class = BookTable\n\n    def get_table_data(self):\n        return Book.objects.all()\n",
    "a function": "def books(request):\n    table = BookTable(Book.objects.all())\n    RequestConfig(request).configure(table)\n    return render(request, 'x.html', {'table': table})\n",
    "a word": "def books(request):\n    return render(request, 'x.html', {'table': BookTable(data=Book.objects.all(), prefix='x')})\n",
}  # fmt: skip


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_finds_the_rows_of(view):
    flags(RULE, case("author = tables.Column()", view))


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        ("paginate_by = 10", 10),
        ("table_pagination = {'per_page': 50}", 50),
        ("table_pagination = False", None),
        ("pass", 25),
    ],
)
def test_reads_the_rows_of_a_page(line, rows):
    (finding,) = flags(RULE, case("author = tables.Column()", f"{SINGLE}    {line}\n"))
    assert finding.cost is not None
    assert finding.cost.rows == rows


def test_loads_what_the_columns_read_where_the_view_makes_the_query():
    body = 'name = tables.Column(accessor="author.name")'
    rewrites(
        RULE, case(body), case(body, SINGLE.replace("all()", 'all().select_related("author")'))
    )


SILENT = {
    "a joined relation": ("author = tables.Column()", SINGLE.replace("all()", "select_related('author')")),
    "columns of the row": ("title = tables.Column()\nauthor_id = tables.Column()", SINGLE),
    "a column that is hidden": ("author = tables.Column(visible=False)", SINGLE),
    "a column that is left out": ("author = tables.Column()\n\n" + meta("fields = []", "exclude = ['author']"), SINGLE),
    "a column that is taken back": ("author = None\n\nclass Meta:\n    model = Book\n    fields = ['author']", SINGLE),
    "a column that few choose": ("author = tables.Column()\n\nclass Meta:\n    default_columns = ['title']", SINGLE),
    "a table that hides columns": ("author = tables.Column()\n\ndef __init__(self, *args):\n    super().__init__(*args)\n    self.columns.hide('author')", SINGLE),
    "a table that loads": ("author = tables.Column()\n\ndef __init__(self, data):\n    super().__init__(data.prefetch_related('author'))", SINGLE),
    "an accessor that is not known": ("x = tables.Column(accessor=NAME)", SINGLE),
    "a table of some columns": ("author = tables.Column()", f"{SINGLE}\n    def get_table_kwargs(self):\n        return {{'exclude': ('author',)}}\n"),
    "a table made of some columns": ("author = tables.Column()", "def books(request):\n    return BookTable(Book.objects.all(), exclude=('author',))\n"),
    "mappings": ("author = tables.Column()", SINGLE.replace("all()", "values()")),
    "another table": ("author = tables.Column()", SINGLE.replace("BookTable", "Unknown")),
    "rows that are filtered": ("tags = tables.ManyToManyColumn(filter=lambda rows: rows.filter(name='x'))", SINGLE),
}  # fmt: skip


@pytest.mark.parametrize(("body", "view"), SILENT.values(), ids=SILENT)
def test_says_nothing_of(body, view):
    accepts(RULE, case(body, view))


def test_renders_the_template_of_a_column():
    body = "x = tables.TemplateColumn(template_name='cell.html')"
    template = "# file: shop/templates/cell.html\n{{ record.author.name }}\n"
    (finding,) = flags(RULE, f"{case(body)}{template}")
    assert finding.place.path == "shop/templates/cell.html"
