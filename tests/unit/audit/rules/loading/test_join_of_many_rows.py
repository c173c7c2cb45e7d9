import pytest

from praxis.audit import Severity
from tests.unit.audit.flow.shop import MODELS, finds, ignores, mends

RULE = "join_of_many_rows"


@pytest.mark.parametrize(
    "query",
    [
        'Book.objects.select_related("tags")',
        'Book.objects.filter(pages=1).select_related("author__books")',
        'Author.objects.select_related("books")',
        'Comment.objects.select_related("target")',
        'Book.objects.select_related("comments")',
        'Book.objects.select_related("chapter_set__translator")',
    ],
)
def test_prefetches_what_cannot_be_joined(query):
    code = "\ndef view():\n    return {}\n"
    mends(RULE, code.format(query), code.format(query.replace("select", "prefetch")))


def test_names_the_relation_and_the_model():
    (finding,) = finds(
        RULE, '\ndef view():\n    return Book.objects.select_related("author", "tags")\n', 3
    )
    assert "tags of Book is a many-to-many relation" in finding.message
    assert '.prefetch_related("tags")' in finding.message
    assert finding.severity is Severity.ERROR
    assert finding.fix is None, "the author is rightly joined"


@pytest.mark.parametrize(
    "query",
    [
        'Book.objects.select_related("author__country", "cover", "publisher")',
        'Book.objects.prefetch_related("tags", "author__books", "comments")',
        "Book.objects.select_related(None)",
        "Book.objects.select_related()",
        "Book.objects.select_related(*names)",
        'names.select_related("tags")',
        'Book.objects.select_related("elsewhere__tags")',
        'Book.objects.select_related("owner__groups_of_a_package__tags")',
    ],
)
def test_leaves_right_and_unknown_lookups_alone(query):
    ignores(RULE, f"\ndef view(names):\n    return {query}\n")


def test_a_unique_foreign_key_can_be_joined_from_the_other_side():
    models = (
        f"{MODELS}\n\nclass Stock(models.Model):\n"
        "    book = models.ForeignKey(Book, unique=True, on_delete=models.CASCADE)\n"
    )
    code = '\ndef view():\n    return Book.objects.select_related("{}")\n'
    ignores(RULE, code.format("stock"), models)
    finds(RULE, code.format("chapter_set"), models=models)


def test_looks_into_class_bodies():
    finds(RULE, '\nclass Books(View):\n    queryset = Book.objects.select_related("tags")\n', 3)
