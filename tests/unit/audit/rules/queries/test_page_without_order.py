import pytest

from tests.unit.audit.flow.shop import MODELS, finds, ignores

RULE = "page_without_order"
PAGINATOR = "\nfrom django.core.paginator import Paginator\n"


@pytest.mark.parametrize(
    "rows", ["Author.objects.all()", "Author.objects.filter(name='a')", "Author.objects.order_by()"]
)
def test_flags_pages_of_unordered_rows(rows):
    finds(RULE, f"{PAGINATOR}\ndef f(page):\n    return Paginator({rows}, 10).get_page(page)\n", 5)
    finds(RULE, f"\ndef f(start):\n    return list({rows}[start : start + 10])\n", 3)


@pytest.mark.parametrize(
    "rows",
    [
        "Author.objects.order_by('pk')", "Author.objects.values('pk')",
        "rows", "Author.objects.filter(name='a').order_by('name').reverse()",
    ],
)  # fmt: skip
def test_leaves_what_is_ordered_or_not_known_alone(rows):
    ignores(RULE, f"{PAGINATOR}\ndef f(rows, page):\n    return Paginator({rows}, 10)\n")


@pytest.mark.parametrize("index", ["[:10]", "[0:10]", "[0]"])
def test_leaves_any_of_the_rows_alone(index):
    ignores(RULE, f"\ndef f():\n    rows = Author.objects.all(){index}\n    print(list(rows))\n")


def test_the_models_own_order_counts():
    ordered = MODELS.replace(
        "class Author(models.Model):\n",
        "class Author(models.Model):\n    class Meta:\n        ordering = ['name']\n\n",
    )
    ignores(RULE, "\ndef f(n):\n    return list(Author.objects.all()[n:20])\n", models=ordered)
