# ruff: noqa: E501 - a case of code stays on the line of its name
import pytest

from praxis.audit.findings import Safety
from tests.audit_cases import found
from tests.unit.audit.flow.shop import IMPORTS, MODELS, finds, ignores, mends

RULE = "save_of_every_column"


def test_names_what_was_set_and_what_django_sets():
    mends(
        RULE,
        """
def rename(pk, title, owner):
    book = Book.objects.get(pk=pk)
    book.title = title
    book.owner_id = owner
    book.save()
""",
        """
def rename(pk, title, owner):
    book = Book.objects.get(pk=pk)
    book.title = title
    book.owner_id = owner
    book.save(update_fields=["title", "owner", "changed_at"])
""",
    )


FOUND = {
    "get_object_or_404": "b = get_object_or_404(Book, pk=1)\n    b.pages = 3\n    b.save()",
    "first": "b = Book.objects.first()\n    b.pages += 3\n    b.save()",
    "a condition": "b = Book.objects.first()\n    if x:\n        b.pages = 3\n    b.save()",
    "several targets": "b = Book.objects.first()\n    b.pages, b.title = x\n    b.save()",
    "a related row": "b = Chapter.objects.get(pk=x).book\n    b.pages = 3\n    b.save()",
    "a relation": "b = Book.objects.first()\n    b.author = x\n    b.save()",
    "reads of other fields": "b = Book.objects.first()\n    b.pages = len(b.title)\n    b.save()",
    "handed on after": "b = Book.objects.first()\n    b.pages = 3\n    b.save()\n    x(b)",
    "printed before": "b = Book.objects.first()\n    print(b)\n    b.pages = 3\n    b.save()",
    "async": "b = Book.objects.first()\n    b.pages = 3\n    b.asave()",
}


@pytest.mark.parametrize("body", FOUND.values(), ids=FOUND)
def test_finds_rows_saved_whole(body):
    (finding,) = finds(RULE, f"\ndef show(x):\n    {body}\n")
    assert finding.fix is not None
    assert finding.fix.safety is Safety.UNSAFE


def test_each_branch_names_its_own_fields():
    first, second = finds(
        RULE,
        """
def show(x):
    book = Book.objects.first()
    if x:
        book.title = "x"
        book.save()
    else:
        book.pages = 3
        book.save()
""",
        6,
        9,
    )
    assert '["title", "changed_at"]' in first.message
    assert '["pages", "changed_at"]' in second.message


ACCEPTED = {
    "named": "b = Book.objects.first()\n    b.pages = 3\n    b.save(update_fields=['pages'])",
    "forced": "b = Book.objects.first()\n    b.pages = 3\n    b.save(force_update=True)",
    "created or fetched": "b, new = Book.objects.get_or_create(pk=1)\n    b.pages = 3\n    b.save()",
    "locked": "b = Book.objects.select_for_update().get(pk=1)\n    b.pages = 3\n    b.save()",
    "locked before": (
        "books = Book.objects.select_for_update()\n    b = books.get(pk=1)\n"
        "    b.pages = 3\n    b.save()"
    ),
    "nothing set": "b = Book.objects.first()\n    b.save()",
    "a new row": "b = Book()\n    b.pages = 3\n    b.save()",
    "maybe new": (
        "b = Book.objects.first()\n    if b is None:\n        b = Book()\n"
        "    b.pages = 3\n    b.save()"
    ),
    "a row of the caller": "x.pages = 3\n    x.save()",
    "handed on before": "b = Book.objects.first()\n    b.pages = 3\n    x(b)\n    b.save()",
    "a form's row": "b = Book.objects.first()\n    f = x(instance=b)\n    b.pages = 3\n    b.save()",
    "a method before": "b = Book.objects.first()\n    b.pages = 3\n    b.prepare()\n    b.save()",
    "a property": "b = Book.objects.first()\n    b.pages = 3\n    b.heading = 'x'\n    b.save()",
    "changed in place": "b = Book.objects.first()\n    b.data['x'] = 1\n    b.pages = 3\n    b.save()",
    "setattr": "b = Book.objects.first()\n    b.pages = 3\n    setattr(b, x, 1)\n    b.save()",
    "kept elsewhere": "b = Book.objects.first()\n    x.book = b\n    b.pages = 3\n    b.save()",
    "rows of a loop": "for b in Book.objects.all():\n        b.pages = 3\n        b.save()",
    "deferred": "b = Book.objects.only('pages').first()\n    b.pages = 3\n    b.save()",
    "a field that other code has added": "b = Book.objects.first()\n    b.pages = 3\n    b.seen = 3\n    b.save()",
    "no field": "b = Book.objects.first()\n    b.seen = 3\n    b.save()",
    "the key": "b = Book.objects.first()\n    b.id = None\n    b.pages = 3\n    b.save()",
    "a key by its other name": "b = Book.objects.first()\n    b.pk = None\n    b.pages = 3\n    b.save()",
    "most columns": "c = Chapter.objects.first()\n    c.title = x\n    c.book = x\n    c.save()",
}


@pytest.mark.parametrize("body", ACCEPTED.values(), ids=ACCEPTED)
def test_says_nothing_of(body):
    ignores(RULE, f"\ndef show(x):\n    {body}\n")


