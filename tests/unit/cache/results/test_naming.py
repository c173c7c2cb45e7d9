import datetime as dt
import enum
import itertools
import uuid
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, User
from django.test import override_settings
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from praxis.cache.results.naming import name_of
from praxis.errors import NotCacheableError


class Colour(enum.Enum):
    RED = 1


class Size(enum.IntEnum):
    ONE = 1


def row(model, pk, database="default"):
    made = model(pk=pk)
    made._state.adding, made._state.db = False, database
    return made


DIFFERENT = [
    None, True, False, 0, 1, 2**70, 1.0, "1", b"1", Decimal(1), Decimal("1.0"), Colour.RED,
    Size.ONE, uuid.UUID(int=1), dt.date(2024, 1, 1), dt.datetime(2024, 1, 1),  # noqa: DTZ001 - naive ones are names, too
    dt.datetime(2024, 1, 1, tzinfo=dt.UTC), dt.time(1), dt.timedelta(1), (), [], set(),
    frozenset(), {}, (1,), [1], {1}, [1, 2], [2, 1], [[1], 2], [1, [2]], {"a": 1}, {"a": "1"},
    {1: "a"}, row(Group, 1), row(Group, 2), row(User, 1), row(Group, 1, "other"), Group, User,
    ["row", "auth.group"], ["str", "a"], "a", mark_safe("a"), ["a", "b"], ["a\x00b"],
]  # fmt: skip


def test_what_differs_has_different_names():
    for (_, one), (_, other) in itertools.combinations(enumerate(DIFFERENT), 2):
        assert name_of("function", one) != name_of("function", other), (one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({3, 1, 2}, {2, 3, 1}),
        (row(Group, 1), row(Group, 1)),
    ],
)
def test_what_is_equal_has_one_name(one, other):
    assert name_of("function", one) == name_of("function", other)


def test_a_lazy_text_is_what_it_says_now():
    lazy = gettext_lazy("Monday")
    with translation.override("de"):
        assert name_of("function", lazy) == name_of("function", "Montag")


def test_parts_do_not_run_into_each_other():
    assert name_of("a", "b", "c") != name_of("a", "bc", "") != name_of("ab", "c", "")


def test_another_release_has_other_names():
    before = name_of("function", 1)
    with override_settings(PRAXIS={"cache": {"version": "2"}}):
        assert name_of("function", 1) != before
    assert name_of("function", 1) == before


@pytest.mark.parametrize("value", [object(), len, Group(), Group.objects.all(), iter([]), object])
def test_what_stands_for_nothing_is_refused(value):
    with pytest.raises(NotCacheableError):
        name_of("function", value)


def test_what_holds_itself_is_refused():
    endless = []
    endless.append(endless)
    with pytest.raises(NotCacheableError, match="nested"):
        name_of("function", endless)
