# ruff: noqa: E501 - a case of code stays on the line of its name
import pytest

from praxis.audit.findings import Severity
from tests.audit_cases import found
from tests.unit.audit.flow.shop import MODELS, finds, ignores, mends

RULE = "forward_relation_per_row"


def test_names_every_relation_of_a_loop_in_one_finding():
    (finding,) = finds(
        RULE,
        """
def show():
    for book in Book.objects.filter(published=True):
        print(book.author.name)
        print(book.publisher.name, book.author.country.name)
""",
        4,
    )
    assert '.select_related("publisher", "author__country")' in finding.message
    assert [step.place.line for step in finding.steps] == [7, 8, 9, 9]
    assert finding.cost is not None
    assert (finding.cost.per_row, finding.cost.rows) == (3, None)


LOOPS = {
    "list": "[b.author.name for b in Book.objects.all()]",
    "set": "{b.author.name for b in Book.objects.all()}",
    "dict": "{b.pk: b.author.name for b in Book.objects.all()}",
    "any": "any(b.author.name for b in Book.objects.all())",
    "sum": "sum(len(b.author.name) for b in Book.objects.all())",
    "join": "', '.join(b.author.name for b in Book.objects.all())",
    "sorted": "sorted(Book.objects.all(), key=lambda b: b.author.name)",
    "map": "list(map(lambda b: b.author.name, Book.objects.all()))",
    "max": "max(Book.objects.all(), key=lambda b: b.author.name)",
    "groupby": "[k for k, _ in groupby(Book.objects.all(), key=lambda b: b.author.name)]",
    "condition": "[b.pk for b in Book.objects.all() if b.author.name]",
    "enumerate": "[b.author.name for i, b in enumerate(Book.objects.all())]",
    "zip": "[b.author.name for i, b in zip([1, 2], Book.objects.all())]",
    "reversed": "[b.author.name for b in reversed(Book.objects.all())]",
    "list()": "[b.author.name for b in list(Book.objects.all())]",
    "in_bulk": "[b.author.name for b in Book.objects.in_bulk([1, 2]).values()]",
    "items": "[b.author.name for k, b in Book.objects.in_bulk([1, 2]).items()]",
    "islice": "[b.author.name for b in islice(Book.objects.all(), 10)]",
    "404": "[b.author.name for b in get_list_or_404(Book, published=True)]",
    "one to one": "[b.cover.artist_id for b in Book.objects.all()]",
    "iterator": "[b.author.name for b in Book.objects.iterator()]",
    "getattr": "[getattr(b, 'author').name for b in Book.objects.all()]",
    "default manager": "[b.author.name for b in Book._default_manager.all()]",
    "own method": "[b.author.name for b in Book.objects.published()]",
    "f-string": "[f'by {b.author.name}' for b in Book.objects.all()]",
    "walrus": "[a.name for b in Book.objects.all() if (a := b.author)]",
    "nested": "[c.translator.name for b in Book.objects.all() for c in b.chapter_set.filter(title='x')]",
}


@pytest.mark.parametrize("expression", LOOPS.values(), ids=LOOPS)
def test_sees_rows_in_every_kind_of_loop(expression):
    finds(RULE, f"\ndef show():\n    return {expression}\n", 3)


def test_sees_async_loops():
    finds(
        RULE,
        """
async def show():
    async for book in Book.objects.all():
        print(book.author.name)
""",
        4,
    )


def test_follows_a_queryset_that_is_built_over_several_statements():
    mends(
        RULE,
        """
def show(request):
    books = Book.objects.all()
    if request.GET.get("published"):
        books = books.filter(published=True)
    books = books.order_by("title")
    for book in books:
        print(book.author.name)
""",
        """
def show(request):
    books = Book.objects.all().select_related("author")
    if request.GET.get("published"):
        books = books.filter(published=True)
    books = books.order_by("title")
    for book in books:
        print(book.author.name)
""",
    )


def test_mends_every_branch_that_makes_the_query():
    mends(
        RULE,
        """
def show(mine):
    if mine:
        books = Book.objects.filter(owner=mine)
    else:
        books = Book.objects.all()
    return [book.author.name for book in books]
""",
        """
def show(mine):
    if mine:
        books = Book.objects.filter(owner=mine).select_related("author")
    else:
        books = Book.objects.all().select_related("author")
    return [book.author.name for book in books]
""",
    )


