# ruff: noqa: E501 - a case of code stays on the line of its name
import pytest

from praxis.audit.findings import Severity
from tests.audit_cases import accepts, flags, rewrites

RULE = "relation_read_in_template"
MODELS = """\
# file: shop/__init__.py
# file: shop/models.py
from django.db import models


class Country(models.Model):
    name = models.CharField(max_length=100)


class Author(models.Model):
    name = models.CharField(max_length=100)
    country = models.ForeignKey(Country, on_delete=models.CASCADE)

    def __str__(self):
        return f"{self.name} ({self.country.name})"


class Tag(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    title = models.CharField(max_length=100)
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    tags = models.ManyToManyField(Tag)

    @property
    def byline(self):
        return self.author.name

    def first_chapter(self):
        return self.chapters.order_by("number").first()


class Chapter(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="chapters")
    number = models.IntegerField()
    translator = models.ForeignKey(Author, on_delete=models.CASCADE)
"""
VIEWS = """\
# file: shop/views.py
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.template.loader import get_template, render_to_string
from django.template.response import TemplateResponse
from django.views.generic import DetailView, ListView, TemplateView

from shop.models import Author, Book

"""
PAGE = "# file: shop/templates/shop/books.html\n"
FUNCTION = 'def show(request):\n    return render(request, "shop/books.html", {"books": Book.objects.all()})\n'


def case(template: str, view: str = FUNCTION, more: str = "") -> str:
    return f"{MODELS}{VIEWS}{view}{more}{PAGE}{template}\n"


TEMPLATES = {
    "a loop": "{% for book in books %}{{ book.author.name }}{% endfor %}",
    "a property": "{% for book in books %}{{ book.byline }}{% endfor %}",
    "text": "{% for book in books %}{{ book.author }}{% endfor %}",
    "a nested loop": "{% for book in books %}{% for tag in book.tags.all %}{{ tag.name }}{% endfor %}{% endfor %}",
    "a count": "{% for book in books %}{{ book.chapters.count }}{% endfor %}",
    "a length": "{% for book in books %}{{ book.chapters.all|length }}{% endfor %}",
    "a query of a method": "{% for book in books %}{{ book.first_chapter.number }}{% endfor %}",
    "a name for it": "{% for book in books %}{% with author=book.author %}{{ author.name }}{% endwith %}{% endfor %}",
    "a condition": "{% for book in books %}{% if book.author.name %}x{% endif %}{% endfor %}",
    "an address": '{% for book in books %}{% url "author" book.author.name %}{% endfor %}',
    "a group": "{% regroup books by author.name as groups %}{% for group in groups %}{{ group.grouper }}{% endfor %}",
    "what a group holds": "{% regroup books by title as groups %}{% for group in groups %}{% for book in group.list %}{{ book.author.name }}{% endfor %}{% endfor %}",
    "an order": '{% for book in books|dictsort:"author.name" %}{{ book.title }}{% endfor %}',
    "a slice": '{% for book in books|slice:":5" %}{{ book.author.name }}{% endfor %}',
    "two loops": "{% for book in books %}{{ book.author.name }}{% endfor %}{% for book in books %}{{ book.author.name }}{% endfor %}",
}  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_finds_what_is_read_of_each_row(template):
    (finding,) = flags(RULE, case(template))
    assert finding.place.path.endswith("books.html")
    assert finding.steps[0].place.path == "shop/views.py"