WIDE = "\n\nclass Note(models.Model):\n    text = models.TextField()\n    changed_at = models.DateTimeField(auto_now=True)\n"


@pytest.mark.parametrize(("others", "told"), [(3, False), (4, True)])
def test_speaks_where_four_columns_are_spared(others, told):
    fields = "".join(f"    other_{number} = models.TextField()\n" for number in range(others))
    code = "\ndef show():\n    n = Note.objects.first()\n    n.text = 'x'\n    n.save()\n"
    code = f"from shop.models import Note\n{code}"
    (finds if told else ignores)(RULE, code, models=MODELS + WIDE + fields)


def test_counts_the_columns_of_the_bases():
    base = (
        "\n\nclass Dated(models.Model):\n    a = models.TextField()\n    b = models.TextField()\n"
        "    c = models.TextField()\n    d = models.TextField()\n\n    class Meta:\n"
        "        abstract = True\n"
    )
    code = "\ndef show():\n    n = Note.objects.first()\n    n.text = 'x'\n    n.save()\n"
    models = MODELS + base + WIDE.replace("(models.Model)", "(Dated)")
    finds(RULE, f"from shop.models import Note\n{code}", models=models)


SAVES = "    def save(self, *args, **kwargs):\n        super().save(*args, **kwargs)\n\n"


def test_says_nothing_where_the_model_overrides_save():
    code = "\ndef show():\n    b = Book.objects.first()\n    b.pages = 3\n    b.save()\n"
    finds(RULE, code)
    ignores(RULE, code, MODELS.replace("    @property\n", f"{SAVES}    @property\n"))


def test_says_nothing_where_a_field_sets_itself():
    code = "\ndef show():\n    b = Book.objects.first()\n    b.pages = 3\n    b.save()\n"
    field = "    slug = AutoSlugField(populate_from='title')\n    @property\n"
    models = MODELS.replace("    @property\n", field).replace(
        "from django.db import models",
        "from django.db import models\nfrom slugs import AutoSlugField",
    )
    ignores(RULE, code, models)


def test_leaves_a_comment_between_the_parentheses():
    (finding,) = finds(
        RULE,
        "\ndef f():\n    b = Book.objects.first()\n    b.pages = 3\n    b.save(\n        # all\n    )\n",
        5,
    )
    assert finding.fix is None


def test_says_nothing_of_a_row_that_a_helper_may_have_changed():
    ignores(
        RULE,
        """
def load(pk):
    book = Book.objects.get(pk=pk)
    book.pages = 1
    return book

def rename(pk, title):
    book = load(pk)
    book.title = title
    book.save()
""",
    )


def test_a_row_is_told_once_with_all_that_any_call_sets():
    (finding,) = finds(
        RULE,
        """
def rename(pk, title=None):
    book = Book.objects.get(pk=pk)
    if title is not None:
        book.title = title
    book.pages = 1
    book.save()

def one(pk):
    rename(pk)
""",
    )
    assert '"title", "pages"' in finding.message


@pytest.mark.parametrize(
    ("receiver", "told"),
    [
        ("@receiver(pre_save, sender=Book)", False),
        ("@receiver([pre_save, post_save], sender=Book)", False),
        ("@receiver(pre_save)", False),
        ("@receiver(post_save, sender=Book)", True),
        ("@receiver(pre_save, sender=Author)", True),
    ],
)
def test_a_receiver_may_set_further_fields_before_saving(receiver, told):
    code = f"\n{receiver}\ndef fill(instance, **kwargs):\n    instance.slug = instance.title\n\ndef show(x):\n    b = Book.objects.first()\n    b.pages = 3\n    b.save()\n"
    if told:
        finds(RULE, code)
    else:
        ignores(RULE, code)


def test_leaves_a_row_that_is_to_be_saved_with_others_to_that_rule():
    code = "\ndef f(keys):\n    for key in keys:\n        book = Book.objects.get(pk=key)\n        book.pages = 3\n        book.save()\n"
    ignores(RULE, code)
    assert finds("save_per_row", code)
    finds(RULE, code.replace("        book.save()\n", "        x(key)\n        book.save()\n"))


@pytest.mark.parametrize("other", ["Author", "Book"])
def test_says_nothing_of_a_row_of_either_of_two_models(other):
    code = f"""
def rename(model, pk):
    row = get_object_or_404(model, pk=pk)
    row.published = True
    row.save()

def one(pk):
    rename(Book, pk)

def another(pk):
    rename({other}, pk)
"""
    models = MODELS.replace(
        "class Author(models.Model):",
        "class Author(models.Model):\n    published = models.BooleanField(default=False)",
    )
    assert len(found(RULE, f"{models}{IMPORTS}{code}")) == (other == "Book")


def test_a_command_that_makes_up_values_need_not_spare_columns():
    source = f"{MODELS}{IMPORTS.replace('shop/views.py', 'shop/management/commands/a.py')}"
    code = (
        "\ndef f(pk):\n    b = Book.objects.get(pk=pk)\n    b.pages = randint(1, 9)\n    b.save()\n"
    )
    assert not found(RULE, f"{source}from random import randint\n{code}")
    assert found(RULE, f"{source}{code}")
