"""Writes that Redis was not told of, in every order with readers that look for words of them."""

import pytest

from praxis.cache.protocol.calls import Written
from tests.unit.cache.protocol.interleavings import (
    TRANSACTION,
    Broken,
    Change,
    Explorer,
    Reader,
    Trouble,
    World,
    Writer,
)
from tests.unit.cache.protocol.test_interleavings import ALL_ROWS, BY_AUTHOR, BY_KEY, MOVE, SAVE
from tests.unit.cache.protocol.words import Clock, CutOffWriter, LookingReader

CUT_OFF = ("commit+word", "wait", "acknowledge")
#: A write of a process that has waited already.
HELD = ("hold", "commit+word", "wait for the hold", "acknowledge")


def explore(actors, *, faults=0):
    # two readers may see a commit in another order while Redis is gone: that is given up
    explorer = Explorer(strict=True, linearizable=False)
    explorer.explore(World({}, ((0, 1),), faults=faults, actors=actors))
    return explorer.states


def reader(query=BY_KEY, *, change=SAVE, times=1, **options):
    return LookingReader("r", query, times, change=change, **options)


CASES = pytest.mark.parametrize(
    ("query", "change"), [(BY_KEY, SAVE), (ALL_ROWS, SAVE), (BY_AUTHOR, MOVE)]
)


@CASES
def test_no_read_is_older_than_what_a_writer_without_redis_acknowledged(query, change):
    actors = [CutOffWriter("w", change, CUT_OFF), reader(query, change=change, times=3)]
    assert explore([*actors, Clock(2)]) > 1000


def test_no_read_is_older_than_what_was_acknowledged_while_a_hold_stood():
    assert (
        explore([CutOffWriter("w", MOVE, HELD), reader(BY_AUTHOR, change=MOVE, times=3), Clock(3)])
        > 1000
    )


@CASES
def test_two_readers_look_at_once(query, change):
    readers = [reader(query, change=change) for _ in range(2)]
    explore([CutOffWriter("w", change, CUT_OFF), *readers, Clock(1)])


def test_a_writer_with_redis_and_one_without():
    actors = [CutOffWriter("w0", SAVE, CUT_OFF), Writer("w1", SAVE, TRANSACTION)]
    explore([*actors, reader(times=2), Clock(1)])


def test_a_reader_may_be_killed_while_it_looks():
    readers = [reader(mortal=True), reader()]
    explore([CutOffWriter("w", SAVE, CUT_OFF), *readers, Clock(1)], faults=1)


@pytest.mark.parametrize("kind", ["evict all", "restart", "change over"])
def test_keys_may_go_while_somebody_looks(kind):
    actors = [CutOffWriter("w", SAVE, CUT_OFF), reader(times=2), Trouble("trouble", (kind,))]
    explore([*actors, Clock(1)], faults=1)


# Mistakes, each of which the exploration must find.


def found(steps, *, ticks=1, times=1, faults=0, **options):
    readers = [reader(times=times, **options), reader(times=2, **options)]
    with pytest.raises(Broken) as broken:
        explore([CutOffWriter("w", SAVE, steps), *readers, Clock(ticks)], faults=faults)
    return str(broken.value)


def test_finds_a_writer_that_does_not_wait():
    assert "older than" in found(("commit+word", "acknowledge"))


def test_finds_a_writer_that_leaves_no_word():
    assert "for ever" in found(("commit", "wait", "acknowledge"))


def test_finds_a_writer_that_waits_before_its_commit():
    assert "older than" in found(("wait", "commit+word", "acknowledge"))


def test_finds_a_hold_that_nobody_waited_for():
    assert "older than" in found(("hold", "commit+word", "acknowledge"))


def test_finds_a_hold_that_is_not_heeded():
    assert "older than" in found(HELD, heeds_holds=False, ticks=2)


def test_finds_a_hold_of_which_it_is_not_asked_after_the_commit_whether_it_stands():
    steps = ("hold", "wait for the hold", "commit+word", "acknowledge")
    with pytest.raises(Broken, match="older than"):
        explore([CutOffWriter("w", SAVE, steps), reader(times=3), Clock(4)])


def test_finds_a_look_that_counts_from_its_end():
    assert "older than" in found(CUT_OFF, counts_from="end")


def test_finds_a_look_that_counts_before_what_it_found_is_void():
    assert "older than" in found(CUT_OFF, order=("look", "void", "delete"))


def test_finds_words_that_are_deleted_before_what_they_tell_of_is_void():
    order = ("delete", "void", "look")
    assert "for ever" in found(CUT_OFF, order=order, mortal=True, ticks=2, faults=1)


def test_finds_a_reader_that_does_not_look():
    actors = [CutOffWriter("w", SAVE, CUT_OFF), Reader("r", BY_KEY), Reader("s", BY_KEY)]
    with pytest.raises(Broken, match="older"):
        explore([*actors, Clock(2)])


def test_finds_a_writer_that_forgets_the_old_value():
    def forgetful(old, new):
        del old
        return {"book": Written({("id",): {(1,)}, ("author",): {(new[1],)}})}

    change = Change(MOVE.apply, forgetful)
    actors = [CutOffWriter("w", change, CUT_OFF)]
    with pytest.raises(Broken, match="older"):
        explore([*actors, reader(BY_AUTHOR, change=change, times=3), Clock(2)])
