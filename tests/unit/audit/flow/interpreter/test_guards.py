# ruff: noqa: E501 - a case of code stays on the line of its name
"""What a query, a cache, a prefetch or a shared row spares is not told."""

import pytest

from tests.audit_cases import accepts, flags
from tests.unit.audit.flow.shop import IMPORTS, MODELS

ORDERED = (
    MODELS.replace(
        """class Tag(models.Model):
    name = models.CharField(max_length=100)
""",
        """class Tag(models.Model):
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["name"]
""",
    )
    .replace(
        """    @property
    def heading(self):""",
        """    @cached_property
    def tag_count(self):
        if is_prefetched(self, "tags"):
            return len(self.tags.all())
        return self.tags.count()

    @property
    def is_tagged(self):
        return self.tags.exists()

    @property
    def first_tag(self):
        return self.tags.first()

    @property
    def last_tag(self):
        return self.tags.last()

    @property
    def short_tags(self):
        return self.tags.filter(name="x").exists()

    @property
    def more_tags(self):
        return self.tag_count + 1

    @property
    def byline(self):
        name = cache.get(self.pk)
        if name is None:
            name = self.author.name
            cache.set(self.pk, name)
        return name

    @property
    def early(self):
        found = caches["x"].get(self.pk)
        if found:
            return found
        return self.author.name

    @property
    def heading(self):""",
    )
    .replace(
        """    mentor =""",
        """    @cached_property
    def output(self):
        return self.books.filter(published=True).count()

    @property
    def depth(self):
        return 1 + max(student.depth for student in self.author_set.all())

    mentor =""",
    )
)
RENDERED = f"""{ORDERED}{IMPORTS}
from django.shortcuts import render

def show(request):
    return render(request, "list.html", {{"books": BOOKS}})
# file: shop/templates/list.html
{{% for book in books %}}{{{{ book.NAME }}}}{{% endfor %}}
"""
RULE = "relation_read_in_template"
TOLD = {
    "a count": ("Book.objects.all()", "tag_count", "tags.count()"),
    "a test": ("Book.objects.all()", "is_tagged", "tags.exists()"),
    "the first": ("Book.objects.all()", "first_tag", "tags.first()"),
    "the last of prefetched rows": ('Book.objects.prefetch_related("tags")', "last_tag", "tags.last()"),
    "other rows than the prefetched": ('Book.objects.prefetch_related("tags")', "short_tags", "tags.filter(…).exists()"),
    "through another property": ("Book.objects.all()", "more_tags", "tags.count()"),
    "of each joined row": ('Book.objects.select_related("author")', "author.output", "author.books.filter(…).count()"),
    "another name": ("Book.objects.annotate(tags_all=Count('tags'))", "tag_count", "tags.count()"),
}  # fmt: skip


@pytest.mark.parametrize(("books", "name", "told"), TOLD.values(), ids=TOLD)
def test_what_is_asked_of_each_row_is_told(books, name, told):
    (finding,) = flags(
        RULE,
        RENDERED.replace("BOOKS", books).replace("NAME", name),
        path="shop/templates/list.html",
    )
    assert told in finding.message


SERVED = {
    "a count": ('Book.objects.prefetch_related("tags")', "tag_count"),
    "a test": ('Book.objects.prefetch_related("tags")', "is_tagged"),
    "the first of ordered rows": ('Book.objects.prefetch_related("tags")', "first_tag"),
    "lookups that are not known": ("Book.objects.prefetch_related(*NAMES)", "is_tagged"),
    "annotated": ("Book.objects.annotate(tag_count=Count('tags'))", "tag_count"),
    "annotated, through another property": ("Book.objects.annotate(tag_count=Count('tags'))", "more_tags"),
    "an attribute of the prefetch": ('Book.objects.prefetch_related(Prefetch("tags", to_attr="tag_count"))', "tag_count"),
    "kept in a cache": ("Book.objects.all()", "byline"),
    "found in a cache": ("Book.objects.all()", "early"),
    "kept by a shared row": ('Book.objects.prefetch_related("author")', "author.output"),
}  # fmt: skip


@pytest.mark.parametrize(("books", "name"), SERVED.values(), ids=SERVED)
def test_what_is_there_is_not_told(books, name):
    accepts(
        RULE,
        RENDERED.replace("BOOKS", books).replace("NAME", name),
        path="shop/templates/list.html",
    )


LOOPS = {
    "a cache by the row": "for b in Book.objects.all():\n        name = cache.get(b.pk)\n        if not name:\n            name = b.author.name",
    "a memory by the row": "for b in Book.objects.all():\n        if b.pk in the_cache:\n            continue\n        print(b.author.name)",
    "not in a memory": "for b in Book.objects.all():\n        if b.pk not in the_cache:\n            print(b.author.name)",
}  # fmt: skip


