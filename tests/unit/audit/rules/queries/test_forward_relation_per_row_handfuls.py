"""How much a finding weighs: rows that may be a handful are told as a note."""

import pytest

from praxis.audit.findings import Severity
from tests.unit.audit.flow.shop import MODELS, finds, ignores

RULE = "forward_relation_per_row"


@pytest.mark.parametrize(
    "rows",
    [
        "author.books.all()",
        "author.books.filter(pages=1)",
        "Book.objects.filter(author=author)",
        "Book.objects.filter(author_id=author.pk)",
        "Book.objects.filter(pk__in=keys)",
        "Book.objects.filter(author__name='Eco')",
        "Book.objects.filter(author__country=1)",
        "Book.objects.filter(author__country__in=keys, chapters__pk__in=keys)",
        "Book.objects.filter(Q(pages=1) & Q(author=author))",
        "Book.objects.filter(**conditions)",
        "Book.objects.all()[:10]",
    ],
)
def test_tells_of_rows_that_may_be_a_handful_as_a_note(rows):
    code = f"""
def f():
    author = Author.objects.get(pk=1)
    return [book.publisher.name for book in {rows}]
"""
    (finding,) = finds(RULE, code, 4)
    assert finding.severity is Severity.NOTE
    assert "Book row, of which there may be few. Add" in finding.message


@pytest.mark.parametrize(
    "rows",
    [
        "Book.objects.all()",
        "Book.objects.filter(author__in=authors)",
        "Book.objects.filter(pages=1)",
        "Book.objects.all()[:11]",
        "Book.objects.filter(author=1)[:11]",
        "Tag.objects.get().books.all()[:11]",
    ],
)
def test_warns_of_the_rows_of_many(rows):
    (finding,) = finds(RULE, f"\ndef f(authors):\n    return [b.publisher.name for b in {rows}]\n")
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("loop", "severity"),
    [
        ("for author in Author.objects.all()", Severity.WARNING),
        ("for number, author in enumerate(Author.objects.filter(name='Eco'))", Severity.WARNING),
        ("for author in Author.objects.filter(country=country)", Severity.NOTE),
        ("for author in country.author_set.all()", Severity.NOTE),
        ("for author in authors", Severity.NOTE),
        ("while authors", Severity.NOTE),
    ],
)
def test_warns_of_a_loop_in_one_over_many_rows(loop, severity):
    code = f"""
def f(authors, author):
    country = Country.objects.get(pk=1)
    {loop}:
        for book in Book.objects.filter(author=author):
            print(book.publisher.name)
"""
    (finding,) = finds(RULE, code)
    assert finding.severity is severity


@pytest.mark.parametrize(
    ("conditions", "severity"),
    [
        ("status='open'", Severity.NOTE),
        ("kind='pending'", Severity.NOTE),
        ("kind=Kind.IN_PROGRESS", Severity.NOTE),
        ("kind='paper'", Severity.WARNING),
        ("sent=False", Severity.NOTE),
        ("sent_at=None", Severity.NOTE),
        ("sent_at__isnull=True", Severity.NOTE),
        ("sent=True", Severity.WARNING),
        ("sent_at__isnull=False", Severity.WARNING),
        ("sent_at__lte=now()", Severity.NOTE),
        ("sent_at__lte=now(), sent_at__gt=then()", Severity.WARNING),
        ("sent_at__gte=now()", Severity.WARNING),
        ("Q(sent=True) & Q(kind='queued')", Severity.NOTE),
        ("Q(sent=True) | Q(kind='queued')", Severity.WARNING),
    ],
)
def test_tells_of_rows_that_wait_for_something_as_a_note(conditions, severity):
    models = f"""{MODELS}

class Parcel(models.Model):
    book = models.ForeignKey(Book, models.CASCADE)
    status = models.CharField(max_length=10)
    kind = models.CharField(max_length=10)
    sent = models.BooleanField(default=False)
    sent_at = models.DateTimeField(null=True)
"""
    code = f"""
from django.db.models import Q
from shop.models import Parcel

def f():
    return [parcel.book.title for parcel in Parcel.objects.filter({conditions})]
"""
    (finding,) = finds(RULE, code, 6, models=models)
    assert finding.severity is severity


