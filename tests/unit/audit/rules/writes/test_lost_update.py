# ruff: noqa: E501 - a case of code stays on the line of its name
import pytest

from praxis.audit.findings import Safety
from tests.audit_cases import rewrites
from tests.unit.audit.flow.shop import IMPORTS, MODELS, finds, ignores

RULE = "lost_update"

FOUND = {
    "added": "b = Book.objects.get(pk=x)\n    b.pages += 1\n    b.save()",
    "taken": "b = Book.objects.get(pk=x)\n    b.pages -= x\n    b.save()",
    "written out": "b = Book.objects.get(pk=x)\n    b.pages = b.pages + 1\n    b.save()",
    "the other way round": "b = Book.objects.get(pk=x)\n    b.pages = 1 + b.pages\n    b.save()",
    "limited": "b = Book.objects.get(pk=x)\n    b.pages = min(9, b.pages + 1)\n    b.save()",
    "or 404": "b = get_object_or_404(Book, pk=x)\n    b.pages += 1\n    b.save(update_fields=['pages'])",
    "first": "b = Book.objects.filter(x=1).first()\n    if b:\n        b.pages += 1\n        b.save()",
    "or created": "b, _ = Book.objects.get_or_create(pk=x)\n    b.pages += 1\n    b.save()",
    "each of many": "for b in Book.objects.all():\n        b.pages += 1\n        b.save()",
    "a related row": "c = Chapter.objects.get(pk=x)\n    c.book.pages += 1\n    c.book.save()",
    "shown before": "b = Book.objects.get(pk=x)\n    print(b)\n    b.pages += 1\n    b.save()",
}


@pytest.mark.parametrize("body", FOUND.values(), ids=FOUND)
def test_finds_numbers_that_are_written_back(body):
    (finding,) = finds(RULE, f"\ndef show(x):\n    {body}\n")
    assert finding.steps[-1].note == "writes the number back"
    assert finding.fix is None or finding.fix.safety is Safety.UNSAFE


IGNORED = {
    "F": "from django.db.models import F\n    b = Book.objects.get(pk=x)\n    b.pages = F('pages') + 1\n    b.save()",
    "another value": "b = Book.objects.get(pk=x)\n    b.pages = x + 1\n    b.save()",
    "multiplied": "b = Book.objects.get(pk=x)\n    b.pages *= 2\n    b.save()",
    "not saved": "b = Book.objects.get(pk=x)\n    b.pages += 1\n    return b",
    "not written": "b = Book.objects.get(pk=x)\n    b.pages += 1\n    b.save(update_fields=['title'])",
    "text": "b = Book.objects.get(pk=x)\n    b.title += 'x'\n    b.save()",
    "new": "b = Book(pages=1)\n    b.pages += 1\n    b.save()",
    "created": "b = Book.objects.create(pages=1)\n    b.pages += 1\n    b.save()",
    "given": "x.pages += 1\n    x.save()",
    "locked": "b = Book.objects.select_for_update().get(pk=x)\n    b.pages += 1\n    b.save()",
    "a lock": "with cache.lock('b'):\n        b = Book.objects.get(pk=x)\n        b.pages += 1\n        b.save()",
    "set anew": "b = Book.objects.get(pk=x)\n    b.pages += 1\n    b.pages = 3\n    b.save()",
    "summed up": "b = Book.objects.get(pk=1)\n    for c in x:\n        b.pages += c\n    b.save()",
    "a local number": "b = Book.objects.get(pk=x)\n    n = b.pages\n    n += 1\n    b.save()",
    "an error": "try:\n        y = 1\n    except E:\n        b = Book.objects.get(pk=x)\n        b.pages += 1\n        b.save()",
}


@pytest.mark.parametrize("body", IGNORED.values(), ids=IGNORED)
def test_leaves_the_rest_alone(body):
    ignores(RULE, f"\ndef show(x):\n    {body}\n")