def test_follows_an_alias_of_a_related_row():
    (finding,) = finds(
        RULE,
        """
def show():
    for book in Book.objects.select_related("author"):
        writer = book.author
        print(writer.country.name)
""",
        5,
    )
    assert '.select_related("author__country")' in finding.message


def test_knows_how_many_rows_a_slice_has():
    (finding,) = finds(
        RULE, "\ndef show():\n    return [b.author.name for b in Book.objects.all()[:10]]\n"
    )
    assert finding.cost is not None
    assert finding.cost.rows == 10


def test_rows_of_a_relation_of_a_single_row_are_rows():
    mends(
        RULE,
        """
def show(pk):
    author = get_object_or_404(Author, pk=pk)
    return [book.publisher.name for book in author.books.all()]
""",
        """
def show(pk):
    author = get_object_or_404(Author, pk=pk)
    return [
        book.publisher.name
        for book in author.books.all().select_related("publisher")
    ]
""",
    )


def test_rows_below_the_rows_of_a_loop_are_prefetched_there():
    mends(
        RULE,
        """
def show():
    for author in Author.objects.prefetch_related("books"):
        for book in author.books.all():
            print(book.publisher.name)
""",
        """
def show():
    for author in Author.objects.prefetch_related("books__publisher"):
        for book in author.books.all():
            print(book.publisher.name)
""",
    )


def test_filtered_rows_below_a_loop_are_joined_where_they_are_filtered():
    mends(
        RULE,
        """
def show():
    for author in Author.objects.all():
        for book in author.books.filter(published=True):
            print(book.publisher.name)
""",
        """
def show():
    for author in Author.objects.all():
        for book in author.books.filter(published=True).select_related("publisher"):
            print(book.publisher.name)
""",
    )


def test_generic_relation_is_prefetched():
    (finding,) = finds(
        RULE, "\ndef show():\n    return [str(c.target) for c in Comment.objects.all()]\n"
    )
    assert '.prefetch_related("target")' in finding.message


def test_two_loops_are_two_findings():
    finds(
        RULE,
        """
def show():
    books = Book.objects.all()
    print([book.author.name for book in books])
    print([book.publisher.name for book in books])
""",
        4,
        5,
    )


# What is loaded.

LOADED = {
    "joined": 'Book.objects.select_related("author__country")',
    "joined deeper": 'Book.objects.select_related("author__country", "author__mentor")',
    "joined without arguments": "Book.objects.select_related()",
    "prefetched": 'Book.objects.prefetch_related("author__country")',
    "prefetched by object": 'Book.objects.prefetch_related(Prefetch("author__country"))',
    "prefetched by queryset": (
        'Book.objects.prefetch_related(Prefetch("author", Author.objects.select_related("country")))'
    ),
    "by an own method": 'Book.objects.with_author().select_related("author__country")',
    "by names that are not known": "Book.objects.select_related(*fields)",
    "after other calls": 'Book.objects.filter(pages=1).select_related("author__country")[:5]',
    "values": 'Book.objects.values("author")',
    "values_list": 'Book.objects.values_list("author", named=True)',
    "union": "Book.objects.all().union(Book.objects.all())",
    "unknown method": "Book.objects.best_sellers()",
    "method that returns a list": "Book.objects.titles()",
    "raw": 'Book.objects.raw("select 1")',
    "one row by slice": "Book.objects.all()[:1]",
}


@pytest.mark.parametrize("queryset", LOADED.values(), ids=LOADED)
def test_accepts_what_is_loaded_or_is_no_row(queryset):
    ignores(
        RULE,
        f"\ndef show(fields):\n    for b in {queryset}:\n        print(b.author.country.name)\n",
    )


NOWHERE = {
    "is None": "filter(editor=None)",
    "its key is None": "filter(published=True, editor_id=None)",
    "isnull": "filter(editor__isnull=True)",
    "exact": "filter(editor__exact=None).order_by('title')",
    "excluded": "exclude(editor__isnull=False)",
}


