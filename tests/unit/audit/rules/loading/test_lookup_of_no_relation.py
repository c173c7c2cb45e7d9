import pytest

from tests.audit_cases import audit_files, split_files
from tests.unit.audit.flow.shop import MODELS, finds, ignores, mends

RULE = "lookup_of_no_relation"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('select_related("auhtor")', 'select_related("author")'),
        ('select_related("author__contry")', 'select_related("author__country")'),
        ('prefetch_related("tag")', 'prefetch_related("tags")'),
        ('prefetch_related("coments")', 'prefetch_related("comments")'),
        ('prefetch_related(Prefetch("tgs"))', 'prefetch_related(Prefetch("tags"))'),
        ('select_related("author_id")', 'select_related("author")'),
        ('select_related("publisher", "editr")', 'select_related("publisher", "editor")'),
    ],
)
def test_corrects_a_misspelt_relation(before, after):
    code = "\ndef view():\n    return Book.objects.{}\n"
    if '"tag")' in before:  # also the name of a class of the project: it may be a relation
        ignores(RULE, code.format(before))
    else:
        mends(RULE, code.format(before), code.format(after))


@pytest.mark.parametrize(
    "query", ['select_related("title")', 'prefetch_related("data")', 'select_related("xyz")']
)
def test_finds_columns_and_names_like_nothing(query):
    (finding,) = finds(RULE, f"\ndef view():\n    return Book.objects.{query}\n", 3)
    assert finding.fix is None
    assert "fails when the query runs" in finding.message


@pytest.mark.parametrize(
    "query",
    [
        'Book.objects.select_related("author")',
        'Book.objects.prefetch_related("heading")',
        'Book.objects.prefetch_related("cover__artist__books")',
        'Comment.objects.prefetch_related("target__whatever")',
        'Book.objects.prefetch_related("owner__socialaccount_set")',
        'User.objects.select_related("profil")',
        'Book.objects.prefetch_related(Prefetch("tags", to_attr="marks"), "marks__x")',
        'Book.objects.annotate(au=FilteredRelation("author")).select_related("au")',
        'Book.objects.prefetch_related("patched")',
        'Book.objects.select_related("books__x__y")',
    ],
)
def test_says_nothing_where_the_name_may_be_right(query):
    patch = "\nBook.patched = property(len)\n"
    ignores(RULE, f"{patch}\ndef view(User):\n    return {query}\n")


OTHERS = {
    "a base that is not known": "from elsewhere import Base\n\n\nclass Mark(Base):\n",
    "a decorator": "@settings.add\nclass Mark(models.Model):\n",
    "a metaclass": "class Mark(models.Model, metaclass=Meta):\n",
    "a base of a package": "from mptt.models import MPTTModel\n\n\nclass Mark(MPTTModel):\n",
    "heirs that have it": (
        "class Heir(Mark):\n    foo = models.ForeignKey(Book, on_delete=models.CASCADE)\n\n\n"
        "class Mark(models.Model):\n"
    ),
}
MARK = '\nfrom shop.models import Mark\n\n\ndef view():\n    return Mark.objects.{}("foo")\n'


@pytest.mark.parametrize("head", OTHERS.values(), ids=OTHERS)
def test_says_nothing_of_models_that_may_have_more(head):
    field = "    book = models.ForeignKey(Book, on_delete=models.CASCADE)\n"
    models = f"{MODELS}\n\n{head}{field}"
    for method in ("select_related", "prefetch_related"):
        ignores(RULE, MARK.format(method), models)
    finds(
        RULE,
        MARK.format("select_related"),
        models=f"{MODELS}\n\nclass Mark(models.Model):\n{field}",
    )


def test_says_nothing_while_a_file_cannot_be_read():
    source = f"{MODELS}# file: shop/views.py\n{MARK.format('select_related')}"
    source = source.replace("import Mark", "import Book").replace("Mark.", "Book.")
    files = split_files(source)
    assert audit_files(files, (RULE,)).findings
    files["shop/more.py"] = "def :\n"
    assert not audit_files(files, (RULE,)).findings
