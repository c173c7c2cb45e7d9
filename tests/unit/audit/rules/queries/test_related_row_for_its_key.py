# ruff: noqa: E501 - a case of code stays on the line of its name
import pytest

from praxis.audit.findings import Safety
from tests.audit_cases import found
from tests.unit.audit.flow.shop import MODELS, finds, ignores, mends

RULE = "related_row_for_its_key"


@pytest.mark.parametrize("attribute", ["id", "pk"])
def test_reads_the_column_of_a_fetched_row(attribute):
    code = "\ndef show():\n    book = Book.objects.get(pk=1)\n    return book.author{}\n"
    mends(RULE, code.format(f".{attribute}"), code.format("_id"))


@pytest.mark.parametrize(
    ("relation", "safety"), [("author", Safety.SAFE), ("editor", Safety.UNSAFE)]
)
def test_is_safe_only_where_the_relation_is_required(relation, safety):
    (finding,) = finds(RULE, f"\ndef f():\n    return Book.objects.first().{relation}.id\n", 3)
    assert finding.fix is not None
    assert finding.fix.safety is safety


def test_row_of_the_caller_may_hold_one_that_was_not_saved():
    models = f"{MODELS}\n\nclass Note(models.Model):\n    book = models.ForeignKey(Book, models.CASCADE)\n\n    def key(self):\n        return self.book.id\n"
    (finding,) = finds(RULE, "\n", models=models)
    assert finding.fix is not None
    assert finding.fix.safety is Safety.UNSAFE


def test_a_loop_costs_one_query_a_row():
    (finding,) = finds(RULE, "\ndef f():\n    return [b.author.id for b in Book.objects.all()]\n")
    assert finding.cost is not None
    assert (finding.cost.per_row, finding.cost.rows) == (1, None)


def test_reads_of_one_key_are_one_finding():
    code = "\ndef f():\n    b = Book.objects.first()\n    return b.author{0}, b.author{0}\n"
    mends(RULE, code.format(".id"), code.format("_id"))
    finds(RULE, code.format(".id"), 4)


ACCEPTED = {
    "the key itself": "return book.author_id",
    "its own key": "return book.id",
    "read besides": "print(book.author.name)\n    return book.author.id",
    "read later": "print(book.author.id)\n    return book.author.name",
    "a guard": "return book.editor.id if book.editor else None",
    "stored": "book.author = author\n    return book.author.id",
    "joined": "b = Book.objects.select_related('author').get()\n    return b.author.id",
    "a reverse one-to-one": "return book.cover.id",
    "a new row": "b = Book(author=author)\n    return b.author.id",
    "an unknown row": "return author.country.id",
    "a target with another key": "return book.publisher.id",
    "another field as key": "return Stamp.objects.get().country.pk",
    "after a handler": "try:\n        pass\n    except ValueError:\n        print(book.author.id)",
}
OTHER_KEYS = MODELS.replace(
    "class Publisher(models.Model):\n",
    "class Stamp(models.Model):\n    country = models.ForeignKey(Country, models.CASCADE, "
    'to_field="name")\n\n\nclass Publisher(models.Model):\n    code = models.CharField('
    "primary_key=True, max_length=3)\n",
)


@pytest.mark.parametrize("body", ACCEPTED.values(), ids=ACCEPTED)
def test_says_nothing_of(body):
    code = (
        "from shop.models import Stamp\n\n"
        f"def show(author):\n    book = Book.objects.first()\n    {body}\n"
    )
    ignores(RULE, code, OTHER_KEYS)


def test_reads_the_key_of_a_target_with_another_primary_key():
    finds(RULE, "\ndef f():\n    return Book.objects.first().publisher.pk\n", 3, models=OTHER_KEYS)


def test_leaves_an_f_string_alone_where_its_parts_have_no_place():
    (finding,) = finds(RULE, "\ndef f():\n    return f'{Book.objects.first().author.id}'\n", 3)
    assert finding.fix is None or finding.fix.edits[0].text == "_id"


def test_keeps_a_comment_between_the_parts():
    (finding,) = finds(
        RULE,
        "\ndef f():\n    return (Book.objects.first().author  # whose\n        .id)\n",
        3,
    )
    assert finding.fix is None


HANDED = {
    "the caller's row": "return self.book.id",
    "rows of the caller's row": "return [c.book.id for c in self.parts.all()]",
}
LOADED = {
    "in a query": "\n\ndef load():\n    return Book.objects.select_related('note__book')\n",
    "by a list of lookups": "\n\nclass Loader:\n    prefetch_lookups = ('parts__book',)\n",
}


@pytest.mark.parametrize("loaded", LOADED.values(), ids=LOADED)
@pytest.mark.parametrize("body", HANDED.values(), ids=HANDED)
def test_says_nothing_where_a_caller_may_have_loaded_the_relation(body, loaded):
    models = (
        f"{MODELS}\n\nclass Note(models.Model):\n    book = models.ForeignKey(Book, models.CASCADE)\n"
        "    parent = models.ForeignKey('self', models.CASCADE, related_name='parts')\n\n"
        f"    def key(self):\n        {body}\n"
    )
    finds(RULE, "\n", models=models)
    ignores(RULE, "\n", models=models + loaded)


def test_a_row_fetched_here_is_told_whatever_others_load():
    code = "\ndef show():\n    return Book.objects.get(pk=1).author.id\n"
    loaded = "\n\ndef load():\n    return Book.objects.select_related('author')\n"
    finds(RULE, code + loaded)


VIEWS = """
from django.views.generic import CreateView, UpdateView

class Edit({}):
    model = Book

    def form_valid(self, form):
        self.object = form.save()
        return super().form_valid(form)

    def get_success_url(self):
        return self.object.publisher.pk
"""


def test_says_nothing_of_the_row_that_a_view_has_made():
    ignores(RULE, VIEWS.format("CreateView"))


def test_says_nothing_of_the_row_of_a_view_whose_relation_is_loaded_somewhere():
    loaded = "\ndef other():\n    return list(Book.objects.select_related('publisher'))\n"
    view = VIEWS.format("UpdateView").replace(
        "        self.object = form.save()\n", "        print(self.object)\n"
    )
    finds(RULE, view)
    ignores(RULE, view + loaded)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("row.house(), row.publisher.name", False),
        ("row.house(), row.publisher.pk", True),
        ("row.house(), other.publisher.name", True),
        ("row.publisher.name", True),
    ],
)
def test_says_nothing_of_a_method_whose_callers_read_the_related_row(call, told):
    models = (
        f"{MODELS}\n\nclass Stock(Book):\n    def house(self):\n        return self.publisher.id\n"
    )
    code = f"{models}# file: shop/views.py\ndef show(row, other):\n    return {call}\n"
    found_ones = [f for f in found(RULE, code) if f.place.path == "shop/models.py"]
    assert bool(found_ones) == told