def test_leaves_places_in_an_order_alone():
    models = MODELS.replace("pages = models", "position = models")
    code = "\ndef up(x):\n    b = Book.objects.get(pk=x)\n    b.position -= 1\n    b.save()\n"
    ignores(RULE, code, models)


def test_leaves_commands_alone():
    code = "\ndef up(x):\n    b = Book.objects.get(pk=x)\n    b.pages -= 1\n    b.save()\n"
    imports = IMPORTS.replace("shop/views.py", "shop/management/commands/up.py")
    from tests.audit_cases import accepts

    accepts(RULE, f"{MODELS}{imports}{code}")


def test_tells_a_row_once_however_many_numbers_change():
    (finding,) = finds(
        RULE,
        "\ndef show(x):\n    b = Book.objects.get(pk=x)\n    b.pages += 1\n    b.sold -= 1\n    b.save()\n",
        4,
        models=MODELS.replace(
            "    pages =", "    sold = models.IntegerField(default=0)\n    pages ="
        ),
    )
    assert "so does sold" in [step.note for step in finding.steps]


def with_import(code, imports="Prefetch, prefetch_related_objects"):
    head = IMPORTS.replace("Prefetch, prefetch_related_objects", imports)
    return f"{MODELS}{head}{code}"


REWRITTEN = {
    "b.pages += 1": 'b.pages = F("pages") + 1',
    "b.pages -= len(x)": 'b.pages = F("pages") - len(x)',
    "b.pages -= x - 1": 'b.pages = F("pages") - (x - 1)',
    "b.pages = b.pages + x": 'b.pages = F("pages") + x',
    "b.pages = b.pages - 1": 'b.pages = F("pages") - 1',
}


@pytest.mark.parametrize(("before", "after"), REWRITTEN.items())
def test_lets_the_database_add(before, after):
    code = "\ndef show(x):\n    b = Book.objects.get(pk=x)\n    {}\n    b.save()\n    return redirect(b.author)\n"
    rewrites(
        RULE,
        with_import(code.format(before)),
        with_import(code.format(after), "F, Prefetch, prefetch_related_objects"),
    )


NOT_FIXED = {
    "read": "b = Book.objects.get(pk=x)\n    b.pages += 1\n    b.save()\n    return b.pages",
    "handed on": "b = Book.objects.get(pk=x)\n    b.pages += 1\n    b.save()\n    return render(b)",
    "a property": "b = Book.objects.get(pk=x)\n    b.pages += 1\n    b.save()\n    return b.heading",
    "a condition": "b = Book.objects.get(pk=x)\n    b.pages += 1\n    if b.pages > 3:\n        b.title = 'x'\n    b.save()",
    "in its own value": "b = Book.objects.get(pk=x)\n    b.pages += b.pages\n    b.save()",
    "limited": "b = Book.objects.get(pk=x)\n    b.pages = min(9, b.pages + 1)\n    b.save()",
    "the loop": "for b in Book.objects.all():\n        print(b)\n        b.pages += 1\n        b.save()",
}


@pytest.mark.parametrize("body", NOT_FIXED.values(), ids=NOT_FIXED)
def test_has_no_fix_where_the_number_may_be_read_again(body):
    (finding,) = finds(RULE, f"\ndef show(x):\n    {body}\n")
    assert finding.fix is None


@pytest.mark.parametrize(
    "models",
    [
        MODELS.replace("pages = models.IntegerField(", "pages = models.IntegerField(null=True, "),
        MODELS.replace(
            "    @property\n",
            "    def save(self, *args):\n        super().save(*args)\n\n    @property\n",
            1,
        ),
        f"{MODELS}\n\n@receiver(post_save, sender=Book)\ndef saved(instance, **kwargs):\n    pass\n",
    ],
    ids=["null", "save", "receivers"],
)
def test_has_no_fix_where_others_see_the_expression(models):
    code = "\ndef show(x):\n    b = Book.objects.get(pk=x)\n    b.pages += 1\n    b.save()\n"
    (finding,) = finds(RULE, code, models=models)
    assert finding.fix is None
