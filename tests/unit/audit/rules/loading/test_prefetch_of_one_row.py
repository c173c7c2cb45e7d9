import pytest

from tests.unit.audit.flow.shop import finds, ignores, mends

RULE = "prefetch_of_one_row"
CODE = "\ndef view(names):\n    return {}\n"


@pytest.mark.parametrize("lookups", ['"author"', '"author", "publisher__country"'])
def test_joins_what_leads_to_one_row(lookups):
    mends(
        RULE,
        CODE.format(f"Book.objects.prefetch_related({lookups})"),
        CODE.format(f"Book.objects.select_related({lookups})"),
    )


def test_a_call_that_names_more_is_left_as_it_is():
    (finding,) = finds(RULE, CODE.format('Book.objects.prefetch_related("tags", "author")'), 3)
    assert '.select_related("author")' in finding.message
    assert finding.fix is None


@pytest.mark.parametrize(
    "query",
    [
        'Book.objects.prefetch_related("tags", "author__books", "comments")',
        'Book.objects.prefetch_related("author", "author__books")',
        'Book.objects.prefetch_related(Prefetch("author"))',
        'Book.objects.prefetch_related("cover")',
        'Comment.objects.prefetch_related("target")',
        'names.prefetch_related("author")',
    ],
)
def test_leaves_others_alone(query):
    ignores(RULE, CODE.format(query))