@pytest.mark.parametrize("condition", NOWHERE.values(), ids=NOWHERE)
def test_a_relation_that_is_null_in_all_rows_costs_nothing(condition):
    code = f"\ndef show():\n    return [b.editor.name for b in Book.objects.{condition}]\n"
    ignores(RULE, code)


@pytest.mark.parametrize(
    "condition",
    ["filter(editor__isnull=False)", "exclude(editor=None)", "filter(editor__mentor=None)"],
)
def test_a_relation_that_some_rows_have_is_read_of_them(condition):
    finds(RULE, f"\ndef show():\n    return [b.editor.name for b in Book.objects.{condition}]\n", 3)


def test_the_other_side_of_a_one_to_one_is_asked_for_even_where_there_is_none():
    code = "\ndef show():\n    return [hasattr(b, 'cover') and b.cover.artist for b in Book.objects.filter(cover=None)]\n"
    finds(RULE, code, 3)


CHANGING = MODELS.replace(
    """    @property
    def heading(self):""",
    """    def leave(self):
        self.author.name += "!"
        self.author.save()

    @property
    def heading(self):""",
)


@pytest.mark.parametrize(
    "change", ["book.author.name += '!'\n        book.author.save()", "book.leave()"]
)
def test_joins_no_copies_of_a_row_that_every_round_changes(change):
    code = f"\ndef show():\n    for book in Book.objects.all():\n        {change}\n"
    ignores(RULE, code, models=CHANGING)
    more = f"{code}        print(book.publisher.name)\n"
    (finding,) = finds(RULE, more, more.count("\n"), models=CHANGING)
    assert finding.message.startswith("publisher is fetched")


def test_a_row_that_belongs_to_one_alone_can_be_joined_and_changed():
    finds(
        RULE,
        """
def show():
    for cover in Cover.objects.all():
        cover.book.title += "!"
        cover.book.save()
""",
        4,
    )


HEIRS = f"""{MODELS}

class Item(models.Model):
    name = models.CharField(max_length=100)


class Poster(Item):
    size = models.IntegerField()


class Cup(Item):
    size = models.IntegerField()


def what_it_is(item):
    try:
        return item.poster
    except Poster.DoesNotExist:
        return item.cup
"""


def test_a_row_is_no_row_of_another_model_that_extends_the_same():
    code = "from shop.models import Cup, Item, what_it_is\n\ndef show():\n    return [what_it_is(i) for i in {}.objects.all()]\n"
    ignores(RULE, code.format("Cup"), models=HEIRS)
    finds(RULE, code.format("Item"), 4, models=HEIRS)


def test_looks_into_an_own_method_of_the_queryset():
    finds(
        RULE,
        "\ndef show():\n    return [b.author.country.name for b in Book.objects.with_author()]\n",
        3,
    )
    ignores(RULE, "\ndef show():\n    return [b.author.name for b in Book.objects.with_author()]\n")


def test_select_related_without_arguments_does_not_follow_what_may_be_null():
    finds(
        RULE,
        "\ndef show():\n    return [b.editor.name for b in Book.objects.select_related()]\n",
        3,
    )


def test_select_related_none_loads_nothing():
    finds(
        RULE,
        """
def show():
    books = Book.objects.select_related("author")
    return [book.author.name for book in books.select_related(None)]
""",
        4,
    )


