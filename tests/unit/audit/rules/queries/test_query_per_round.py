import pytest

from praxis.audit.findings import Severity
from tests.audit_cases import found
from tests.unit.audit.flow.shop import IMPORTS, MODELS, finds, ignores

RULE = "query_per_round"


@pytest.mark.parametrize(
    ("query", "cure"),
    [
        ("Author.objects.get(name=line.name)", "in_bulk"),
        ("get_object_or_404(Author, name=line.name)", "in_bulk"),
        ("Book.objects.filter(title=line.name).exists()", "set of keys"),
        ("Book.objects.filter(title=line.name).count()", "Count"),
        ("Book.objects.filter(title=line.name).aggregate(Count('pk'))", "annotate"),
        ("Book.objects.filter(title=line.name).first()", "filter(…__in=…)"),
        ("Book.objects.filter(title=line.name)[0]", "filter(…__in=…)"),
    ],
)
def test_flags_a_query_about_what_the_round_is_about(query, cure):
    (finding,) = finds(
        RULE, f"\ndef f(lines):\n    for line in lines:\n        print({query})\n", 4
    )
    assert cure in finding.message
    assert str(finding.cost) == "1 + N queries"
    finds(RULE, f"\ndef f(lines):\n    return [{query} for line in lines]\n", 3)


def test_flags_what_is_made_of_the_rounds_variable():
    finds(
        RULE,
        """
def f(lines):
    for line in lines:
        title = line.title.strip()
        books = Book.objects.filter(title=title)
        print(books.count())
""",
        5,
    )


@pytest.mark.parametrize("method", ["count()", "exists()", "first()", "filter(pages=1).last()"])
def test_flags_related_managers_of_the_rows(method):
    finds(RULE, f"\ndef f():\n    return [a.books.{method} for a in Author.objects.all()]\n", 3)


def test_flags_related_rows_that_are_filtered_for_a_value():
    (finding,) = finds(
        RULE,
        """
def f():
    for author in Author.objects.all():
        print([book.title for book in author.books.filter(published=True)])
""",
        4,
    )
    assert 'Prefetch("books"' in finding.message


def test_says_nothing_of_a_count_of_rows_that_the_same_round_fetches():
    ignores(
        RULE,
        """
def f(lines):
    for line in lines:
        found = Book.objects.filter(title=line)
        print(found.count())
        for book in found:
            print(book.title)
""",
    )


def test_a_prefetch_of_streamed_rows_needs_a_chunk_size():
    code = "\ndef f():\n    return [a.books.filter(pages=1).last() for a in Author.objects.{}]\n"
    (finding,) = finds(RULE, code.format("iterator()"), 3)
    assert finding.message.endswith(", and a chunk_size for iterator().")
    (finding,) = finds(RULE, code.format("iterator(chunk_size=9)"), 3)
    assert "iterator" not in finding.message


def test_of_several_queries_for_one_model_the_first_is_told():
    finds(
        RULE,
        """
def f(lines):
    for line in lines:
        print(Book.objects.filter(title=line, pages=1).count())
        print(Book.objects.filter(title=line, pages=2).count())
""",
        4,
    )


def test_counts_by_a_list_of_values_are_one_grouped_query():
    finds(
        RULE,
        "\ndef f():\n    return [Book.objects.filter(pages=n).count() for n in (1, 2, 3, 4)]\n",
    )
    ignores(RULE, "\ndef f():\n    return [Book.objects.filter(pages=n).count() for n in (1, 2)]\n")
    ignores(RULE, "\ndef f():\n    return [Book.objects.get(pages=n) for n in (1, 2, 3, 4)]\n")


def test_a_row_that_is_changed_and_saved_was_asked_for_all_the_same():
    finds(
        RULE,
        """
def f(lines):
    for line in lines:
        book = Book.objects.get(title=line.title)
        book.pages = line.pages
        book.save()
""",
        4,
    )