@pytest.mark.parametrize(
    ("conditions", "severity"),
    [
        ("exclude(status='done')", Severity.NOTE),
        ("exclude(status=Parcel.STATUS_COMPLETED)", Severity.NOTE),
        ("exclude(status='cancelled')", Severity.WARNING),
        ("exclude(status='done', pages=1)", Severity.WARNING),
        ("exclude(pages=1)", Severity.WARNING),
        ("filter(query)", Severity.NOTE),
        ("filter(query & Q(pages=1))", Severity.NOTE),
        ("filter(Q(pages=1) | self.query)", Severity.NOTE),
        ("filter(query_of(self))", Severity.NOTE),
        ("filter(*queries)", Severity.NOTE),
        ("filter(Q(pages=1))", Severity.WARNING),
        ("filter(Exists(query))", Severity.WARNING),
    ],
)
def test_tells_of_rows_chosen_elsewhere_or_not_done_yet_as_a_note(conditions, severity):
    models = f"""{MODELS}

class Parcel(models.Model):
    book = models.ForeignKey(Book, models.CASCADE)
    status = models.CharField(max_length=10)
    pages = models.IntegerField()
"""
    code = f"""
from django.db.models import Exists, Q
from shop.models import Parcel

def f(self, query, *queries):
    return [parcel.book.title for parcel in Parcel.objects.{conditions}]
"""
    (finding,) = finds(RULE, code, 6, models=models)
    assert finding.severity is severity


@pytest.mark.parametrize(
    ("asked", "body", "severity"),
    [
        ("filter(route=None)", "parcel.route = parcel.book.title", Severity.NOTE),
        ("filter(route__isnull=True)", "parcel.route = parcel.book.title", Severity.NOTE),
        ("exclude(~Q(route=''))", "parcel.route=parcel.book.title", Severity.NOTE),
        ("filter(route=None)", "parcel.pages = parcel.book.pages", Severity.WARNING),
        ("filter(route=None)", "print(parcel.book.title, parcel.route == 1)", Severity.WARNING),
        ("order_by('route')", "parcel.route = parcel.book.title", Severity.WARNING),
    ],
)
def test_tells_of_rows_that_the_loop_deals_with_as_a_note(asked, body, severity):
    models = f"""{MODELS}

class Parcel(models.Model):
    book = models.ForeignKey(Book, models.CASCADE)
    route = models.CharField(max_length=10, null=True)
    pages = models.IntegerField()
"""
    code = f"""
from django.db.models import Q
from shop.models import Parcel

def f():
    parcels = Parcel.objects.{asked}
    for parcel in parcels:
        {body}
"""
    (finding,) = finds(RULE, code, 8, models=models)
    assert finding.severity is severity


@pytest.mark.parametrize(
    ("conditions", "severity"),
    [
        ("copied=False", Severity.NOTE),
        ("copied=True", Severity.WARNING),
        ("at_sea=True", Severity.NOTE),
        ("at_sea=False", Severity.WARNING),
        ("lost=False", Severity.WARNING),
        ("deleted=False", Severity.WARNING),
        ("published=True", Severity.WARNING),
        ("is_active=True", Severity.NOTE),
        ("owner__is_active=True", Severity.WARNING),
    ],
)
def test_tells_of_rows_whose_flag_the_code_has_yet_to_turn_as_a_note(conditions, severity):
    flags = ["copied", "at_sea", "lost", "deleted", "published", "is_active"]
    fields = "\n".join(f"    {name} = models.BooleanField(default=False)" for name in flags)
    models = f"""{MODELS}

class Parcel(models.Model):
    book = models.ForeignKey(Book, models.CASCADE)
    owner = models.ForeignKey("auth.User", models.CASCADE)
{fields}
"""
    code = f"""
from shop.models import Parcel

def f():
    return [parcel.book.title for parcel in Parcel.objects.filter({conditions})]

def copy(parcel):
    parcel.copied = True
    parcel.deleted = True
    Parcel.objects.filter(pk=parcel.pk).update(at_sea=False, published = False)
    Parcel.objects.create(lost=True)
"""
    (finding,) = finds(RULE, code, 5, models=models)
    assert finding.severity is severity


@pytest.mark.parametrize(
    ("conditions", "severity"), [("author=1", Severity.NOTE), ("pages=1", Severity.WARNING)]
)
def test_reads_what_a_filter_of_the_project_is_given(conditions, severity):
    models = MODELS.replace(
        "class BookQuerySet(models.QuerySet):",
        """class BookQuerySet(models.QuerySet):
    def filter(self, *args, **kwargs):
        return super().filter(*args, **kwargs)
""",
    )
    code = f"""
def f():
    return [book.publisher.name for book in Book.objects.filter({conditions})]
"""
    (finding,) = finds(RULE, code, 3, models=models)
    assert finding.severity is severity


def test_tells_of_rows_that_somebody_chose_in_the_admin_as_a_note():
    code = """
from django.contrib import admin

@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    actions = ["print_labels"]

    def print_labels(self, request, queryset):
        for book in queryset:
            print(book.publisher.name)
"""
    (finding,) = finds(RULE, code, 10)
    assert finding.severity is Severity.NOTE


