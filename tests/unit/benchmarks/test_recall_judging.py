"""What counts as found, and what as still told, in the measurement of recall."""

from dataclasses import replace

import msgspec
import pytest

from benchmarks.recall.cases import Case, Reading, Site
from benchmarks.recall.judging import Spot, Told, judge, told
from praxis.audit.findings import Finding, Fix, Place, Safety, Step

CASE = Case(
    id="shop-books",
    project="shop",
    before="1.0",
    after="1.1",
    kind="template",
    across=True,
    model="Book",
    lookups=("author",),
    query=Site("shop/views.py", "Books.get_queryset"),
    reads=(Reading("shop/templates/books.html", 7, "for book in books: book.author"),),
    fixed=Site("shop/views.py", "Books.get_queryset"),
    needs="",
    abilities=(),
)
QUERY = Spot("shop/views.py", 12, "Books.get_queryset")
READ = Spot("shop/templates/books.html", 7, "")
FOUND = Told("ORM103", frozenset({"Book"}), frozenset({"author"}), (READ, QUERY))


def test_finds_the_relation_of_the_right_rows():
    verdict = judge(CASE, [FOUND], [])

    assert verdict.found
    assert verdict.same_place
    assert verdict.lookups == ("author",)
    assert verdict.remaining == ()
    assert verdict.codes == ("ORM103",)


def test_finds_a_longer_way_that_begins_with_the_relation():
    longer = replace(FOUND, lookups=frozenset({"author__country"}))

    assert judge(CASE, [longer], []).found


@pytest.mark.parametrize(
    "other",
    [
        replace(FOUND, models=frozenset({"Author"}), spots=(QUERY,)),
        replace(FOUND, lookups=frozenset({"authors"})),
        replace(FOUND, lookups=frozenset({"publisher"})),
        replace(FOUND, spots=(Spot("shop/admin.py", 7, ""),)),
        replace(FOUND, spots=(Spot("workshop/views.py", 7, ""),)),
        replace(FOUND, code="ORM109"),
    ],
    ids=["other rows", "other word", "other relation", "other file", "like a file", "other rule"],
)
def test_passes_over_what_tells_of_something_else(other):
    assert not judge(CASE, [other], []).found


def test_takes_the_last_relation_at_the_line_where_it_is_read_for_the_same():
    outer = replace(FOUND, models=frozenset({"Shop"}), lookups=frozenset({"books__author"}))

    assert judge(CASE, [outer], []).found
    assert not judge(CASE, [replace(outer, spots=(READ._replace(line=8),))], []).found


def test_knows_a_file_by_its_path_below_a_folder_of_sources():
    below = (Spot("src/shop/views.py", 12, "Books.get_queryset"),)

    verdict = judge(CASE, [replace(FOUND, spots=below)], [])

    assert verdict.found
    assert verdict.same_place


def test_says_whether_a_step_is_in_the_function_that_makes_the_query():
    elsewhere = (READ, QUERY._replace(symbol="Books.get"))
    inside = (READ, QUERY._replace(symbol="Books.get_queryset.inner"))

    assert not judge(CASE, [replace(FOUND, spots=elsewhere)], []).same_place
    assert judge(CASE, [replace(FOUND, spots=inside)], []).same_place


def test_counts_what_is_told_after_the_fix_as_well():
    assert judge(CASE, [FOUND], [FOUND]).remaining == ("author",)


def test_does_not_take_a_longer_way_for_one_that_was_loaded():
    longer = replace(FOUND, lookups=frozenset({"author__country"}))

    assert judge(CASE, [FOUND], [longer]).remaining == ()


def test_does_not_blame_another_query_of_the_same_file_after_the_fix():
    other = replace(FOUND, spots=(READ, Spot("shop/views.py", 40, "Other.get_queryset")))

    assert judge(CASE, [FOUND], [other]).remaining == ()


def test_counts_each_relation_of_a_case_by_itself():
    case = msgspec.structs.replace(CASE, lookups=("author", "publisher"))

    verdict = judge(case, [FOUND], [replace(FOUND, lookups=frozenset({"publisher"}))])

    assert verdict.lookups == ("author",)
    assert verdict.remaining == ()


def test_reads_rows_and_relations_off_a_finding():
    place = Place("shop/views.py", 0, 1, 12, 1, 12, 2)
    finding = Finding(
        place,
        'author is fetched anew for each Book row. Add .select_related("author", "shop").',
        Fix((), Safety.UNSAFE, 'Add .prefetch_related("tags")'),
        (
            Step(place, "the query for Book rows"),
            Step(place, "publisher.country is fetched for each row"),
            Step(place, "lines.count() is fetched for each row"),
        ),
        code="ORM101",
    )

    read = told(finding, [QUERY])

    assert read.code == "ORM101"
    assert read.models == {"Book"}
    assert read.lookups == {"author", "shop", "tags", "publisher__country"}
    assert read.spots == (QUERY,)
