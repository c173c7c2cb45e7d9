"""When a write may be acknowledged that Redis was not told of."""

import pytest

from praxis.cache.changes.hold import LOOKS_HELD, Holds

LOOK_S = 1.0
#: A look counts so long at most, whosever clock runs slow.
LONGEST_S = 1.1


class Clock:
    now_s = 100.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def holds(clock):
    return Holds(LOOK_S, clock)


def test_the_first_write_waits_until_no_look_counts_that_did_not_see_it(holds):
    assert not holds.is_wanted()
    assert holds.acknowledgeable_s(100.0) >= 100.0 + LONGEST_S


def test_the_second_in_a_row_is_to_leave_a_hold(holds, clock):
    holds.acknowledgeable_s(100.0)
    clock.now_s += LOOK_S
    assert holds.is_wanted()
    clock.now_s += LOOK_S * LOOKS_HELD
    assert not holds.is_wanted()


def held(holds, clock):
    """As after a hold that was left now."""
    holds.acknowledgeable_s(clock.now_s)
    holds.left(begun_s=clock.now_s, committed_s=clock.now_s)


def test_a_hold_is_waited_for_once(holds, clock):
    held(holds, clock)
    assert holds.acknowledgeable_s(100.5) == holds.acknowledgeable_s(100.9) >= 100.0 + LONGEST_S
    assert holds.acknowledgeable_s(102.0) == 102.0


def test_a_hold_that_is_over_helps_nobody(holds, clock):
    held(holds, clock)
    last_s = 100.0 + holds.life_s
    assert holds.acknowledgeable_s(last_s) >= last_s + LONGEST_S
    # nor does one of which a slow clock may think that it stands
    assert holds.acknowledgeable_s(last_s - 0.3) >= last_s - 0.3 + LONGEST_S


def test_a_hold_is_followed_by_another_one_in_time(holds, clock):
    held(holds, clock)
    assert not holds.is_wanted()
    clock.now_s += holds.life_s / 2 + 0.1
    holds.acknowledgeable_s(clock.now_s)
    assert holds.is_wanted()
    holds.left(begun_s=clock.now_s, committed_s=clock.now_s)
    # there was no moment without one since the first
    assert holds.acknowledgeable_s(100.0 + holds.life_s) == 100.0 + holds.life_s


def test_one_that_follows_too_late_begins_anew(holds, clock):
    held(holds, clock)
    clock.now_s += holds.life_s
    holds.left(begun_s=clock.now_s, committed_s=clock.now_s)
    assert holds.acknowledgeable_s(clock.now_s) >= clock.now_s + LONGEST_S


def test_one_whose_commit_took_longer_than_it_lasts_helps_nobody(holds, clock):
    holds.acknowledgeable_s(100.0)
    holds.left(begun_s=100.0, committed_s=100.0 + holds.life_s)
    assert holds.acknowledgeable_s(200.0) >= 200.0 + LONGEST_S


def test_a_hold_never_makes_a_write_wait_longer(holds, clock):
    holds.acknowledgeable_s(100.0)
    holds.left(begun_s=100.0, committed_s=103.0)
    assert holds.acknowledgeable_s(100.1) == pytest.approx(100.1 + LONGEST_S, abs=0.01)
