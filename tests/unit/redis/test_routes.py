from itertools import pairwise

import pytest

from praxis.errors import RedisKeysError, RedisRefusedError, RedisUnavailableError
from praxis.redis.replies import Refusal
from praxis.redis.routes import FRESH_S, MAX_FRESH_S, ClusterSlots, OneServer, SentinelMaster
from praxis.redis.slots import SLOTS, key_slot
from praxis.redis.targets import Address, read_url

S1, S2, S3 = (Address(f"s{number}", 26379) for number in (1, 2, 3))
A, B = Address("a", 1), Address("b", 2)


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def drive(search, answers):
    """Answer the questions from a dict; return what was found and who was asked."""
    asked = []
    try:
        question = next(search)
        while True:
            asked.append(question.address)
            answer = answers[question.address]
            if isinstance(answer, RedisUnavailableError):
                question = search.throw(answer)
            else:
                if question.is_sentinel:
                    question = search.send(
                        [*(answer if isinstance(answer, tuple) else (answer, None))]
                    )
                else:
                    question = search.send([answer])
    except StopIteration as found:
        return found.value, asked


def down(address):
    return RedisUnavailableError(f"{address} is down", may_have_run=False)


def named(address, epoch):
    pairs = {b"name": b"shop", b"ip": address.host.encode(), b"port": b"%d" % address.port,
             b"config-epoch": b"%d" % epoch}  # fmt: skip
    return [each for pair in pairs.items() for each in pair]


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def master(clock):
    return SentinelMaster("x", read_url("redis+sentinel://s1,s2,s3/shop"), clock)


def leading(old, new, epoch):
    """What the Sentinel says that leads a fail-over which is not yet over."""
    return named(old, epoch), [new.host.encode(), b"%d" % new.port]


def test_the_new_master_is_known_before_the_fail_over_is_over(master):
    answers = {S1: leading(A, B, 2), S2: named(A, 1), S3: named(A, 1)}
    assert drive(master.search("k"), answers) == (B, [S1, S2, S3])


def test_a_majority_for_the_one_that_failed_is_not_believed_at_once(master, clock):
    answers = {S1: named(A, 1), S2: named(A, 1), S3: named(A, 1)}
    assert drive(master.search("k"), answers) == (A, [S1, S2])
    master.doubt()
    clock.now += 2 * FRESH_S
    answers[S3] = leading(A, B, 2)
    assert drive(master.search("k"), answers) == (B, [S1, S2, S3])
    master.doubt()
    clock.now += 2 * FRESH_S
    answers |= {S1: named(B, 2), S2: named(B, 2)}
    assert drive(master.search("k"), answers) == (B, [S1, S2, S3])
    clock.now += 2 * FRESH_S
    master.doubt()
    answers |= {S1: named(A, 3), S2: named(A, 3)}
    assert drive(master.search("k"), answers) == (A, [S1, S2])


def test_one_server_is_known_without_questions():
    route = OneServer(A)
    assert route.place("k") == A
    assert drive(route.search("k"), {}) == (A, [])


def test_asks_until_a_majority_agrees_and_believes_the_newest(master):
    assert master.place("k") is None
    answers = {S1: named(A, 1), S2: named(B, 2), S3: named(A, 1)}
    assert drive(master.search("k"), answers) == (B, [S1, S2, S3])
    assert master.place("k") == B
    assert master.knows(B)
    assert not master.knows(A)


def test_goes_on_past_the_dead_and_begins_with_the_living_next_time(master, clock):
    answers = {S1: down(S1), S2: Refusal("ERR No such master"), S3: named(A, 1)}
    assert drive(master.search("k"), answers) == (A, [S1, S2, S3])
    clock.now += 2 * FRESH_S
    assert drive(master.search("k"), answers)[1] == [S2, S3, S1]


def test_says_who_said_what_when_nobody_names_a_master(master, clock):
    answers = {S1: down(S1), S2: Refusal("ERR No such master"), S3: down(S3)}
    for _ in range(2):  # the second time without asking again
        with pytest.raises(RedisUnavailableError, match=r"s1:26379 is down.*No such master"):
            drive(master.search("k"), answers)
        answers.clear()
    clock.now += 2 * FRESH_S
    assert drive(master.search("k"), {S2: named(A, 1), S1: named(A, 1), S3: named(A, 1)})[0] == A


