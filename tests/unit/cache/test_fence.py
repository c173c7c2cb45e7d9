"""Behind Sentinels: what counts of what servers answer, second by second."""

from types import SimpleNamespace

import pytest

from praxis.cache.fence import Fence, UncertainMasterError
from praxis.cache.protocol.calls import STAMP_BYTES, Keys
from praxis.cache.protocol.mastership import CERTAIN_S, YOUNG_S

RUN_ID = b"abcdefabcdef"


class Group:
    """A link: the Sentinels agree on one server, or on none."""

    def __init__(self, clock):
        self.clock, self.agreed, self.asked = clock, "a", 0
        self._named = (None, float("-inf"))

    def named_s(self, session):
        return self._named[1] if self._named[0] == session.node.address else float("-inf")

    def ask_sentinels(self):
        self.asked += 1
        if self.agreed:
            self._named = (self.agreed, self.clock.now)


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def group(clock):
    return Group(clock)


@pytest.fixture
def fence(group, clock):
    return Fence(group, clock)


class Session:
    """A server whose clock is 1,000 seconds ahead."""

    def __init__(self, clock, address="a"):
        self.node = SimpleNamespace(address=address, alias="x")
        self.clock, self.ahead_s = clock, 1000.0

    def call(self, *_):
        now = self.clock.now + self.ahead_s
        return [b"%d" % now, b"%d" % (now % 1 * 1e6)]

    def era(self, age_s=0.0):
        """An era that began so long ago."""
        begun_ms = round((self.clock.now + self.ahead_s - age_s) * 1000)
        return Keys("d", RUN_ID, RUN_ID + bytes(STAMP_BYTES) + b"%d" % begun_ms)


@pytest.fixture
def session(clock):
    return Session(clock)


def test_sentinels_are_asked_again_when_it_is_not_certain_any_more(fence, group, session, clock):
    fence.demand(session)
    clock.now += CERTAIN_S - 0.01
    fence.demand(session)
    assert group.asked == 1
    clock.now += 0.01
    fence.demand(session)
    assert group.asked == 2


def test_a_server_that_was_replaced_does_not_count(fence, group, session, clock):
    fence.demand(session)
    group.agreed = "b"
    clock.now += CERTAIN_S
    with pytest.raises(UncertainMasterError, match="do not agree"):
        fence.demand(session)
    fence.demand(Session(clock, "b"))


def test_nothing_counts_as_long_as_sentinels_disagree(fence, group, session):
    group.agreed = None
    with pytest.raises(UncertainMasterError):
        fence.demand(session)


def test_an_era_may_be_begun_and_opens_later(fence, session, clock):
    fence.enter(session, Keys("d", RUN_ID))
    keys = session.era()
    with pytest.raises(UncertainMasterError) as caught:
        fence.enter(session, keys)
    assert caught.value.wait_s == pytest.approx(YOUNG_S, abs=0.01)
    clock.now += YOUNG_S
    fence.enter(session, keys)


def test_an_era_that_began_long_ago_is_open_to_who_comes_now(fence, session):
    fence.enter(session, session.era(age_s=YOUNG_S + 0.01))


def test_an_open_era_is_not_asked_for_the_time_again(fence, session, monkeypatch):
    keys = session.era(age_s=10)
    fence.enter(session, keys)
    monkeypatch.delattr(Session, "call")
    fence.enter(session, keys)


def test_a_clock_that_was_set_back_keeps_nobody_out_for_longer(fence, session, clock):
    keys = session.era()
    session.ahead_s -= 3600
    with pytest.raises(UncertainMasterError):
        fence.enter(session, keys)
    clock.now += YOUNG_S
    fence.enter(session, keys)


def test_what_counts_of_one_server_is_over_when_the_next_one_opens(group, clock):
    """Whoever was told of the old one at the last moment, by the slower clock."""
    old, new = Session(clock, "a"), Session(clock, "b")
    reader, writer = Fence(group, clock), Fence(group, clock)
    reader.demand(old)
    group.agreed = "b"  # from this moment on
    reader_group = group._named
    writer.enter(new, Keys("d", RUN_ID))
    keys, begun = new.era(), clock.now
    opened = None
    while opened is None:
        clock.now += 0.01
        try:
            writer.enter(new, keys)
            opened = clock.now
        except UncertainMasterError:
            continue
    group._named, group.agreed = reader_group, None
    assert opened - begun > CERTAIN_S
    with pytest.raises(UncertainMasterError):
        reader.demand(old)
