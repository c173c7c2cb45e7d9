# ruff: noqa: E501 - a case of code stays on the line of its name
import pytest

from tests.audit_cases import accepts, flags, rewrites

RULE = "relation_read_in_admin"
MODELS = """\
# file: shop/__init__.py
# file: shop/models.py
from django.db import models


class Country(models.Model):
    name = models.CharField(max_length=100)


class Author(models.Model):
    name = models.CharField(max_length=100)
    country = models.ForeignKey(Country, null=True, on_delete=models.CASCADE)

    def __str__(self):
        return f"{self.name} ({self.country})"


class Publisher(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    title = models.CharField(max_length=100)
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    editor = models.ForeignKey(Publisher, null=True, on_delete=models.CASCADE, related_name="edited")
    publisher = models.ForeignKey(Publisher, on_delete=models.CASCADE)

    def __str__(self):
        return f"{self.title} by {self.author.name}"

    def house(self):
        return self.publisher.name


class Chapter(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="chapters")
    translator = models.ForeignKey(Publisher, on_delete=models.CASCADE)

    def __str__(self):
        return self.translator.name
"""
ADMIN = """\
# file: shop/admin.py
from django.contrib import admin

from shop.models import Author, Book, Chapter


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
"""


def case(body: str, more: str = "") -> str:
    return f"{MODELS}{ADMIN}{body}{more}"


COLUMNS = {
    # the admin joins by itself, but not what may be null, nor what __str__ reads of it
    "a foreign key that may be null": ('    list_display = ["title", "editor"]\n', "editor"),
    "what a joined row's text reads": ('    list_display = ["title", "author"]\n', "author.country"),
    "a method of the admin": ('    list_display = ["title", "x"]\n\n    def x(self, book):\n        return book.author.name\n', "author"),
    "a method of the row": ('    list_display = ["title", "house"]\n', "publisher"),
    "text": ('    list_display = ["__str__"]\n', "author"),
    "no columns": ("    search_fields = []\n", "author"),
    "many rows": ('    list_display = ["title", "x"]\n\n    def x(self, book):\n        return book.chapters.count()\n', "chapters.count()"),
    "a relation followed": ('    list_display = ["title", "publisher__name"]\n', "publisher"),
    "a key besides those that are joined": ('    list_display = ["author", "title", "house"]\n    list_select_related = ["author__country"]\n', "publisher"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "relation"), COLUMNS.values(), ids=COLUMNS)
def test_finds_what_a_column_reads_of_each_row(body, relation):
    (finding,) = flags(RULE, case(body))
    assert finding.message.startswith(relation)
    assert finding.cost is not None
    assert finding.cost.rows == 100


ACCEPTED = {
    "a foreign key that the admin joins": '    list_display = ["title", "publisher"]\n',
    "what is joined along with it": '    list_display = ["publisher", "house"]\n',
    "what is named": '    list_display = ["title", "editor", "house"]\n    list_select_related = ["editor", "publisher"]\n',
    "all": '    list_display = ["title", "house"]\n    list_select_related = True\n',
    "what the queryset loads": '    list_display = ["title", "house"]\n\n    def get_queryset(self, request):\n        return super().get_queryset(request).select_related("publisher")\n',
    "columns": '    list_display = ["title"]\n',
    "columns that are not known": "    list_display = make_columns()\n",
}


@pytest.mark.parametrize("body", ACCEPTED.values(), ids=ACCEPTED)
def test_says_nothing_of(body):
    accepts(RULE, case(body))


def test_finds_what_the_forms_of_an_inline_show():
    body = '    list_display = ["title"]\n\n\nclass ChapterInline(admin.TabularInline):\n    model = Chapter\n\n\nBookAdmin.inlines = [ChapterInline]\n'
    (finding,) = flags(RULE, case(body))
    assert "translator" in finding.message
    assert finding.fix is None  # a form knows no `queryset`


def test_knows_classes_that_are_registered_by_a_call():
    source = case(
        '    list_display = ["title"]\n',
        '\n\nclass AuthorAdmin(admin.ModelAdmin):\n    list_display = ["name", "country"]\n\n\nadmin.site.register(Author, AuthorAdmin)\n',
    )
    flags(RULE, source)


def test_mends_by_naming_what_the_admin_has_joined_so_far():
    rewrites(
        RULE,
        case('    list_display = ["title", "publisher", "editor"]\n    list_filter = []\n'),
        case(
            '    list_display = ["title", "publisher", "editor"]\n'
            '    list_select_related = ["publisher", "editor"]\n    list_filter = []\n'
        ),
    )


def test_mends_the_queryset_of_the_admin():
    body = '    list_display = ["title", "house"]\n\n    def get_queryset(self, request):\n        return Book.objects.filter(title="x"){}\n'
    rewrites(RULE, case(body.format("")), case(body.format('.select_related("publisher")')))


@pytest.mark.parametrize(
    "code",
    [
        "class ChapterInline(admin.TabularInline):\n    model = Chapter\n\n\nINLINES = [ChapterInline]\n",
        "@admin.register(Chapter)\nclass ChapterAdmin(admin.ModelAdmin):\n    model = Chapter\n",
    ],
)
def test_writes_no_queryset_beside_the_model(code):
    imports = ADMIN.partition("\n\n\n")[0]
    (finding,) = flags(RULE, f"{MODELS}{imports}\n\n\n{code}", path="shop/admin.py")
    assert finding.fix is None