ACCEPTED = {
    "the key itself": "for b in Book.objects.all():\n        print(b.author_id)",
    "a store": "for b in Book.objects.all():\n        b.author = author",
    "a read after a store": (
        "for b in Book.objects.all():\n        b.author = author\n        print(b.author.name)"
    ),
    "one row": "b = Book.objects.get(pages=1)\n    print(b.author.name)",
    "first": "b = Book.objects.first()\n    print(b.author.name)",
    "one row in a loop over other things": (
        "b = Book.objects.first()\n    for x in author:\n        print(b.author.name)"
    ),
    "a list of one": "for b in [Book.objects.first()]:\n        print(b.author.name)",
    "a loop that breaks at once": (
        "for b in Book.objects.all():\n        print(b.author.name)\n        break"
    ),
    "a loop that returns at once": (
        "for b in Book.objects.all():\n        return b.author.name"
    ),
    "a branch that returns": (
        "for b in Book.objects.all():\n        if b.title:\n            return b.author.name"
    ),
    "a branch that raises": (
        "for b in Book.objects.all():\n        if b.title:\n            raise ValueError(b.author)"
    ),
    "an exception's handler": (
        "for b in Book.objects.all():\n        try:\n            b.check()\n"
        "        except ValueError:\n            print(b.author.name)"
    ),
    "next()": "print(next(b.author.name for b in Book.objects.all()))",
    "the parent of a reverse manager": (
        "a = Author.objects.first()\n    for b in a.books.all():\n        print(b.author.name)"
    ),
    "the parent of a filtered reverse manager": (
        "for a in Author.objects.all():\n        for b in a.books.filter(pages=1):\n"
        "            print(b.author.name)"
    ),
    "created rows": (
        "for b in Book.objects.bulk_create([Book(author=author)]):\n        print(b.author.name)"
    ),
    "a row created with it": (
        "for a in Author.objects.all():\n        b = Book.objects.create(author=a)\n"
        "        print(b.author.name)"
    ),
    "rows of an unknown queryset": "for b in books:\n        print(b.author.name)",
    "a function of its own": (
        "for b in Book.objects.all():\n        def later():\n            return b.author.name"
    ),
    "a lambda that is called elsewhere": (
        "for b in Book.objects.all():\n        books(lambda: b.author.name)"
    ),
    "loaded by hand": (
        "rows = list(Book.objects.all())\n    prefetch_related_objects(rows, 'author')\n"
        "    print([b.author.name for b in rows])"
    ),
    "handed to a function that may load": (
        "rows = Book.objects.all()\n    books(rows)\n    print([b.author.name for b in rows])"
    ),
    "a group's first row": (
        "last = None\n    for b in Book.objects.all():\n        if b.author_id != last:\n"
        "            last = b.author_id\n            print(b.author.name)"
    ),
    "kept in a dict": (
        "seen = {}\n    for b in Book.objects.all():\n        if b.author_id not in seen:\n"
        "            seen[b.author_id] = b.author"
    ),
    "reassigned": (
        "for b in Book.objects.all():\n        b = books()\n        print(b.author.name)"
    ),
    "a name of another function": "print([b.author.name for b in author])",
    "a method of the row": "for b in Book.objects.all():\n        print(b.get_author().name)",
    "loaded on one of two ways": (
        "rows = Book.objects.all()\n    if books:\n        rows = rows.select_related('author')\n"
        "    print([b.author.name for b in rows])"
    ),
    "prefetched to an attribute": (
        "for a in Author.objects.prefetch_related(Prefetch('books', Book.objects.select_related("
        "'publisher'), to_attr='mine')):\n        print([b.publisher.name for b in a.mine])"
    ),
    "prefetched from the single row": (
        "a = Author.objects.prefetch_related('books__publisher').get(pages=1)\n"
        "    print([b.publisher.name for b in a.books.all()])"
    ),
    "the other side of a one-to-one": (
        "for b in Book.objects.select_related('cover'):\n        print(b.cover.book.title)"
    ),
    "a loop over fields": "for f in Book._meta.get_fields():\n        print(f.author.name)",
}  # fmt: skip


@pytest.mark.parametrize("body", ACCEPTED.values(), ids=ACCEPTED)
def test_says_nothing_of(body):
    ignores(RULE, f"\ndef show(author, books):\n    {body}\n")


def test_says_nothing_where_a_caller_may_have_loaded_the_rows():
    code = """
# file: shop/pages.py
from shop.models import Author, Book


def page():
    return Author.objects.prefetch_related("books__publisher")


class Shelf(Author):
    class Meta:
        proxy = True

    def publishers(self):
        return [book.publisher.name for book in self.books.all()]
"""
    ignores(RULE, code)
    finds(RULE, code.replace('prefetch_related("books__publisher")', "all()"))


# Where the fix goes.

