"""What a SELECT depends on: never less than it reads, and no more than can be told."""

import pytest

from praxis.cache.catalog import Catalog, Reference, TableFacts, truth
from praxis.cache.plans.select import plan
from praxis.cache.protocol.dependencies import Joined, Matching, Whole


def number(value):
    return int(value)


def text(value):
    return str(value)


TABLES = Catalog(
    {
        "book": TableFacts(
            "id",
            {"id": number, "author_id": number, "title": text, "active": truth},
            {"author_id": Reference("author", "id", optional=False)},
        ),
        "author": TableFacts(
            "id",
            {"id": number, "country_id": number},
            {"country_id": Reference("country", "id", optional=True)},
        ),
        "country": TableFacts("id", {"id": number}),
        "odd": TableFacts("", {}),
    }
)
KEY = Matching("book", ("id",), ((7,),))
BOOK, AUTHOR = Whole("book"), Whole("author")
JOIN = 'INNER JOIN "author" ON ("book"."author_id" = "author"."id")'
SELECTED = 'SELECT "book"."id", "book"."author_id", "author"."id" FROM "book"'


def depends(sql, *parameters, vendor="postgresql"):
    found = plan(sql, vendor, TABLES).dependencies(parameters)
    return sorted(found, key=lambda one: one.table, reverse=True)


@pytest.mark.parametrize(
    ("where", "parameters", "expected"),
    [
        ('"book"."id" = %s', (7,), KEY),
        ('("book"."id" = %s)', (7,), KEY),
        ('"book"."id" = 7', (), KEY),
        ('"book"."id" = %s AND "book"."title" = %s', (7, "x"), KEY),
        ('"book"."id" IN (%s, %s)', (7, 8), Matching("book", ("id",), ((7,), (8,)))),
        ('("book"."title" = %s AND "book"."active")', ("x",),
         Matching("book", ("active", "title"), ((1, "x"),))),
        ('NOT "book"."active"', (), Matching("book", ("active",), ((0,),))),
        ('"book"."author_id" IS NULL', (), Matching("book", ("author_id",), ((None,),))),
        ('"book"."author_id" = %s AND "book"."title" LIKE %s', (3, "a%"),
         Matching("book", ("author_id",), ((3,),))),
        ('"book"."id" = %s OR "book"."author_id" = %s', (7, 3), BOOK),
        ('NOT ("book"."id" = %s)', (7,), BOOK),
        ('NOT ("book"."id" = %s AND "book"."active")', (7,), BOOK),
        ('"book"."id" BETWEEN %s AND %s', (7, 8), BOOK),
        ('"book"."id" = %s + 1', (7,), BOOK),
        ('"book"."id" > %s', (7,), BOOK),
        ('"book"."author_id"', (), BOOK),
        ('"book"."pages" = %s', (7,), BOOK),
        ('"book"."id" = "book"."author_id"', (), BOOK),
        ('CASE WHEN "book"."id" = %s THEN 1 ELSE 0 END = 1', (7,), BOOK),
        ('"book"."id" = (SELECT 7)', (), BOOK),
        ('"book"."id" = %s', (), BOOK),
    ],
)  # fmt: skip
def test_conditions_that_must_hold_narrow_the_rows(where, parameters, expected):
    sql = f'SELECT "book"."id" FROM "book" WHERE {where} ORDER BY "book"."id"'
    assert depends(sql, *parameters) == [expected]


def test_a_parameter_before_the_condition_is_counted():
    assert depends('SELECT %s AS "a" FROM "book" WHERE "book"."id" = %s', 1, 7) == [KEY]


def test_many_alternatives_stand_for_all_rows():
    marks = ", ".join(["%s"] * 51)
    sql = f'SELECT "book"."id" FROM "book" WHERE "book"."id" IN ({marks})'
    assert depends(sql, *range(51)) == [BOOK]


