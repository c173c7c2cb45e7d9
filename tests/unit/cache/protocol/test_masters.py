"""Two masters at a time, in every order of steps and of seconds; and fences with a gap."""

import pytest

from praxis.cache.protocol.mastership import opens_in_s
from tests.unit.cache.protocol.interleavings import AUTOCOMMIT, TRANSACTION, Broken, Reader, Writer
from tests.unit.cache.protocol.masters import Clock, GroupExplorer, GroupWorld, Member, Promotion
from tests.unit.cache.protocol.test_interleavings import ALL_ROWS, BY_KEY, SAVE

#: One of these times is over after as many.
TICKS = 2


def explore(writer, reader, **rules):
    """A reader that knows the first server, and a writer that asks when it comes."""
    world = GroupWorld({}, ((0, 1),))
    world.actors = [Member(writer), Member(reader, asked_ms=world.now_ms)]
    world.actors += [Promotion(), Clock(TICKS)]
    # the first server is no new one
    world.store[b"praxis:{default}:era"] = b"r0\xffS000000" + b"%d" % (world.now_ms - 60_000)
    explorer = GroupExplorer(strict=True, linearizable=False, **rules)
    explorer.explore(world)
    return explorer.states


@pytest.mark.parametrize(("query", "steps"), [(BY_KEY, AUTOCOMMIT), (ALL_ROWS, TRANSACTION)])
def test_no_read_is_older_than_what_was_acknowledged(query, steps):
    assert explore(Writer("w", SAVE, steps), Reader("r", query, 2)) > 1000


@pytest.mark.parametrize(
    "rules",
    [
        {"certain": lambda named_s, _: named_s > 0},
        {"certain": lambda named_s, now_s: now_s - named_s < 3},
        {"opens": lambda *_: 0},
        {"opens": lambda age_s, known_s: opens_in_s(age_s, known_s) - 1.5},
    ],
    ids=["asked once", "certain for too long", "open at once", "open too soon"],
)
def test_a_fence_with_a_gap_is_found(rules):
    with pytest.raises(Broken, match="older"):
        explore(Writer("w", SAVE, AUTOCOMMIT), Reader("r", BY_KEY, 2), **rules)