@pytest.mark.parametrize(
    "body",
    [
        "print(Book.objects.filter(pages=1).count())",
        "print(Book.objects.filter(pk__in=line.pks).count())",
        "print(Book.objects.filter(pages__gte=line.low, pages__lt=line.high).count())",
        "print(Book.objects.select_for_update().filter(title=line).first())",
        "return Book.objects.get(title=line)",
        "if Book.objects.filter(title=line).exists():\n            return line",
        "book = Book.objects.filter(title=line).first()\n        if book:\n            break",
        "found = Book.objects.get(title=found, pages=line)",
        "if line not in seen:\n            seen[line] = Book.objects.get(title=line)",
        "Book.objects.get(title=line).delete()",
        "if not Tag.objects.filter(name=line).exists():\n            Tag.objects.create(name=line)",
        "if not Tag.objects.filter(name=line).exists():\n            Tag(name=line).save()",
        (
            "try:\n            tag = Tag.objects.get(name=line)\n"
            "        except Tag.DoesNotExist:\n            make_tag(line)"
        ),
        "tag = Tag.objects.get(name=line)\n        handle(tag)",
        "send_mail(Author.objects.get(name=line).name)",
        "data = api.client.get_line(line)\n        author = Author.objects.get(name=line)",
        (
            "author = Author.objects.get(name=line)\n        move = make(author)\n"
            "        hand_over(move)"
        ),
        "print(Author.objects.get(name=line))\n        claim_all(line)",
        "while line:\n            line = Author.objects.filter(name=line).first()",
        "print(Book.objects.filter(title__iexact=line).count())",
        "print(Book.objects.filter(published=True, pages__gte=line).first())",
        (
            "try:\n            book = Book.objects.get(title=line)\n"
            "        except Book.DoesNotExist:\n            pass\n"
            "        else:\n            break"
        ),
    ],
)
def test_leaves_rounds_alone_that_need_their_query(body):
    ignores(RULE, f"\ndef f(lines, seen, found):\n    for line in lines:\n        {body}\n")


@pytest.mark.parametrize(
    "iterable",
    [
        "settings.LANGUAGES", "LEVELS", "self.get_languages()", "range(3)", "Book.KINDS",
        "{'a': 1}", "options['names']", "(a, b)",
        "self.get_prefixes()",
    ],
)  # fmt: skip
def test_leaves_a_handful_of_rounds_alone(iterable):
    ignores(
        RULE,
        f"\ndef f(self, settings, options, a, b):\n    for line in {iterable}:\n"
        "        print(Author.objects.get(name=line))\n",
    )


def test_leaves_to_eager_loading_what_it_mends():
    ignores(
        RULE,
        """
def f():
    for author in Author.objects.all():
        print([book.title for book in author.books.all()], author.country.name)
""",
    )


def test_the_arguments_of_a_command_are_few():
    command = "for name in names:\n        print(Author.objects.get(name=name))\n"
    source = f"{MODELS}{IMPORTS.replace('shop/views.py', 'shop/management/commands/a.py')}"
    assert not found(RULE, f"{source}\ndef f(names):\n    {command}")
    imported = "for name in names:\n        author = Author.objects.get(name=name)\n"
    imported += "        Book.objects.create(title=name, author=author)\n"
    assert found(RULE, f"{source}\ndef f(names):\n    {imported}")


def test_nobody_waits_for_samples():
    source = f"{MODELS}{IMPORTS.replace('shop/views.py', 'shop/sample_data.py')}"
    code = "\ndef f(lines):\n    return [Author.objects.get(name=line.name) for line in lines]\n"
    assert not found(RULE, source + code)
    assert found(RULE, source.replace("sample_data", "resampled") + code)


def test_a_bound_that_all_rounds_share_can_be_asked_for_together():
    finds(
        RULE,
        """
def f(lines, low):
    for line in lines:
        print(Book.objects.filter(title=line, pages__gte=low).count())
""",
        4,
    )


def test_rows_that_the_loop_walks_and_saves_change_what_is_asked():
    code = """
def f():
    for row in Book.objects.all():
        same = Book.objects.filter(title=row.title, pages=1).count()
        row.pages = same
        row.save()
"""
    ignores(RULE, code)
    finds(RULE, code.replace("in Book", "in Author").replace("row.title", "row.name"), 4)