VIEW_STYLES = {
    "a context that is built": 'def show(request):\n    context = {"x": 1}\n    context.update(books=Book.objects.all())\n    return render(request, "shop/books.html", context)\n',
    "a response": 'def show(request):\n    return TemplateResponse(request, "shop/books.html", {"books": Book.objects.all()})\n',
    "a string": 'def show():\n    return render_to_string("shop/books.html", {"books": Book.objects.all()})\n',
    "a template": 'def show():\n    return get_template("shop/books.html").render({"books": Book.objects.all()})\n',
    "a keyword": 'def show(request):\n    return render(request, "shop/books.html", context={"books": Book.objects.all()})\n',
    "a helper": 'def page(request, name, context):\n    return render(request, name, context)\n\ndef show(request):\n    return page(request, "shop/books.html", {"books": Book.objects.all()})\n',
    "a page": 'def show(request):\n    return render(request, "shop/books.html", {"books": Paginator(Book.objects.all(), 10).get_page(1)})\n',
    "a list view": 'class Show(ListView):\n    model = Book\n    template_name = "shop/books.html"\n    context_object_name = "books"\n',
    "a list view with a queryset": 'class Show(ListView):\n    queryset = Book.objects.order_by("title")\n    template_name = "shop/books.html"\n    context_object_name = "books"\n',
    "a list view with a method": 'class Show(ListView):\n    template_name = "shop/books.html"\n    context_object_name = "books"\n\n    def get_queryset(self):\n        return Book.objects.filter(title="x")\n',
    "a list view that inherits": 'class Base(ListView):\n    template_name = "shop/books.html"\n    context_object_name = "books"\n\nclass Show(Base):\n    def get_queryset(self):\n        return Book.objects.filter(title="x")\n',
    "a context method": 'class Show(TemplateView):\n    template_name = "shop/books.html"\n\n    def get_context_data(self, **kwargs):\n        context = super().get_context_data(**kwargs)\n        context["books"] = Book.objects.all()\n        return context\n',
    "a context method of a mixin": 'class Mixin:\n    def get_context_data(self, **kwargs):\n        return super().get_context_data(**kwargs) | {"books": Book.objects.all()}\n\nclass Show(Mixin, TemplateView):\n    template_name = "shop/books.html"\n',
    "a detail view's rows": 'class Show(DetailView):\n    model = Author\n    template_name = "shop/books.html"\n\n    def get_context_data(self, **kwargs):\n        return super().get_context_data(books=self.object.books.filter(title="x"), **kwargs)\n',
}  # fmt: skip


@pytest.mark.parametrize("view", VIEW_STYLES.values(), ids=VIEW_STYLES)
def test_finds_the_query_however_the_view_hands_it_over(view):
    (finding,) = flags(RULE, case("{% for book in books %}{{ book.tags.all }}{% endfor %}", view))
    assert "tags" in finding.message


def test_finds_what_an_included_template_reads():
    more = "# file: shop/templates/shop/card.html\n{{ item.author.name }}\n"
    (finding,) = flags(
        RULE,
        case(
            '{% for book in books %}{% include "shop/card.html" with item=book %}{% endfor %}',
            more=more,
        ),
    )
    assert finding.place.path == "shop/templates/shop/card.html"
    assert [step.note for step in finding.steps][1:3] == [
        "renders shop/books.html",
        "includes shop/card.html",
    ]


FLAGS = {
    "in a block": "{% if open %}{{ book.author.name }}{% endif %}",
    "in the condition": "{% if open and book.author.name %}yes{% endif %}",
    "compared": '{% if open == "yes" %}{{ book.author.name }}{% endif %}',
}


@pytest.mark.parametrize("card", FLAGS.values(), ids=FLAGS)
def test_a_name_that_only_other_includes_hand_over_is_nothing(card):
    loop = '{{% for book in books %}}{{% include "shop/card.html"{} %}}{{% endfor %}}'
    more = f"# file: shop/templates/shop/card.html\n{card}\n"
    other = (
        """# file: shop/templates/shop/one.html\n{% include "shop/card.html" with open="yes" %}\n"""
    )
    accepts(RULE, case(loop.format(""), more=more + other))
    flags(RULE, case(loop.format(' with open="yes"'), more=more))
    flags(RULE, case(loop.format(""), more=more))  # the view may hand it over
    named = '{% with open="yes" %}' + loop.format("") + "{% endwith %}"
    flags(RULE, case(named, more=more + other))


def test_finds_what_a_block_reads_in_the_template_that_is_extended():
    more = "# file: shop/templates/base.html\n<main>{% block main %}{% endblock %}</main>\n"
    template = '{% extends "base.html" %}{% block main %}{% for book in books %}{{ book.author.name }}{% endfor %}{% endblock %}'
    flags(RULE, case(template, more=more))