@pytest.mark.parametrize("vendor", ["postgresql", "sqlite", "mysql"])
def test_each_vendor_has_quotes_of_its_own(vendor):
    quote = "`" if vendor == "mysql" else '"'
    sql = f"SELECT {quote}book{quote}.{quote}id{quote} FROM {quote}book{quote} WHERE id = %s"
    assert depends(sql, 7, vendor=vendor) == [KEY]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (f'{SELECTED} {JOIN} WHERE "book"."id" = %s', [KEY, Joined("author", "id")]),
        (f'{SELECTED} {JOIN.replace("INNER", "LEFT OUTER")} WHERE "book"."id" = %s',
         [KEY, Joined("author", "id")]),
        (f'{SELECTED} {JOIN} WHERE "book"."id" = %s ORDER BY "author"."name"', [KEY, AUTHOR]),
        (f'{SELECTED} {JOIN} WHERE "book"."id" = %s AND "author"."name" = %s', [KEY, AUTHOR]),
        (f'SELECT DISTINCT "book"."author_id" FROM "book" {JOIN} WHERE "book"."id" = %s',
         [KEY, AUTHOR]),
        ((f'SELECT "book"."author_id", MAX("author"."name") FROM "book" {JOIN} '
         'WHERE "book"."id" = %s GROUP BY "book"."author_id"'), [KEY, AUTHOR]),
        (f'SELECT "book"."id", "author"."id" FROM "book" {JOIN} WHERE "book"."id" = %s',
         [KEY, AUTHOR]),
        (('SELECT "book"."id", "book"."author_id" FROM "book" INNER JOIN "author" ON '
         '("book"."author_id" = "author"."country_id") WHERE "book"."id" = %s'), [KEY, AUTHOR]),
        (('SELECT "book"."author_id" FROM "book" INNER JOIN "author" ON ("book"."author_id" = '
         '"author"."id" AND "author"."country_id" > 3) WHERE "book"."id" = %s'), [KEY, AUTHOR]),
        (('SELECT T2."id", "book"."author_id" FROM "book" INNER JOIN "author" T2 ON '
         '("book"."author_id" = T2."id") WHERE "book"."id" = %s'), [KEY, Joined("author", "id")]),
        (('SELECT "book"."author_id", T3."author_id" FROM "book" INNER JOIN "book" T3 ON '
         '("book"."author_id" = T3."author_id") WHERE "book"."id" = %s'), [BOOK]),
        ((f'SELECT "book"."author_id" FROM "book" {JOIN.replace("INNER", "RIGHT")} '
         'WHERE "book"."id" = %s'), [BOOK, AUTHOR]),
        ('SELECT 1 FROM "book", "author" WHERE "book"."id" = %s', [BOOK, AUTHOR]),
        ('SELECT 1 FROM "book" WHERE "book"."id" = %s AND EXISTS (SELECT 1 FROM "author")',
         [BOOK, AUTHOR]),
        ('SELECT "book"."id" FROM "book" WHERE "book"."id" = %s UNION SELECT 1 FROM "author"',
         [BOOK, AUTHOR]),
        (f'SELECT "book".*, "book"."author_id" AS "a" FROM "book" {JOIN} WHERE "book"."id" = %s',
         [KEY, AUTHOR]),
        (f'SELECT *, "book"."author_id" FROM "book" {JOIN} WHERE "book"."id" = %s', [KEY, AUTHOR]),
    ],
)  # fmt: skip
def test_joined_rows_are_known_by_their_keys_if_nothing_else_hangs_on_them(sql, expected):
    assert depends(sql, 7) == expected


def test_a_chain_of_joins_is_known_by_keys():
    sql = (
        'SELECT "book"."id", "book"."author_id", "author"."country_id", "country"."id" FROM "book" '
        f'{JOIN} LEFT OUTER JOIN "country" ON ("author"."country_id" = "country"."id") '
        'WHERE "book"."id" = %s'
    )
    assert depends(sql, 7) == [Joined("country", "id"), KEY, Joined("author", "id")]
    assert {joined.table: place for joined, place in plan(sql, "postgresql", TABLES).joined} == {
        "author": 1, "country": 2,
    }  # fmt: skip


def test_a_row_that_decides_whom_it_is_joined_with_is_not_known_by_its_key():
    sql = (
        'SELECT "book"."id", "book"."author_id", "author"."country_id", "country"."id" FROM "book" '
        f'{JOIN} INNER JOIN "country" ON ("author"."country_id" = "country"."id") '
        'WHERE "book"."id" = %s'
    )
    # an author without a country takes the book out of the result
    assert depends(sql, 7) == [Joined("country", "id"), KEY, AUTHOR]


def test_a_null_of_a_table_that_may_be_absent_narrows_nothing():
    sql = (
        'SELECT "book"."id" FROM "book" LEFT OUTER JOIN "author" ON ("book"."author_id" = '
        '"author"."id") WHERE "author"."country_id" IS NULL'
    )
    assert depends(sql) == [BOOK, AUTHOR]


@pytest.mark.parametrize(
    ("sql", "rows", "unproven"),
    [
        ('SELECT "book"."id" FROM "book" WHERE "book"."id" = %s', [(7,)], ""),
        ('SELECT "book"."id" FROM "book" WHERE "book"."id" = %s', [], "book"),
        ('SELECT "book"."title" FROM "book" WHERE "book"."id" = %s', [("x",)], ""),
        ('SELECT 1 AS "a" FROM "book" WHERE "book"."id" = %s LIMIT 1', [(1,)], ""),
        ('SELECT COUNT(*) FROM "book" WHERE "book"."id" = %s', [(0,)], "book"),
        ('SELECT "book"."id" FROM "book" WHERE "book"."id" IN (%s, %s)', [(7,)], "book"),
        ('SELECT "book"."id" FROM "book" WHERE "book"."id" IN (%s, %s)', [(8,), (7,)], ""),
        ('SELECT "book"."id" FROM "book" WHERE "book"."title" = %s', [], ""),
    ],
)
def test_a_result_that_lacks_rows_waits_for_new_ones(sql, rows, unproven):
    found = plan(sql, "postgresql", TABLES)
    assert found.unproven(found.dependencies((7, 8)), rows) == unproven