@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)
def test_what_a_cache_spares_is_not_told(loop):
    accepts("forward_relation_per_row", f"{MODELS}{IMPORTS}\ndef f():\n    {loop}\n")


def test_a_loop_behind_a_cache_is_told():
    source = f"""{MODELS}{IMPORTS}
def f():
    names = cache.get("names")
    if names is None:
        names = [b.author.name for b in Book.objects.all()]
    return names
"""
    flags("forward_relation_per_row", source)


def test_a_walk_down_a_tree_is_not_told():
    source = f"{ORDERED}{IMPORTS}\ndef f(author):\n    return author.depth\n"
    accepts("many_relation_per_row", source)


def test_rows_of_a_prefetch_under_another_name_are_walked():
    source = f"""{MODELS}{IMPORTS}
def f():
    books = Prefetch("books", queryset=Book.objects.all(), to_attr="listed")
    return [[b.publisher.name for b in a.listed] for a in Author.objects.prefetch_related(books)]
"""
    (finding,) = flags("forward_relation_per_row", source)
    assert 'select_related("publisher")' in finding.message


ONE_ROW = {
    "by its key": "[b.author.name for b in Book.objects.filter(pk=1)]",
    "by the key's field": "[b.author.name for b in Book.objects.filter(id=1).order_by('title')]",
    "by a one-to-one field": "[c.artist.name for c in Cover.objects.filter(book=book)]",
}  # fmt: skip


@pytest.mark.parametrize("code", ONE_ROW.values(), ids=ONE_ROW)
def test_a_query_for_one_row_is_not_told(code):
    accepts("forward_relation_per_row", f"{MODELS}{IMPORTS}\ndef f(book):\n    return {code}\n")


MANY_ROWS = {
    "one or another": "[b.author.name for b in Book.objects.filter(pk=1) | Book.objects.filter(pages=1)]",
    "all but one": "[b.author.name for b in Book.objects.exclude(pk=1)]",
    "several": "[b.author.name for b in Book.objects.filter(pk__in=[1, 2])]",
}  # fmt: skip


@pytest.mark.parametrize("code", MANY_ROWS.values(), ids=MANY_ROWS)
def test_a_query_for_several_rows_is_told(code):
    flags("forward_relation_per_row", f"{MODELS}{IMPORTS}\ndef f():\n    return {code}\n")


REFRESHED = MODELS.replace(
    """    @property
    def heading(self):""",
    """    def load(self):
        self.refresh_from_db()

    def renew(self):
        self.load()
        return self.author.name, [tag.name for tag in self.tags.all()]

    def direct(self):
        self.refresh_from_db()
        return self.author.country.name

    @property
    def heading(self):""",
)


@pytest.mark.parametrize("method", ["renew", "direct"])
@pytest.mark.parametrize("rule", ["forward_relation_per_row", "many_relation_per_row"])
def test_a_row_that_is_fetched_anew_is_not_told(rule, method):
    source = (
        f"{REFRESHED}{IMPORTS}\ndef f():\n    return [b.{method}() for b in Book.objects.all()]\n"
    )
    accepts(rule, source)


def test_loops_of_one_function_over_one_query_are_told_once():
    source = f"""{MODELS}{IMPORTS}
def f():
    books = Book.objects.all()
    for b in books:
        print(b.author.name)
    for b in books:
        print(b.author.name, b.publisher.name)
"""
    (finding,) = flags("forward_relation_per_row", source)
    assert 'select_related("author", "publisher")' in finding.message


def test_prefetched_rows_keep_what_another_loop_over_the_same_has_read():
    source = f"""{MODELS}{IMPORTS}
def editors(author):
    return [b.editor.name for b in author.books.all()], [b.publisher.name for b in author.edited.all()]

def f():
    authors = list(Author.objects.prefetch_related("books", "edited"))
    found = []
    for author in authors:
        found.append(editors(author))
    for author in authors:
        for b in author.books.all():
            print(b.editor.name)
"""
    (finding,) = flags("forward_relation_per_row", source)
    assert "books.editor" in finding.message
    flags("forward_relation_per_row", source.replace("editor.name)", "owner.name)"), 13, 16)


def test_loops_of_two_functions_over_the_same_rows_are_told_once():
    source = f"""{MODELS}{IMPORTS}
def one(books):
    return [b.author.name for b in books]

def other(books):
    return [(b.author.name, b.publisher.name) for b in books]

def f():
    books = list(Book.objects.all())
    return one(books), other(books)
"""
    (finding,) = flags("forward_relation_per_row", source)
    assert 'select_related("author", "publisher")' in finding.message