def test_a_block_that_is_replaced_is_not_rendered():
    base = "{% block main %}{% for book in books %}{{ book.author.name }}{% endfor %}{% endblock %}"
    more = f"# file: shop/templates/base.html\n{base}\n"
    replaced = '{% extends "base.html" %}{% block main %}nothing{% endblock %}'
    accepts(RULE, case(replaced, more=more))
    kept = '{% extends "base.html" %}{% block main %}{{ block.super }}{% endblock %}'
    flags(RULE, case(kept, more=more))


def test_finds_what_tags_and_filters_of_the_project_read():
    more = """\
# file: shop/templatetags/__init__.py
# file: shop/templatetags/books.py
from django import template

register = template.Library()


@register.simple_tag
def byline(book):
    return book.author.name


@register.filter
def country(book):
    return book.author.country.name


@register.inclusion_tag("shop/tags.html")
def tags(book):
    return {"tags": book.tags.all()}
# file: shop/templates/shop/tags.html
{% for tag in tags %}{{ tag.name }}{% endfor %}
"""
    template = "{% load books %}{% for book in books %}{% byline book %}{{ book|country }}{% tags book %}{% endfor %}"
    (finding,) = flags(RULE, case(template, more=more))
    assert '.select_related("author__country").prefetch_related("tags")' in finding.message


def test_finds_what_a_context_processor_hands_to_every_template():
    more = """\
# file: site/settings.py
TEMPLATES = [{"OPTIONS": {"context_processors": ["shop.context.shelf"]}}]
# file: shop/context.py
from shop.models import Book


def shelf(request):
    return {"shelf": Book.objects.all()}
"""
    (finding,) = flags(
        RULE, case("{% for book in shelf %}{{ book.author.name }}{% endfor %}", more=more)
    )
    assert finding.steps[0].place.path == "shop/context.py"
    assert finding.fix is not None
    tags = "{% for book in shelf %}{% for tag in book.tags.all %}{{ tag }}{% endfor %}{% endfor %}"
    (finding,) = flags(RULE, case(tags, more=more))
    assert finding.fix is None  # every other page would pay for it


def test_rows_of_one_row_are_loaded_where_that_one_is_fetched():
    view = 'def show(request, pk):\n    book = get_object_or_404(Book, pk=pk)\n    return render(request, "shop/books.html", {"book": book})\n'
    asked = '(\n        Book.objects.prefetch_related("chapters__translator"), pk=pk\n    )'
    fixed = view.replace("(Book, pk=pk)", asked)
    template = "{% for chapter in book.chapters.all %}{{ chapter.translator.name }}{% endfor %}"
    rewrites(RULE, case(template, view), case(template, fixed))


def test_mends_the_model_of_a_view():
    view = 'class Show(ListView):\n    model = Book\n    template_name = "shop/books.html"\n'
    fixed = view.replace(
        "model = Book\n",
        'model = Book\n    queryset = Book.objects.select_related("author").prefetch_related("tags")\n',
    )
    template = (
        "{% for book in object_list %}{{ book.author.name }}{{ book.tags.all|length }}{% endfor %}"
    )
    rewrites(RULE, case(template, view), case(template, fixed))


def test_mends_the_chain_of_calls():
    view = 'def show(request):\n    books = Book.objects.filter(title="x")\n    return render(request, "shop/books.html", {"books": books})\n'
    fixed = view.replace('title="x")', 'title="x").select_related("author")')
    template = "{% for book in books %}{{ book.author.name }}{% endfor %}"
    rewrites(RULE, case(template, view), case(template, fixed))


JINJA = {
    "a loop": "{% set x = 1 %}{% for book in books %}{{ book.author.name }}{% endfor %}",
    "a call": "{% for book in books %}{% for tag in book.tags.all() %}{{ tag.name }}{% endfor %}{% endfor %}",
    "a macro": "{% macro card(book) %}{{ book.author.name }}{% endmacro %}{% for book in books %}{{ card(book) }}{% endfor %}",
    "a map": "{{ books|map(attribute='author.name')|join(', ') }}",
}


@pytest.mark.parametrize("template", JINJA.values(), ids=JINJA)
def test_reads_templates_of_jinja(template):
    source = (
        case("x").replace("shop/books.html", "shop/books.jinja").replace("\nx\n", f"\n{template}\n")
    )
    (finding,) = flags(RULE, source)
    assert finding.place.path.endswith("books.jinja")


