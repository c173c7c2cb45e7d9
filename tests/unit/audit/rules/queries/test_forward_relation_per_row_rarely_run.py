# ruff: noqa: E501 - a case of code stays on the line of its name
"""Reads that happen for few of the rows, or for none."""

import pytest

from tests.audit_cases import found
from tests.unit.audit.flow.shop import MODELS, finds, ignores

RULE = "forward_relation_per_row"


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