def test_asks_again_when_in_doubt_and_not_in_a_storm(master, clock):
    answers = {S1: named(A, 1), S2: named(A, 1)}
    drive(master.search("k"), answers)
    master.doubt()
    assert master.place("k") is None
    assert drive(master.search("k"), {}) == (A, [])
    clock.now += 2 * FRESH_S
    answers = {S1: named(B, 2), S2: named(A, 1), S3: named(B, 2)}
    assert drive(master.search("k"), answers) == (B, [S1, S2, S3])


def test_remembers_when_a_majority_was_asked_that_named_one(master, clock):
    assert master.named_s(A) == float("-inf")
    drive(master.search("k"), {S1: named(A, 1), S2: named(A, 1)})
    first = clock.now
    clock.now += 1
    # a newer one that is not known to the most of them: gone to, and not certain
    answers = {S1: named(B, 2), S2: named(A, 1), S3: down(S3)}
    assert drive(master.search("k"), answers)[0] == B
    assert (master.named_s(A), master.named_s(B)) == (first, float("-inf"))
    clock.now += 1
    drive(master.search("k"), {S1: named(B, 2), S2: named(B, 2)})
    assert (master.named_s(A), master.named_s(B)) == (float("-inf"), clock.now)


def test_of_one_server_it_is_always_certain():
    assert OneServer(A).named_s(A) == float("inf")


@pytest.fixture
def cluster(clock):
    return ClusterSlots("x", read_url("redis+cluster://s1,s2"), clock)


N1, N2 = Address("s1", 6379), Address("s2", 6379)
WHOLE = [[0, SLOTS - 1, [b"a", 1, b"id"]]]


def test_learns_the_slots_from_any_node(cluster):
    assert cluster.place("k") is None
    assert drive(cluster.search("k"), {N1: down(N1), N2: WHOLE}) == (A, [N1, N2])
    assert cluster.place("k") == A
    assert drive(cluster.search("k"), {}) == (A, [])


def test_believes_a_redirection_at_once_and_asks_for_the_rest(cluster, clock):
    drive(cluster.search("k"), {N1: WHOLE})
    cluster.moved(key_slot("k"), B)
    assert cluster.place("k") == B
    clock.now += 10
    found, asked = drive(cluster.search("k"), {A: [[0, SLOTS - 1, [b"b", 2, b"id"]]]})
    assert (found, asked) == (B, [A])
    assert not cluster.knows(A)


def test_asks_with_growing_pauses_while_it_is_in_doubt(cluster, clock):
    drive(cluster.search("k"), {N1: WHOLE})
    asked_at = []
    begin = clock.now
    for _ in range(100):
        clock.now += 0.05
        cluster.doubt()
        if drive(cluster.search("k"), {A: WHOLE})[1]:
            asked_at.append(clock.now - begin)
    gaps = [round(b - a, 2) for a, b in pairwise(asked_at)]
    assert gaps == sorted(gaps)
    assert gaps[-1] >= MAX_FRESH_S


def test_who_was_silent_is_asked_last(cluster, clock):
    drive(cluster.search("k"), {N1: WHOLE})
    for asked in ([A, N1], [N1]):
        cluster.doubt()
        clock.now += 10
        assert drive(cluster.search("k"), {A: down(A), N1: WHOLE}) == (A, asked)


def test_says_when_nobody_serves_a_slot(cluster):
    with pytest.raises(RedisRefusedError, match=r"s1:6379 is down; s2:6379 is down") as caught:
        drive(cluster.search("k"), {N1: down(N1), N2: down(N2)})
    assert caught.value.code == "CLUSTERDOWN"


def test_refuses_keys_of_several_slots(cluster):
    cluster.demand_one_place(["{a}1", b"{a}2"])
    with pytest.raises(RedisKeysError, match="braces"):
        cluster.demand_one_place(["a1", "a2"])