ACCEPTED = {
    "what is loaded": ('Book.objects.select_related("author__country").prefetch_related("tags", "chapters")', "{% for book in books %}{{ book.author }}{{ book.byline }}{% for tag in book.tags.all %}{{ tag }}{% endfor %}{{ book.chapters.count }}{% endfor %}"),
    "columns": ("Book.objects.all()", "{% for book in books %}{{ book.title }}{{ book.author_id }}{% endfor %}"),
    "values": ('Book.objects.values("author")', "{% for book in books %}{{ book.author.name }}{% endfor %}"),
    "one row": ("Book.objects.first()", "{{ books.author.name }}{{ books.tags.all }}"),
    "the first row": ("Book.objects.all()", "{{ books.0.author.name }}{{ books.first.author.name }}"),
    "a cached fragment": ("Book.objects.all()", "{% load cache %}{% for book in books %}{% cache 60 book book.pk %}{{ book.author.name }}{% endcache %}{% endfor %}"),
    "a comment": ("Book.objects.all()", "{% comment %}{% for book in books %}{{ book.author.name }}{% endfor %}{% endcomment %}"),
    "another name": ("Book.objects.all()", "{% for book in other %}{{ book.author.name }}{% endfor %}"),
    "a name that is bound again": ("Book.objects.all()", "{% for book in books %}{% for book in x %}{{ book.author.name }}{% endfor %}{% endfor %}"),
    "broken tags": ("Book.objects.all()", "{% for book in books %}{% endif %}{{ book.title }}{% endfor"),
    "a template that includes itself": ("Book.objects.all()", '{% include "shop/books.html" with books=books %}'),
}  # fmt: skip


@pytest.mark.parametrize(("queryset", "template"), ACCEPTED.values(), ids=ACCEPTED)
def test_says_nothing_of(queryset, template):
    accepts(RULE, case(template, FUNCTION.replace("Book.objects.all()", queryset)))


def test_a_reverse_manager_knows_its_row():
    view = 'def show(request, pk):\n    author = get_object_or_404(Author, pk=pk)\n    return render(request, "shop/books.html", {"author": author})\n'
    accepts(
        RULE, case("{% for book in author.books.all %}{{ book.author.name }}{% endfor %}", view)
    )


def test_rows_that_a_list_kept_know_the_row_that_they_belong_to():
    view = """\
def show(request, pk):
    author = get_object_or_404(Author, pk=pk)
    books = [book for book in author.books.order_by("title") if book.title]
    return render(request, "shop/books.html", {"books": books})
"""
    accepts(RULE, case("{% for book in books %}{{ book.byline }}{% endfor %}", view))


def test_a_manager_that_makes_its_querysets_itself_knows_its_row():
    manager = """\
class BookManager(models.Manager):
    def get_queryset(self):
        return BookQuerySet(self.model, using=self._db)


class BookQuerySet(models.QuerySet):
    pass


class Book(models.Model):
    objects = BookManager()
"""
    view = """\
def show(request, pk):
    author = get_object_or_404(Author, pk=pk)
    return render(request, "shop/books.html", {"books": author.books.order_by("title")})
"""
    source = case("{% for book in books %}{{ book.byline }}{% endfor %}", view)
    accepts(RULE, source.replace("class Book(models.Model):\n", manager))


def test_rows_keep_what_the_loop_that_chose_them_has_fetched():
    view = """\
def show(request):
    books = [book for book in Book.objects.all() if book.author.name]
    return render(request, "shop/books.html", {"books": books})
"""
    accepts(RULE, case("{% for book in books %}{{ book.byline }}{% endfor %}", view))
    more = "{% for book in books %}{{ book.byline }}{{ book.author.country.name }}{% endfor %}"
    (finding,) = flags(RULE, case(more, view))
    assert finding.message.startswith("author.country is fetched")


def test_rows_do_not_keep_the_many_rows_that_a_loop_has_fetched():
    view = """\
def show(request):
    books = [book for book in Book.objects.all() if book.tags.all()]
    return render(request, "shop/books.html", {"books": books})
"""
    template = (
        "{% for book in books %}{% for tag in book.tags.all %}{{ tag }}{% endfor %}{% endfor %}"
    )
    flags(RULE, case(template, view))