@pytest.mark.parametrize(("name", "few"), [("Chapter", False), ("BookImage", True), ("IP", True)])
def test_passes_over_what_one_row_has_few_of(name, few):
    models = MODELS.replace("class Chapter", f"class {name}")
    code = f"""
def f(book):
    return [row.translator.name for row in {name}.objects.filter(book=book)]
"""
    code = code.replace("def f", f"from shop.models import {name}\n\ndef f")
    if few:
        ignores(RULE, code, models)
    else:
        finds(RULE, code, models=models)
    finds(RULE, code.replace(".filter(book=book)", ".all()"), models=models)


@pytest.mark.parametrize(
    ("conditions", "guard", "told"),
    [
        ("published=True", "not book.published", False),
        ("published=True", "book.published", True),
        ("published=False", "book.published", False),
        ("title='x'", "book.title == 'y'", False),
        ("title='x'", "book.title != 'x'", False),
        ("title='x'", "book.title == 'x'", True),
        ("title__exact='x'", "book.title != 'y'", True),
        ("pages=1", "book.published", True),
        ("published=wanted", "not book.published", True),
    ],
)
def test_passes_over_a_guard_that_the_query_contradicts(conditions, guard, told):
    code = f"""
def f(wanted):
    for book in Book.objects.filter({conditions}):
        if {guard}:
            print(book.publisher.name)
"""
    if told:
        finds(RULE, code, 5)
    else:
        ignores(RULE, code)


def test_sees_what_the_querysets_of_a_manager_load_by_themselves():
    models = MODELS.replace(
        "class Book(models.Model):",
        """class LoadingQuerySet(models.QuerySet):
    def filter(self, *args, **kwargs):
        return super().filter(*args, **kwargs).select_related("publisher")


class BookManager(models.Manager):
    def get_queryset(self):
        return LoadingQuerySet(self.model, using=self._db)


class Book(models.Model):""",
    ).replace("objects = BookQuerySet.as_manager()", "objects = BookManager()")
    code = """
def f():
    return [book.publisher.name for book in Book.objects.filter(pages=1)]
"""
    ignores(RULE, code, models)
    finds(RULE, code.replace("filter(pages=1)", "exclude(pages=1)"), models=models)


@pytest.mark.parametrize(("most", "severity"), [(True, Severity.NOTE), (False, Severity.WARNING)])
def test_that_all_tables_tell_when_their_rows_were_made_is_no_sign_of_growth(most, severity):
    others = "".join(
        f"\n\nclass Other{number}(Made):\n    name = models.CharField(max_length=9)\n"
        for number in range(20)
    )
    models = f"""{MODELS}

class Made(models.Model):
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class Binding(Made):
    publisher = models.ForeignKey(Publisher, models.CASCADE)
{others if most else ""}
"""
    code = """
from shop.models import Binding

def f():
    return [binding.publisher.name for binding in Binding.objects.all()]
"""
    (finding,) = finds(RULE, code, 5, models=models)
    assert finding.severity is severity


@pytest.mark.parametrize("name", ["BindingKind", "AdminBinding"])
def test_a_table_of_options_stays_small_whatever_its_columns_say(name):
    models = f"""{MODELS}

class {name}(models.Model):
    author = models.ForeignKey(Author, models.CASCADE)
    added = models.DateField(auto_now_add=True)
"""
    code = f"""
from shop.models import {name}

def f():
    return [kind.author.name for kind in {name}.objects.all()]
"""
    (finding,) = finds(RULE, code, 5, models=models)
    assert finding.severity is Severity.NOTE


@pytest.mark.parametrize(
    ("field", "severity"),
    [
        ("level = models.IntegerField()", Severity.NOTE),
        ("other = models.ForeignKey('self', models.CASCADE)", Severity.NOTE),
        ("country = models.ForeignKey(Country, models.CASCADE)", Severity.NOTE),
        ("book = models.ForeignKey(Book, models.CASCADE, related_name='+')", Severity.WARNING),
        ("added = models.DateField(auto_now_add=True)", Severity.WARNING),
        ("seller = models.ForeignKey(User, models.CASCADE)", Severity.WARNING),
    ],
)
def test_a_table_of_options_stays_small(field, severity):
    models = f"""{MODELS}

class Binding(models.Model):
    author = models.ForeignKey(Author, models.CASCADE)
    {field}
"""
    code = """
from shop.models import Binding

def f():
    return [binding.author.name for binding in Binding.objects.all()]
"""
    (finding,) = finds(RULE, code, 5, models=models)
    assert finding.severity is severity
