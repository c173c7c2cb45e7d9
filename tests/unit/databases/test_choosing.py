import math
from collections import Counter

import pytest

from praxis.databases.choosing import choose, order
from praxis.databases.clusters import Cluster, Replica
from praxis.databases.positions import UNKNOWN, Position
from praxis.databases.questions import Answer

SESSIONS = [f"session {number}" for number in range(3000)]


def replicas(count):
    return [Replica(f"replica{number}") for number in range(1, count + 1)]


def homes(among):
    return {session: order(session, among)[0].alias for session in SESSIONS}


def test_sessions_are_spread_evenly_and_each_stays_at_home():
    among = replicas(3)
    assert homes(among) == homes(list(reversed(among)))
    assert all(800 < count < 1200 for count in Counter(homes(among).values()).values())


def test_a_replica_that_is_gone_moves_its_own_sessions_alone():
    before, after = homes(replicas(3)), homes(replicas(2))
    assert all(after[one] == home for one, home in before.items() if home != "replica3")


def test_any_text_may_be_a_session():
    assert order("\ud800" * 1000, replicas(1))


@pytest.fixture
def pair():
    pair = replicas(2)
    for one in pair:
        one.let_in(Position(1, 100), lag_s=0.0)
    return pair


def test_without_a_floor_the_first_that_is_up_answers(pair):
    assert choose(pair, None) == (pair[0], [])
    pair[0].put_out("gone")
    pair[1].put_out("gone")
    assert choose(pair, None) == (None, [])


def test_who_was_led_to_one_that_is_out_sees_no_less_elsewhere(pair):
    pair[0].put_out("gone")
    assert choose(pair, None) == (None, [(pair[1], UNKNOWN)])
    pair[0].primary_was_at(Position(1, 120), asked_at_s=0.0)  # before it was out
    assert choose(pair, None) == (None, [(pair[1], UNKNOWN)])
    pair[0].primary_was_at(Position(1, 150), asked_at_s=math.inf)
    pair[0].primary_was_at(Position(1, 900), asked_at_s=math.inf)  # it has shown nothing of that
    assert choose(pair, None) == (None, [(pair[1], Position(1, 150))])
    pair[1].saw(Position(1, 150))
    assert choose(pair, None) == (pair[1], [])
    assert choose(pair, Position(1, 200)) == (None, [(pair[1], Position(1, 200))])


def test_one_that_never_was_up_has_shown_nothing():
    first, second = replicas(2)
    first.put_out("it was not reached")
    second.let_in(Position(1, 1), lag_s=0.0)
    assert choose([first, second], None) == (second, [])


def test_the_first_that_is_known_to_show_the_floor_answers(pair):
    pair[1].saw(Position(1, 200))
    assert choose(pair, Position(1, 100)) == (pair[0], [])
    assert choose(pair, Position(1, 150)) == (pair[1], [])
    for floor in (Position(1, 250), Position(2, 50)):
        assert choose(pair, floor) == (None, [(one, floor) for one in pair])


def test_one_that_is_late_is_not_asked(pair):
    pair[0].let_in(Position(1, 100), lag_s=2.0)
    assert choose(pair, Position(1, 250)) == (None, [(pair[1], Position(1, 250))])


def test_one_that_does_not_tell_how_far_it_is_is_for_those_who_wrote_nothing():
    one = Replica("shared storage")
    one.let_in(None, lag_s=0.0)
    assert choose([one], None) == (one, [])
    assert choose([one], Position(1, 1)) == (None, [])


def test_of_a_balanced_one_nothing_is_known_beforehand():
    one = Replica("reader", is_balanced=True)
    one.let_in(Position(1, 100), lag_s=5.0)
    one.saw(Position(1, 300))
    assert choose([one], Position(1, 1)) == (None, [(one, Position(1, 1))])


def test_what_is_known_ends_when_a_replica_is_out(pair):
    pair[0].put_out("restarted")
    pair[0].saw(Position(1, 900))  # of a thread that asked before
    pair[0].let_in(Position(1, 50), lag_s=0.0)  # it shows less than before
    assert pair[0].position == Position(1, 50)


def test_what_is_known_is_not_taken_back_by_an_older_answer(pair):
    pair[0].saw(Position(1, 300))
    pair[0].saw(Position(1, 200))
    pair[0].let_in(Position(1, 250), lag_s=0.0)
    assert pair[0].position == Position(1, 300)


class Clock:
    now_s = 100.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def cluster():
    clock = Clock()
    cluster = Cluster("default", replicas(1), clock=clock)
    for lsn in (100, 200, 300, 400):
        cluster.primary_answered(Answer(False, Position(1, lsn), 7))
        clock.now_s += 1.0
    return cluster


@pytest.mark.parametrize(("lsn", "lag_s"), [(400, 0), (399, 1), (250, 2), (100, 3), (0, 4)])
def test_the_lag_is_the_time_since_the_primary_was_farther(cluster, lsn, lag_s):
    assert cluster.lag_s(Position(1, lsn)) == lag_s


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(True, Position(1, 400), 7), ""),
        (Answer(True, None, 7), ""),
        (Answer(True, Position(1, 400), 0), ""),  # it may not say
        (Answer(True, Position(2, 400), 7), ""),
        (Answer(False, Position(1, 400), 7), "no replica any more"),
        (Answer(True, Position(1, 400), 8), "follows another primary"),
        (Answer(True, Position(1, 100), 7), "3.0 s late"),
    ],
)
def test_who_is_no_replica_in_time_is_not_read(cluster, answer, words):
    objection = cluster.objection(cluster.replicas[0], answer, max_lag_s=2.5)
    assert words in objection
    assert bool(objection) == bool(words)


def test_who_did_not_follow_a_promotion_is_not_read(cluster):
    cluster.primary_answered(Answer(False, Position(2, 350), 7))
    (one,) = cluster.replicas
    assert "timeline" in cluster.objection(one, Answer(True, Position(1, 400), 7), max_lag_s=9)
    assert cluster.objection(one, Answer(True, Position(2, 350), 7), max_lag_s=9) == ""


def test_one_that_is_back_has_to_show_what_it_had_shown(cluster):
    (one,) = cluster.replicas
    one.let_in(Position(1, 400), lag_s=0.0)
    one.put_out("it crashed")
    answer = Answer(True, Position(1, 450), 7)
    assert "caught up" in cluster.objection(one, answer, max_lag_s=9)
    cluster.primary_answered(Answer(False, Position(1, 450), 7, asked_at_s=math.inf))
    assert cluster.objection(one, answer, max_lag_s=9) == ""
    assert "caught up" in cluster.objection(one, Answer(True, Position(1, 449), 7), max_lag_s=9)


def test_no_replica_is_read_before_its_primary_is_known():
    (one,) = replicas(1)
    answer = Answer(True, Position(1, 1), 7)
    assert "not reached" in Cluster("default", [one]).objection(one, answer, max_lag_s=9)