JOINED = {
    "a list": ('["editor"]', '["editor", "publisher"]'),
    "a tuple": ('("editor",)', '("editor", "publisher")'),
    "nothing": ("False", '["publisher"]'),
}


@pytest.mark.parametrize(("before", "after"), JOINED.values(), ids=JOINED)
def test_adds_to_what_the_admin_names(before, after):
    body = '    list_display = ["title", "house"]\n    list_select_related = {}\n'
    rewrites(RULE, case(body.format(before)), case(body.format(after)))


def test_says_nothing_of_a_list_that_no_address_shows():
    body = '    list_display = ["title", "house"]\n\n    def get_urls(self):\n        return [path("", self.change_view)]\n'
    accepts(RULE, case(body))
    flags(RULE, case(body.replace("self.change_view)]", "self.x), *super().get_urls()]")))


def test_says_nothing_of_an_inline_that_has_one_row():
    inline = "\n\nclass ChapterInline(admin.TabularInline):\n    model = Chapter\n\n\nBookAdmin.inlines = [ChapterInline]\n"
    flags(RULE, case('    list_display = ["title"]\n', inline))
    one = MODELS.replace(
        'book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="chapters")',
        "book = models.OneToOneField(Book, on_delete=models.CASCADE)",
    )
    body = '    list_display = ["title"]\n'
    accepts(RULE, f"{one}{ADMIN}{body}{inline}")


@pytest.mark.parametrize(
    "body",
    [
        "class BookInline(admin.StackedInline):\n    model = Book\n\n\nINLINES = [BookInline]\n",
        '@admin.register(Book)\nclass BookAdmin(admin.ModelAdmin):\n    list_display = ["house"]\n    model = Book\n',
    ],
)
def test_mends_nothing_by_a_queryset_that_the_admin_does_not_use(body):
    head = ADMIN.partition("@admin.register")[0]
    (finding,) = flags(RULE, f"{MODELS}{head}{body}")
    assert finding.fix is None or "list_select_related" in finding.fix.edits[0].text


def test_mends_nothing_where_relations_are_named_elsewhere():
    (finding,) = flags(
        RULE, case('    list_display = ["title", "editor"]\n    list_select_related = True\n')
    )
    assert finding.fix is None


def test_columns_of_a_class_that_shows_two_models_are_one_finding():
    body = '    list_display = ["title", "editor"]\n\n\nclass More(Book):\n    class Meta:\n        proxy = True\n\n\nadmin.site.register(More, BookAdmin)\n'
    flags(RULE, case(body))


def test_keeps_what_the_admin_inherits():
    base = "\n\nclass Joining(admin.ModelAdmin):\n    list_select_related = ['author']\n"
    joining = f"{MODELS}{ADMIN}".replace(
        "\n\n@admin.register(Book)\nclass BookAdmin(admin.ModelAdmin):",
        f"{base}\n\n@admin.register(Book)\nclass BookAdmin(Joining):",
    )
    columns = '    list_display = ["title", "house"]\n'
    mended = f'{columns}    list_select_related = ["author", "publisher"]\n'
    rewrites(RULE, f"{joining}{columns}", f"{joining}{mended}", path="shop/admin.py")


SPARE = "\n\nclass ChapterInline(admin.TabularInline):\n    model = Chapter\n\n    def x(self):\n        return super(ChapterInline, self).x()\n"


@pytest.mark.parametrize(
    ("before", "other", "told"),
    [
        ("", "", False),
        ("    # inlines = [ChapterInline]\n", "", False),
        ("    inlines = [ChapterInline]\n", "", True),
        ("", "from shop.admin import ChapterInline\n\n\nclass A(admin.ModelAdmin):\n    inlines = [ChapterInline]\n", True),
        ("", "from shop import admin as own\n\n\nclass A(admin.ModelAdmin):\n    inlines = [own.ChapterInline]\n", True),
        ("", "class ChapterInline(admin.StackedInline):\n    pass\n\n\nclass A(admin.ModelAdmin):\n    inlines = [ChapterInline]\n", False),
    ],
)  # fmt: skip
def test_says_nothing_of_an_inline_that_no_other_code_names(before, other, told):
    source = case(f'    list_display = ["title"]\n{before}', SPARE)
    if other:
        source += f"# file: blog/__init__.py\n# file: blog/admin.py\nfrom django.contrib import admin\n{other}"
    if told:
        flags(RULE, source)
    else:
        accepts(RULE, source)


ACTION = """\
    list_display = [{columns}]
    actions = ["export"]

    def export(self, request, queryset):
        for book in queryset:
            print(book.author.name{more})
"""


def test_an_action_gets_the_rows_as_the_list_joins_them():
    rule = "forward_relation_per_row"
    accepts(rule, case(ACTION.format(columns='"title", "author"', more="")))
    (finding,) = flags(rule, case(ACTION.format(columns='"title"', more="")))
    assert finding.message.startswith("author is fetched")
    code = ACTION.format(columns='"title", "author"', more=", book.editor.name")
    (finding,) = flags(rule, case(code))
    assert finding.message.startswith("editor is fetched")
