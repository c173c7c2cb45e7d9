from praxis.ratelimit.decisions import Decision
from praxis.ratelimit.process_store import ProcessStore, Refusals
from praxis.ratelimit.rates import limits_of

LIMITS = limits_of("2/m")
REFUSAL = Decision(False)


class Clock:
    now_s = 100.0

    def __call__(self):
        return self.now_s


def test_it_counts_by_itself():
    store = ProcessStore(10, Clock())
    assert [store.decide(b"a", LIMITS, 1)[0] for _ in range(3)] == [1, 1, 0]
    assert store.decide(b"b", LIMITS, 1)[0] == 1
    store.decide(b"a", LIMITS, 1, "return")
    assert store.decide(b"a", LIMITS, 1)[0] == 1


def test_it_holds_so_many_keys_and_no_more():
    store = ProcessStore(2, Clock())
    for key in (b"a", b"b", b"a", b"c"):
        store.decide(key, LIMITS, 1)
    assert store.decide(b"a", LIMITS, 1)[0] == 0  # asked for last
    assert store.decide(b"b", LIMITS, 2)[0] == 1  # forgotten


def test_a_refusal_holds_until_it_is_over():
    clock = Clock()
    known = Refusals(10, 5.0, clock)
    known.note(b"a", 3.0, 2, REFUSAL)
    clock.now_s += 1
    assert known.known(b"a", 2) == (1.0, REFUSAL)
    assert known.known(b"a", 3) == (1.0, REFUSAL)
    assert known.known(b"a", 1) is None  # what costs less may fit
    assert known.known(b"b", 2) is None
    clock.now_s += 2
    assert known.known(b"a", 2) is None


def test_it_is_believed_for_so_long_and_no_longer():
    clock = Clock()
    known = Refusals(10, 5.0, clock)
    known.note(b"a", float("inf"), 1, REFUSAL)
    clock.now_s += 5
    assert known.known(b"a", 1) is None


def test_so_many_refusals_are_held():
    known = Refusals(2, 5.0, Clock())
    for key in (b"a", b"b", b"c"):
        known.note(key, 1.0, 1, REFUSAL)
    assert [known.known(key, 1) is not None for key in (b"a", b"b", b"c")] == [False, True, True]