def test_a_view_that_answers_no_get_shows_nothing():
    view = """from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST


@method_decorator(require_POST, name="dispatch")
class Books(ListView):
    model = Book
    template_name = "shop/books.html"
"""
    page = "{% for book in object_list %}{{ book.author.name }}{% endfor %}\n"
    accepts(RULE, f"{MODELS}{VIEWS}{view}{PAGE}{page}", path="shop/templates/shop/books.html")


NOT_SHOWN = {
    "a view for posts": '@method_decorator(require_POST, name="dispatch")\nclass Show(ListView):\n    model = Book\n    template_name = "shop/books.html"\n    context_object_name = "books"\n',
    "a view without get": 'class Show(ListView):\n    http_method_names = ["post"]\n    model = Book\n    template_name = "shop/books.html"\n    context_object_name = "books"\n',
    "a get that shows nothing": 'class Show(ListView):\n    model = Book\n    template_name = "shop/books.html"\n    context_object_name = "books"\n\n    def get(self, request):\n        return redirect("/")\n',
}  # fmt: skip


@pytest.mark.parametrize("view", NOT_SHOWN.values(), ids=NOT_SHOWN)
def test_says_nothing_of_a_page_that_is_not_shown(view):
    accepts(RULE, case("{% for book in books %}{{ book.author.name }}{% endfor %}", view))


@pytest.mark.parametrize(
    ("template", "cure"),
    [
        (
            "{% for book in books %}{{ book.edition_set.count }}{% endfor %}",
            'Annotate the query with Count("edition").',
        ),
        (
            "{% for book in books %}{{ book.print_set.count }}{% endfor %}",
            'Annotate the query with Count("print").',
        ),
        (
            "{% for book in books %}{{ book.reviews.count }}{% endfor %}",
            'Annotate the query with Count("review").',
        ),
        (
            "{% for book in books %}{{ book.author.books.count }}{% endfor %}",
            'Annotate the query with Count("author__books").',
        ),
        (
            "{% for book in books %}{% for chapter in book.chapters.all %}{{ chapter.note_set.count }}{% endfor %}{% endfor %}",
            'Annotate the queryset of Prefetch("chapters", queryset=…) with Count("note").',
        ),
    ],
)
def test_annotations_are_named_as_lookups_are(template, cure):
    further = """

class Edition(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE)


class Print(models.Model):
    books = models.ManyToManyField(Book)


class Review(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="reviews", related_query_name="review")


class Note(models.Model):
    chapter = models.ForeignKey(Chapter, on_delete=models.CASCADE)
"""
    (finding,) = flags(RULE, f"{MODELS}{further}{VIEWS}{FUNCTION}{PAGE}{template}")
    assert cure in finding.message


def test_what_is_prefetched_anyway_is_counted_in_memory():
    template = "{% for book in books %}{% if book.chapters.count %}{% for chapter in book.chapters.all %}{{ chapter.number }}{% endfor %}{% endif %}{% endfor %}"
    (finding,) = flags(RULE, f"{MODELS}{VIEWS}{FUNCTION}{PAGE}{template}")
    assert "Annotate" not in finding.message
    assert '.prefetch_related("chapters")' in finding.message


@pytest.mark.parametrize(
    ("book", "rows", "severity"),
    [
        ("get_object_or_404(Book, pk=1)", "book.chapters.all", Severity.NOTE),
        ("Book.objects.first()", "book.chapters.all", Severity.NOTE),
        ("Chapter.objects.all()", "book", Severity.WARNING),
    ],
)
def test_tells_of_the_rows_of_a_single_one_as_a_note(book, rows, severity):
    models = MODELS.replace(
        "class Author(models.Model):\n",
        "class Author(models.Model):\n    joined = models.DateField()\n",
    )
    view = (
        f'def show(request):\n    return render(request, "shop/books.html", {{"book": {book}}})\n'
    )
    page = f"{{% for chapter in {rows} %}}{{{{ chapter.translator.name }}}}{{% endfor %}}\n"
    views = VIEWS.replace("import Author, Book", "import Author, Book, Chapter")
    (finding,) = flags(RULE, models + views + view + PAGE + page)
    assert finding.severity is severity