CHAINS = [
    ("Book.objects.all()[:5]", 'Book.objects.all().select_related("author")[:5]'),
    ("Book.objects.iterator()", None),
    (
        "Book.objects.filter(pages=1).iterator()",
        'Book.objects.filter(pages=1).select_related("author").iterator()',
    ),
    (
        'Book.objects.select_related("publisher").filter(pages=1)',
        'Book.objects.select_related("publisher", "author").filter(pages=1)',
    ),
    (
        "(\n        Book.objects\n        .filter(pages=1)  # the first\n        .order_by('pk')\n    )",
        (
            "(\n        Book.objects\n        .filter(pages=1)  # the first\n        .order_by('pk')\n"
            '        .select_related("author")\n    )'
        ),
    ),
    (
        "Book.objects.filter(\n        pages=1,\n    ).all()",
        (
            "(\n        Book.objects.filter(\n            pages=1,\n        )\n        .all()\n"
            '        .select_related("author")\n    )'
        ),
    ),
    (
        'Book.objects.select_related(\n        "publisher",\n    )',
        'Book.objects.select_related(\n        "publisher",\n        "author",\n    )',
    ),
    (
        'Book.objects.filter(title="größer als…").all()',
        'Book.objects.filter(title="größer als…").all().select_related("author")',
    ),
    ('Book.objects.only("title").all()', None),
]


@pytest.mark.parametrize(("before", "after"), CHAINS)
def test_writes_the_call_in_the_chain(before, after):
    code = "\ndef show():\n    ä = 'ö'\n    for b in {}:\n        print(b.author.name)\n"
    if after is None:
        (finding,) = finds(RULE, code.format(before))
        assert finding.fix is None
    else:
        mends(RULE, code.format(before), code.format(after))


def test_joins_nothing_that_may_be_null_to_locked_rows():
    code = (
        "\ndef show():\n    for b in Book.objects.select_for_update():\n        print(b.{}.name)\n"
    )
    (finding,) = finds(RULE, code.format("editor"))
    assert finding.fix is None
    (finding,) = finds(RULE, code.format("author"))
    assert finding.fix is not None


LEFT_AT_ONCE = {
    "truth": "if b.editor:\n            return b.editor",
    "is not None": "if b.editor is not None:\n            return b.editor.name",
    "named": "if b.editor:\n            found = b.editor\n            break",
    "walrus": "if editor := b.editor:\n            raise ValueError(editor.name)",
    "both ways out": (
        "if b.pages:\n            name = b.author.name\n            if name:\n                return name\n"
        "            else:\n                break"
    ),
    "inside a context": "if b.pages:\n            with x:\n                return b.author.name",
}


@pytest.mark.parametrize("body", LEFT_AT_ONCE.values(), ids=LEFT_AT_ONCE)
def test_says_nothing_of_a_loop_that_is_left_with_the_first_related_row(body):
    ignores(RULE, f"\ndef show(x):\n    for b in Book.objects.all():\n        {body}\n")


READ_ON = {
    "goes on": "if b.editor:\n            x(b.editor.name)",
    "a row's value decides": "if b.editor.name:\n            return b.editor",
    "one more condition": "if b.editor and b.editor.name:\n            return b.editor",
    "the other way round": "if not b.author:\n            return None",
    "one way out": "if b.pages:\n            x(b.author.name)\n            if x:\n                return 1",
}


@pytest.mark.parametrize("body", READ_ON.values(), ids=READ_ON)
def test_finds_relations_of_many_rows_before_the_loop_is_left(body):
    finds(RULE, f"\ndef show(x):\n    for b in Book.objects.all():\n        {body}\n")


def test_names_six_of_many_relations():
    names = [f"author_{number}" for number in range(9)]
    fields = "".join(
        f"    {name} = models.ForeignKey(Author, models.CASCADE, related_name='+')\n"
        for name in names
    )
    reads = ", ".join(f"d.{name}.name" for name in names)
    code = f"from shop.models import Deed\n\ndef show():\n    return [({reads}) for d in Deed.objects.all()]\n"
    (finding,) = finds(RULE, code, models=f"{MODELS}\n\nclass Deed(models.Model):\n{fields}")
    assert "author_5 and 3 more are fetched" in finding.message
    assert finding.message.count("author_6") == 0
    assert 'author_5") and 3 more to the query.' in finding.message
    assert finding.fix is not None
    assert all(name in "".join(edit.text for edit in finding.fix.edits) for name in names)
    assert len([step for step in finding.steps if "is fetched" in step.note]) == len(names)