def test_what_hangs_on_many_rows_is_told_with_these():
    source = f"""{MODELS}{IMPORTS}
def names(author):
    return [b.publisher.name for b in author.books.all()]

def f():
    return [names(a) for a in Author.objects.all()]
"""
    accepts("forward_relation_per_row", source)
    (finding,) = flags("many_relation_per_row", source)
    assert 'prefetch_related("books__publisher")' in finding.message


def test_the_own_part_of_a_row_in_what_it_extends_is_not_told():
    models = f"{MODELS}\n\nclass Novel(Book):\n    pass\n"
    source = f"{models}{IMPORTS.replace('Author, Book', 'Author, Book, Novel')}\ndef f():\n    return [n.book_ptr.title for n in Novel.objects.all()]\n"
    accepts("forward_relation_per_row", source)


def test_what_a_function_reads_by_calling_itself_is_told_of_one_level():
    source = f"""{MODELS}{IMPORTS}
def mentors(author):
    if author.mentor:
        mentors(author.mentor)

def f():
    for a in Author.objects.all():
        mentors(a)
"""
    (finding,) = flags("forward_relation_per_row", source)
    assert 'select_related("mentor")' in finding.message


OWN_FIELDS = {
    "another widget": "    widget = Ajax",
    "options of its own": "    def get_bound_field(self, form, name):\n        return None",
}  # fmt: skip


@pytest.mark.parametrize("body", OWN_FIELDS.values(), ids=OWN_FIELDS)
def test_options_of_a_field_of_the_projects_own_making_are_not_told(body):
    models = MODELS.replace(
        "    @property\n    def heading",
        "    def __str__(self):\n        return self.author.name\n\n    @property\n    def heading",
    )
    source = f"{models}{IMPORTS}\nfrom django import forms\n\nclass BookField(forms.ModelChoiceField):\n{body}\n\nclass Choose(forms.Form):\n    book = BookField(queryset=Book.objects.all())\n"
    accepts("forward_relation_per_row", source)


GIVEN = MODELS.replace(
    """    @property
    def heading(self):""",
    """    def memo(self):
        if self.title:
            return self.title
        if hasattr(self, "short_tags"):
            for tag in self.short_tags:
                if tag.name:
                    return tag.name
        return self.tags.filter(name="x").first()

    def pages_written(self):
        if hasattr(self, "page_sum"):
            return self.page_sum
        else:
            return self.chapter_set.count()

    @property
    def heading(self):""",
)
PREFETCHED = 'Prefetch("tags", queryset=Tag.objects.all(), to_attr="short_tags")'


GIVING = {
    "memo": f"Book.objects.prefetch_related({PREFETCHED})",
    "book.memo": f"Chapter.objects.select_related('book').prefetch_related({PREFETCHED.replace('tags', 'book__tags', 1)})",
    "pages_written": "Book.objects.annotate(page_sum=Count('chapter'))",
}


def shown(queryset, name):
    view = f"""
from django.db.models import Count
from django.shortcuts import render


def show(request):
    return render(request, "a.html", {{"rows": {queryset}}})
"""
    page = f"# file: shop/templates/a.html\n{{% for row in rows %}}{{{{ row.{name} }}}}{{% endfor %}}\n"
    return f"{GIVEN}{IMPORTS}{view}{page}"


@pytest.mark.parametrize(("name", "queryset"), GIVING.items(), ids=GIVING)
def test_what_a_query_gives_spares_what_is_asked_where_it_is_not_given(name, queryset):
    accepts("relation_read_in_template", shown(queryset, name))


@pytest.mark.parametrize("name", ["memo", "pages_written"])
def test_rows_that_the_query_gives_nothing_ask_for_it(name):
    flags("relation_read_in_template", shown('Book.objects.prefetch_related("comments")', name))


@pytest.mark.parametrize(
    ("kept", "rarely"), [("self.known", True), ("KNOWN", True), ("book.known", False)]
)
def test_what_stays_is_filled_once_for_all_rows(kept, rarely):
    code = f"""
KNOWN = {{}}


class Names:
    def name_of(self, book):
        if book.author_id not in {kept}:
            {kept}[book.author_id] = book.author.name
        return {kept}[book.author_id]


def f():
    names = Names()
    for book in Book.objects.all():
        print(names.name_of(book))
"""
    source = f"{MODELS}{IMPORTS}{code}"
    rule = "forward_relation_per_row"
    if rarely:
        accepts(rule, source)
    else:
        flags(rule, source)
    flags(rule, source.replace("not in", "in"))
