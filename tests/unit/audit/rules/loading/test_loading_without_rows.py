import pytest

from tests.unit.audit.flow.shop import MODELS, finds, ignores, mends

RULE = "loading_without_rows"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('Book.objects.select_related("author").count()', "Book.objects.count()"),
        (
            'Book.objects.select_related("author").filter(pages=1).exists()',
            "Book.objects.filter(pages=1).exists()",
        ),
        (
            'rows.prefetch_related("tags").order_by("x").values_list("pk", flat=True)',
            'rows.order_by("x").values_list("pk", flat=True)',
        ),
        (
            'rows.select_related("author").prefetch_related("tags").values("title").first()',
            'rows.values("title").first()',
        ),
        ('Book.objects.select_related("author").delete()', "Book.objects.all().delete()"),
        (
            'Book.objects.filter(pages=1).select_related("author").delete()',
            "Book.objects.filter(pages=1).delete()",
        ),
        ('rows.select_related("author").update(pages=1)', "rows.update(pages=1)"),
    ],
)
def test_removes_loading_that_has_no_effect(before, after):
    code = "\ndef view(rows):\n    return {}\n"
    mends(RULE, code.format(before), code.format(after))


def test_a_line_of_its_own_goes_with_the_call():
    code = (
        "\ndef view():\n    return (\n        Book.objects.filter(pages=1)\n{}"
        "        .order_by('title')\n        .values('title')\n    )\n"
    )
    mends(RULE, code.format("        .select_related('author')\n"), code.format(""))


def test_keeps_a_comment_in_the_call():
    code = '\ndef view(rows):\n    return rows.select_related(  # why\n        "author").count()\n'
    (finding,) = finds(RULE, code, 3)
    assert finding.fix is None


@pytest.mark.parametrize(
    "query",
    [
        'rows.select_related("author").first()',
        'rows.select_related("author")',
        "rows.count()",
        "rows.select_related(None).count()",
        "rows.prefetch_related(None).values()",
        'rows.select_related("author").special().count()',
        'rows.select_related("author").select_for_update(of=("author",)).values()',
        'rows.select_related("author").get().values()',
        "names(rows.select_related('author')).count()",
        'rows.values("x").annotate(n=1)',
    ],
)
def test_leaves_others_alone(query):
    ignores(RULE, f"\ndef view(rows, names):\n    return {query}\n")


def test_a_delete_of_the_projects_own_may_read_rows():
    models = (
        f"{MODELS}\n\nclass Kept(models.QuerySet):\n"
        "    def delete(self):\n        return [row.delete() for row in self]\n"
    )
    code = '\ndef view(rows):\n    rows.select_related("author").{}\n'
    ignores(RULE, code.format("delete()"), models)
    finds(RULE, code.format("count()"), models=models)
