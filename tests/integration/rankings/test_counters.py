"""Counters and unique counts on a real Redis."""

import asyncio

import pytest

from praxis.errors import RankingError, RankingStateError
from praxis.rankings import Counter, UniqueCount
from praxis.redis import link

pytestmark = pytest.mark.redis


def test_counts(configured):
    views = Counter("views")
    assert [views.add(7), views.add(7, 5), views.add("7"), views.add(7, -1)] == [1, 6, 1, 5]
    assert views.values([7, "7", "none"]) == {7: 5, "7": 1, "none": 0}
    assert (views.add(), views.value()) == (1, 1)
    views.clear()
    assert views.value(7) == 0


def test_counts_of_a_period(configured):
    views = Counter("views", period="day")
    views.add("a", 3)
    views.past().add("a", 5)
    assert (views.value("a"), views.past().value("a"), views.past(2).value("a")) == (3, 5, 0)
    assert all(link().call("PTTL", key) > 0 for key in link().call("KEYS", "*"))
    with pytest.raises(RankingError, match="no periods"):
        Counter("views").past()


def test_counts_by_coroutines(configured):
    views, visitors = Counter("views"), UniqueCount("visitors", period="hour")

    async def use():
        assert await views.aadd("a", 2) == 2
        assert await views.avalue("a") == 2
        assert await views.avalues(["a", "b"]) == {"a": 2, "b": 0}
        await views.aclear()
        await visitors.aadd("a", "b")
        assert await visitors.acount(periods=3) == 2

    asyncio.run(use())
    assert views.value("a") == 0


@pytest.mark.parametrize("by", [1.5, True, None, 2**63, "1"])
def test_what_cannot_be_counted_is_refused(configured, by):
    with pytest.raises(RankingError, match="by is a whole number"):
        Counter("views").add("a", by)


def test_too_much_is_told(configured):
    views = Counter("views")
    views.add("a", 2**63 - 1)
    with pytest.raises(RankingStateError, match="overflow"):
        views.add("a")
    assert views.value("a") == 2**63 - 1


def test_different_ones(configured):
    visitors = UniqueCount("visitors", period="day")
    for start in range(0, 20_000, 1000):
        visitors.add(*range(start, start + 1000))
        visitors.add(*range(start, start + 1000))
    assert abs(visitors.count() - 20_000) < 20_000 * 0.03  # near four standard errors
    visitors.past().add(*range(500), "new")
    assert visitors.past().count() == pytest.approx(501, rel=0.03)
    assert abs(visitors.count(periods=2) - visitors.count()) <= 10
    visitors.add()
    with pytest.raises(RankingError):
        visitors.count(periods=0)
    with pytest.raises(RankingError, match="no periods"):
        UniqueCount("all").count(periods=2)


def test_something_else_under_its_key_is_told(configured):
    link().call("SET", "praxis:unique:{a}:", "foreign")
    link().call("SET", "praxis:count:{a}:", "foreign")
    for act in (
        UniqueCount("a").count,
        lambda: UniqueCount("a").add(1),
        lambda: Counter("a").add(),
    ):
        with pytest.raises(RankingStateError, match=r"\{a\}"):
            act()
