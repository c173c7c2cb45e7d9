import random
from itertools import combinations
from math import ceil, log2

import pytest

from praxis.audit.fixing.command import Outcome
from praxis.audit.fixing.marks import Mark
from praxis.audit.fixing.verification import Search, halves

FAILED = Outcome(passed=False, ending="ended with exit code 1", tail="", duration_s=0.0)
PASSED = Outcome(passed=True, ending="ended with exit code 0", tail="", duration_s=0.0)


def marks(count, group_size=1):
    return [
        Mark(f"TST{number // group_size:03}", "a.py", number, number + 1) for number in range(count)
    ]


def search(units, breaks):
    """Run the search where ``breaks(set of units)`` says what fails; returns also the runs."""
    runs = []

    def passes(tried):
        runs.append(tried)
        return FAILED if breaks(frozenset(tried)) else PASSED

    made = Search(passes)
    kept = made.run(units, FAILED)
    return kept, made.rejected, runs


@pytest.mark.parametrize("count", [1, 2, 3, 7, 16])
def test_finds_the_one_that_breaks_wherever_it_is(count):
    units = marks(count)
    for guilty in units:
        kept, rejected, runs = search(units, lambda tried, guilty=guilty: guilty in tried)
        assert set(kept) == set(units) - {guilty}
        assert set(rejected) == {guilty}
        assert len(runs) <= 2 * ceil(log2(count)) if count > 1 else not runs


def test_finds_any_two_that_break():
    units = marks(8)
    for guilty in combinations(units, 2):
        kept, rejected, _ = search(units, lambda tried, guilty=guilty: not tried.isdisjoint(guilty))
        assert set(rejected) == set(guilty)
        assert set(kept) == set(units) - set(guilty)


def test_takes_back_the_later_of_two_that_break_only_together():
    units = marks(8)
    for pair in combinations(units, 2):
        kept, rejected, _ = search(units, lambda tried, pair=pair: tried.issuperset(pair))
        assert set(rejected) == {max(pair)}
        assert set(kept) == set(units) - {max(pair)}


def test_what_is_kept_has_passed_as_a_whole():
    chance = random.Random(3)
    for _ in range(100):
        units = marks(chance.randint(2, 12))
        bad = [
            frozenset(chance.sample(units, chance.randint(1, min(3, len(units)))))
            for _ in range(chance.randint(1, 4))
        ]

        def breaks(tried, bad=bad):
            return any(tried.issuperset(together) for together in bad)

        if not breaks(frozenset(units)):
            continue
        kept, rejected, runs = search(units, breaks)
        assert not breaks(frozenset(kept))
        assert set(kept) | set(rejected) == set(units)
        assert not kept or any(set(kept) == set(tried) for tried in runs)


def test_nothing_stays_where_each_breaks():
    kept, rejected, _ = search(marks(5), bool)
    assert kept == ()
    assert len(rejected) == 5


def test_splits_between_groups_before_it_splits_a_group():
    units = tuple(marks(6, group_size=3))
    assert halves(units) == (units[:3], units[3:])
    assert halves(units[:3]) == (units[:1], units[1:3])