def test_says_nothing_of_what_an_error_is_told_with():
    ignores(
        RULE,
        """
def f(titles):
    books = Book.objects.filter(title__in=titles)
    if len(books) != len(titles):
        known = {book.author.name for book in books}
        raise ValueError(", ".join(known))
    return books
""",
    )


@pytest.mark.parametrize(("columns", "told"), [('"title", "author"', False), ('"title"', True)])
def test_an_action_gets_the_rows_as_the_list_joins_them(columns, told):
    admin = f"""# file: shop/admin.py
from django.contrib import admin
from shop.models import Book


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    list_display = [{columns}]
    actions = ["tell"]

    def tell(self, request, queryset):
        for book in queryset:
            print(book.publisher.name)
"""
    assert bool(found(RULE, f"{MODELS}{admin}")) == told


def test_says_nothing_of_rows_of_the_one_relation_or_the_other():
    ignores(
        RULE,
        """
def f(pk, flag):
    author = Author.objects.get(pk=pk)
    books = author.books.all() if flag else author.edited.all()
    for book in books:
        print(book.publisher.name)
""",
    )


def test_a_condition_on_a_unique_field_leaves_one_row():
    models = MODELS.replace(
        "    title = models.CharField(max_length=100)\n    published",
        "    title = models.CharField(max_length=100, unique=True)\n    published",
    )
    code = "\ndef f(v):\n    for book in Book.objects.filter(title=v):\n        print(book.author.name)\n"
    ignores(RULE, code, models)
    finds(RULE, code)
    finds(RULE, code.replace("title=v", "title__contains=v"), models=models)


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ("book.published and book.pages and book.title", False),
        ("book.published and book.pages and book.author.name == name", False),
        ("book.published and book.pages", True),
        ("book.author_id and book.author and book.author.name", True),
        ("book.author is not None and book.author.name and book.pages", True),
    ],
)
def test_few_rows_meet_three_conditions(test, told):
    code = f"\ndef f(name):\n    for book in Book.objects.all():\n        if {test}:\n            print(book.author.name)\n"
    if told:
        assert finds(RULE, code)
    else:
        ignores(RULE, code)


@pytest.mark.parametrize(
    ("call", "told"),
    [("label(book, name)", False), ("label(book)", True), ("label(book, name=None)", True)],
)
def test_what_stands_in_for_an_argument_is_not_read_where_it_is_given(call, told):
    code = f"""
def label(book, name=None):
    return print(name or book.author.name)

def f(name):
    for book in Book.objects.all():
        {call}
"""
    if told:
        assert finds(RULE, code)
    else:
        ignores(RULE, code)


@pytest.mark.parametrize(
    "told",
    ["logger.warning", "self.log.info", "messages.error", "self.stdout.write"],
)
def test_what_is_told_in_a_branch_is_out_of_the_ordinary(told):
    code = f"""
def f(self, logger, messages):
    for book in Book.objects.all():
        if not book.pages:
            {told}("%s has none", book.author.name)
"""
    ignores(RULE, code)
    finds(RULE, code.replace("        if not book.pages:\n    ", ""), 4)
    finds(RULE, code.replace(told, "self.keep"), 5)


def test_what_was_read_of_a_list_is_not_told_again_of_its_rows():
    finds(
        RULE,
        """
def linked():
    books, kept = [], []
    for book in Book.objects.all():
        books.append(book)
    for book in books:
        if book.author.name:
            kept.append(book)
    return kept

def f():
    for book in linked():
        print(book.author.name)
""",
        7,
    )


@pytest.mark.parametrize(
    ("last", "told"), [("return name", False), ("break", False), ("names.append(name)", True)]
)
def test_a_loop_ends_with_the_first_round_that_succeeds(last, told):
    code = f"""
def f(names):
    for book in Book.objects.all():
        try:
            name = book.author.name
            {last}
        except ValueError:
            continue
"""
    if told:
        finds(RULE, code, 5)
    else:
        ignores(RULE, code)


@pytest.mark.parametrize(
    ("call", "told"), [("editor(book)", False), ("editor(book, upper=True)", True)]
)
def test_of_two_values_the_one_that_the_arguments_choose_is_read(call, told):
    code = f"""
def editor(book, upper=False):
    return book.editor.name if upper else book.title

def f():
    for book in Book.objects.all():
        print({call})
"""
    if told:
        finds(RULE, code)
    else:
        ignores(RULE, code)


