"""What a statement that writes tells of the rows it meets."""

import pytest

from praxis.cache.catalog import Catalog, NotComparableError, TableFacts
from praxis.cache.plans.change import change


def number(value):
    if not isinstance(value, int):
        raise NotComparableError
    return value


FACTS = TableFacts("id", {"id": number, "author_id": number})
TABLES = Catalog({"book": FACTS})
SHAPES = [("id",), ("author_id",), ("author_id", "id")]
INSERT = 'INSERT INTO "book" ("title", "author_id") VALUES (%s, %s)'


def told(sql, *parameters, shapes=SHAPES, vendor="postgresql"):
    found = change(sql, vendor, TABLES)
    return found.verb and found.told(shapes, parameters, FACTS)


@pytest.mark.parametrize(
    ("sql", "parameters", "expected"),
    [
        (INSERT, ("x", 3), {("id",): set(), ("author_id",): {(3,)}}),
        (f'{INSERT} RETURNING "book"."id"', ("x", 3), {("id",): set(), ("author_id",): {(3,)}}),
        (f"{INSERT} ON CONFLICT DO NOTHING", ("x", 3), {("id",): set(), ("author_id",): {(3,)}}),
        (f"{INSERT}, (%s, %s), (%s, %s)", ("x", 3, "y", 4, "z", 3),
         {("id",): set(), ("author_id",): {(3,), (4,)}}),
        ('INSERT INTO "book" ("id", "author_id") VALUES (%s, %s)', (7, None),
         {("id",): {(7,)}, ("author_id",): {(None,)}, ("author_id", "id"): {(None, 7)}}),
        ('INSERT INTO "book" ("id", "author_id") VALUES (%s, %s)', (7, "3"), {("id",): {(7,)}}),
        ('INSERT INTO "book" ("id", "author_id") VALUES (%s, %s + 1)', (7, 3), {}),
        ('INSERT INTO "book" ("title") VALUES (%s)', ("x",), {("id",): set()}),
        ('UPDATE "book" SET "title" = %s WHERE "book"."id" = %s', ("x", 7), {("id",): {(7,)}}),
        ('UPDATE "book" SET "title" = %s WHERE "book"."id" IN (%s, %s)', ("x", 7, 8),
         {("id",): {(7,), (8,)}}),
        ('UPDATE "book" SET "title" = %s WHERE ("book"."id" = %s AND "book"."author_id" = %s)',
         ("x", 7, 3), {("id",): {(7,)}}),
        ('UPDATE "book" SET "id" = %s WHERE "book"."id" = %s', (8, 7), {}),
        ('UPDATE "book" SET "title" = %s', ("x",), {}),
        ('UPDATE "book" SET "title" = %s WHERE "book"."id" = %s OR "book"."id" > %s',
         ("x", 7, 8), {}),
        ('DELETE FROM "book" WHERE "book"."id" IN (%s, %s)', (7, 8), {("id",): {(7,), (8,)}}),
        ('DELETE FROM "book" WHERE "book"."id" = %s RETURNING "id"', (7,), {("id",): {(7,)}}),
    ],
)  # fmt: skip
def test_tells_what_the_text_tells(sql, parameters, expected):
    assert told(sql, *parameters) == expected


@pytest.mark.parametrize(
    "sql",
    [
        f'{INSERT} ON CONFLICT ("title") DO UPDATE SET "author_id" = 4',
        'INSERT INTO "book" ("id") SELECT 7',
        'UPDATE "book" SET "title" = "other"."title" FROM "other" WHERE "book"."id" = 7',
        'DELETE FROM "book" USING "other" WHERE "book"."id" = 7',
        'WITH "x" AS (DELETE FROM "book" RETURNING *) SELECT * FROM "x"',
        'DELETE FROM "unknown" WHERE "id" = 7',
        'TRUNCATE "book"',
        'SELECT "id" FROM "book"',
        "nonsense",
    ],
)
def test_whatever_is_of_another_form_counts_for_all_rows(sql):
    assert not told(sql, 1, 2)
