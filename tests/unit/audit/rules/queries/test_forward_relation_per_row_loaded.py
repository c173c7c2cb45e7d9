# ruff: noqa: E501 - a case of code stays on the line of its name
"""Rows of which the rule says nothing: what is read of them is loaded, or nobody knows."""

import pytest

from tests.unit.audit.flow.shop import MODELS, finds, ignores

RULE = "forward_relation_per_row"


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
