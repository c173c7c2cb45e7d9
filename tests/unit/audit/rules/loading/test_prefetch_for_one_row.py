import pytest

from tests.unit.audit.flow.shop import ignores, mends

RULE = "prefetch_for_one_row"
CODE = "\ndef view(pk, rows):\n    return {}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('Book.objects.prefetch_related("tags").get(pk=pk)', "Book.objects.get(pk=pk)"),
        (
            'rows.filter(x=1).prefetch_related("tags", "cover").order_by("x").first()',
            'rows.filter(x=1).order_by("x").first()',
        ),
    ],
)
def test_removes_a_prefetch_for_one_row(before, after):
    mends(RULE, CODE.format(before), CODE.format(after))


@pytest.mark.parametrize(
    "query",
    [
        'Book.objects.prefetch_related("tags")',
        'Book.objects.prefetch_related("author__books").get(pk=pk)',
        'Book.objects.prefetch_related(Prefetch("tags", to_attr="x")).get(pk=pk)',
        'Book.objects.select_related("author").get(pk=pk)',
        "rows.prefetch_related(*pk).first()",
        "rows.get(pk=pk)",
        "get(pk)",
    ],
)
def test_leaves_others_alone(query):
    ignores(RULE, CODE.format(query))
