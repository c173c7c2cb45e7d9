"""What was worked out once says the same as what is worked out anew."""

import enum

import pytest

from praxis.cache.catalog import Catalog, NotComparableError, Reference, TableFacts
from praxis.cache.plans.prepared import Prepared
from praxis.cache.plans.select import plan
from praxis.cache.protocol.calls import Keys, Reading
from praxis.conf import ModelCacheConfig


def whole(value):
    if isinstance(value, int):
        return int(value)
    raise NotComparableError


TABLES = Catalog(
    {
        "book": TableFacts(
            "id",
            {"id": whole, "author_id": whole},
            {"author_id": Reference("author", "id", optional=False)},
        ),
        "author": TableFacts("id", {"id": whole}),
    }
)
WATCHED = {"book": ModelCacheConfig(ttl_s=60.0), "author": ModelCacheConfig(ttl_s=30.0)}
BY_KEY = 'SELECT "book"."id" FROM "book" WHERE "book"."id" = %s'
BY_KEYS = 'SELECT "book"."id" FROM "book" WHERE "book"."id" IN (%s, %s)'
BY_AUTHOR = 'SELECT "book"."id" FROM "book" WHERE "book"."author_id" = %s'
JOINED = (
    'SELECT "book"."author_id" FROM "book" INNER JOIN "author" ON '
    '("book"."author_id" = "author"."id") WHERE "book"."id" = %s'
)
COUNT = 'SELECT COUNT(*) FROM "book"'
KEYS = Keys("shop", b"run")


def prepared(sql, shape=(False, 1), session=b""):
    return Prepared(sql, "postgresql", TABLES, WATCHED, shape, session)


@pytest.mark.parametrize("sql", [BY_KEY, BY_KEYS, BY_AUTHOR, JOINED, COUNT])
@pytest.mark.parametrize("first", [1, "text"])
def test_a_reading_is_what_the_plan_says(sql, first):
    one, count = prepared(sql), sql.count("%s")
    for value in (first, 2, "text", 3):
        params = (value,) * count
        reading = one.reading(params)
        anew = Reading(b"", plan(sql, "postgresql", TABLES).dependencies(params))
        assert reading.keys(KEYS)[1:] == anew.keys(KEYS)[1:]
        assert reading._kinds == anew._kinds
        assert reading._joined == anew._joined


class Number(int):
    pass


class Colour(enum.StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((BY_KEY, (1,)), (BY_KEY, (2,))),
        ((BY_KEY, (1,)), (BY_AUTHOR, (1,))),
        ((BY_KEY, (1,)), (BY_KEY, ("1",))),
        ((BY_KEY, (1,)), (BY_KEY, (True,))),
        ((BY_KEY, (1,)), (BY_KEY, (1.0,))),
        ((BY_KEY, (1,)), (BY_KEY, (Number(1),))),
        ((BY_KEY, ("red",)), (BY_KEY, (Colour.RED,))),
        ((BY_KEY, ([1],)), (BY_KEY, (["1"],))),
        ((BY_KEY, ([1],)), (BY_KEY, ((1,),))),
        ((BY_KEY, ([[True]],)), (BY_KEY, ([[1]],))),
        ((BY_KEYS, (1, 2)), (BY_KEYS, (2, 1))),
    ],
)
def test_what_may_have_another_result_has_another_name(one, other):
    names = {prepared(sql).reading(params)._entry for sql, params in (one, other)}
    again = prepared(one[0]).reading(one[1])._entry
    assert len(names) == 2
    assert again in names


def test_the_same_text_has_another_name_where_more_tells_it_apart():
    told = [prepared(BY_KEY), prepared(BY_KEY, (True, 1)), prepared(BY_KEY, session=b"other")]
    assert len({one.reading((1,))._entry for one in told}) == 3


def test_a_parameter_that_only_an_adapter_knows_has_no_name():
    assert prepared(BY_KEY).reading((object(),)) is None


@pytest.mark.parametrize(
    ("sql", "ttl_s"),
    [
        (BY_KEY, 60.0), (JOINED, 30.0), ('SELECT 1 FROM "other"', None), ("SELECT 1", None),
        (f"{BY_KEY} FOR UPDATE", None), ('SELECT random() FROM "book"', None),
        ('DELETE FROM "book"', None),
    ],
)  # fmt: skip
def test_a_result_is_kept_as_long_as_all_its_tables_say(sql, ttl_s):
    assert prepared(sql).ttl_s == ttl_s