@pytest.mark.parametrize("fetching", ["author.books.all()", "list(author.books.all())"])
def test_says_nothing_of_a_count_of_related_rows_that_the_round_fetches(fetching):
    ignores(
        RULE,
        f"""
def f():
    for author in Author.objects.all():
        if author.books.count():
            print([book.title for book in {fetching}])
""",
    )


def test_a_count_beside_the_first_row_asks_for_the_row():
    (finding,) = finds(
        RULE,
        """
def f(lines):
    for line in lines:
        books = Book.objects.filter(title=line.title)
        if books.count() == 1:
            print(books.first().pages)
""",
    )
    assert "grouped in Python" in finding.message


def test_says_nothing_of_a_query_that_another_files_function_makes():
    queries = """
# file: shop/queries.py
from shop.models import Book

def books_of(line):
    return Book.objects.filter(title=line)
"""
    code = "\nfrom shop.queries import books_of\n\ndef f(lines):\n"
    code += "    return [books_of(line).filter(pages=line).first() for line in lines]\n"
    assert not found(RULE, f"{MODELS}{queries}{IMPORTS}{code}")


@pytest.mark.parametrize(
    ("imported", "told"),
    [("import random", False), ("from faker import Faker", False), ("import randoms", True)],
)
def test_a_command_that_makes_up_values_fills_the_database(imported, told):
    source = f"{MODELS}{IMPORTS.replace('shop/views.py', 'shop/management/commands/a.py')}"
    code = f"\n{imported}\n\ndef f():\n    for author in Author.objects.all():\n"
    code += "        print(Country.objects.get(name=author.name))\n"
    assert bool(found(RULE, source + code)) == told


def test_related_rows_of_a_related_row_are_prefetched_by_the_whole_way():
    (finding,) = finds(
        RULE,
        """
def f():
    for book in Book.objects.select_related("author"):
        print(book.author.books.filter(published=True).first())
""",
    )
    assert 'Prefetch("author__books"' in finding.message


@pytest.mark.parametrize(("value", "told"), [("line.owner", False), ("owner", True)])
def test_says_nothing_where_an_own_method_takes_the_rounds_value(value, told):
    models = MODELS.replace(
        "    def published(self):",
        "    def seen_by(self, user):\n        return self.filter(owner=user)\n\n"
        "    def published(self):",
    )
    code = "\ndef f(lines, owner):\n    for line in lines:\n"
    code += f"        print(Book.objects.seen_by({value}).filter(title=line.title).exists())\n"
    assert bool(found(RULE, f"{models}{IMPORTS}{code}")) == told


@pytest.mark.parametrize("method", ["create", "get_or_create", "update_or_create"])
def test_passes_over_rounds_that_make_rows_of_a_mapping(method):
    code = f"""
def f(stock):
    for name, pages in stock.items():
        author = Author.objects.get(name=name)
        Chapter.objects.{method}(translator=author, title=pages)
"""
    ignores(RULE, code)
    finds(RULE, code.replace("name, pages in stock.items()", "(name, pages) in stock"), 4)


@pytest.mark.parametrize(
    ("rounds", "severity"),
    [
        ("lines", Severity.NOTE),
        ("lines.values()", Severity.NOTE),
        ("Book.objects.all()", Severity.WARNING),
        ("Book.objects.filter(author=author)", Severity.NOTE),
        ("author.books.all()", Severity.NOTE),
        ("Book.objects.all()[:10]", Severity.NOTE),
        ("Country.objects.all()", Severity.NOTE),
        ("Book.objects.values('title')", Severity.WARNING),
        ("Book.objects.values('title').distinct()", Severity.NOTE),
        ("Book.objects.values_list('title', flat=True)", Severity.WARNING),
    ],
)
def test_warns_of_as_many_rounds_as_there_are_rows(rounds, severity):
    code = f"""
def f(lines):
    author = Author.objects.get(pk=1)
    for line in {rounds}:
        print(Author.objects.filter(name=str(line)).exists())
"""
    (finding,) = finds(RULE, code, 5)
    assert finding.severity is severity
    assert ("of which there may be few" in finding.message) == (severity is Severity.NOTE)