def test_of_two_values_the_other_one_where_the_condition_is_turned():
    code = """
def editor(book, upper=False):
    return book.editor.name if not upper else book.title

def f():
    for book in Book.objects.all():
        print(editor(book))
"""
    finds(RULE, code)
    ignores(RULE, code.replace("editor(book))", "editor(book, True))"))


@pytest.mark.parametrize(("name", "told"), [("author.country", False), ("author", True)])
def test_no_attribute_has_a_dot_in_its_name(name, told):
    code = f"""
def f():
    for book in Book.objects.all():
        if hasattr(book, "{name}"):
            print(book.publisher.name)
"""
    if told:
        finds(RULE, code)
    else:
        ignores(RULE, code)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("if book.pages:\n            if book.published:\n                {}", False),
        ("if book.pages:\n            x = 1\n        elif book.published:\n            {}", True),
        (
            "if book.pages:\n            x = 1\n        else:\n            x = 2\n            {}",
            True,
        ),
        ("if book.pages:\n            for x in names:\n                {}", True),
        ("if book.pages:\n            {}", True),
    ],
)
def test_few_rows_come_to_a_branch_of_a_branch(body, told):
    body = body.format("names.append(book.author.name)")
    code = f"\ndef f(names):\n    for book in Book.objects.all():\n        {body}\n"
    if told:
        finds(RULE, code)
    else:
        ignores(RULE, code)


@pytest.mark.parametrize(
    ("text", "told"),
    [("{0.title}", False), ("{0.title} by {0}", True), ("{}", True), ("{0!s}", True)],
)
def test_an_attribute_in_a_format_does_not_show_the_whole_row(text, told):
    models = MODELS.replace(
        "    @property\n    def heading",
        "    def __str__(self):\n        return self.author.name\n\n    @property\n    def heading",
    )
    code = f"\ndef f():\n    return ['{text}'.format(book) for book in Book.objects.all()]\n"
    if told:
        finds(RULE, code, models=models)
    else:
        ignores(RULE, code, models)


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ("already_sent(book)", False), ("book.was_notified", False), ("skip(book)", True),
        ("book.data", True),
    ],
)  # fmt: skip
def test_what_is_told_once_is_told_of_few_rows(test, told):
    code = f"""
def f(names, already_sent, skip):
    for book in Book.objects.all():
        if {test}:
            continue
        names.append(book.author.name)
"""
    if told:
        finds(RULE, code, 6)
    else:
        ignores(RULE, code)


@pytest.mark.parametrize(("member", "told"), [("contribute_to_class", False), ("formfield", True)])
def test_a_field_class_with_a_descriptor_of_its_own_may_read_from_a_cache(member, told):
    field = (
        "class CachedKey(models.ForeignKey):\n"
        f"    def {member}(self, *args, **options):\n"
        f"        return super().{member}(*args, **options)\n\n\n"
    )
    models = MODELS.replace("class Book(", f"{field}class Book(").replace(
        "    author = models.ForeignKey(", "    author = CachedKey("
    )
    assert "author = CachedKey(" in models
    code = "\ndef f():\n    return [book.author.name for book in Book.objects.all()]\n"
    assert len(found(RULE, f"{models}{code}")) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("book.title or book.author.name", True),
        ("book.title or book.data or book.author.name", False),
        ("book.title and book.data and book.author.name", True),
    ],
)
def test_what_comes_third_is_for_few_rows(value, told):
    code = f"\ndef f():\n    return [{value} for book in Book.objects.all()]\n"
    if told:
        finds(RULE, code)
    else:
        ignores(RULE, code)


def test_what_few_rows_have_loaded_the_others_still_load():
    code = """
def f(names):
    for book in Book.objects.all():
        if book.published and book.pages and book.data:
            names.append(book.author.name)
        names.append(book.author.name)
"""
    finds(RULE, code, 6)


def test_what_stands_in_for_a_method_that_is_there_hardly_runs():
    ignores(
        RULE,
        """
def f():
    for book in Book.objects.all():
        label = getattr(book, "label", None)
        print(label() if callable(label) else book.author.name)
""",
    )


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
