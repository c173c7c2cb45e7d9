"""The script and its counterpart in Python, on the same random histories."""

import random
import struct
from itertools import pairwise

import pytest
from lupa import lua51

from praxis.ratelimit.counting import decide
from praxis.ratelimit.limiter import DECIDE
from praxis.ratelimit.rates import Limit, Rate
from praxis.ratelimit.terms import spec_of

START = 1_700_000_000_000_000
LIMITS = [
    Limit(Rate(5, 1)),
    Limit(Rate(100, 60)),
    Limit(Rate(70_000, 10)),
    Limit(Rate(10, 1), "gcra", 3),
    Limit(Rate(7, 3), "gcra", 7),
    Limit(Rate(4, 2), "fixed"),
    Limit(Rate(6, 1.5), "bucket"),
    Limit(Rate(9, 2), "bucket", 3),
]


class FakeRedis:
    """Runs the script at times that the test chooses."""

    def __init__(self):
        self.store, self.now_us, self.px = {}, START, {}
        self._ends = {}
        lua = self._lua = lua51.LuaRuntime(encoding=None, unpack_returned_tuples=True)
        lua.globals()[b"redis"] = lua.table_from({b"call": self._call})
        lua.globals()[b"struct"] = lua.table_from({b"pack": self._pack, b"unpack": self._unpack})
        self._script = lua.execute(b"return function(KEYS, ARGV)\n" + DECIDE.text + b"\nend")

    def run(self, keys, args):
        words = [word if isinstance(word, bytes) else str(word).encode() for word in args]
        lua = self._lua
        answer = self._script(lua.table_from(keys), lua.table_from(words))
        return [int(one) for one in answer.values()]

    def _call(self, command, *args):
        if command == b"TIME":
            seconds, rest = divmod(self.now_us, 1_000_000)
            return self._lua.table_from([str(seconds).encode(), str(rest).encode()])
        name = args[0]
        if self.now_us >= self._ends.get(name, float("inf")):
            self.store.pop(name, None)
        if command == b"GET":
            return self.store.get(name, False)
        assert command == b"SET"
        if args[2:] == (b"KEEPTTL",):
            assert name in self.store
        else:
            assert args[2] == b"PX"
            assert args[3] >= 1
            self.px[name] = args[3]
            self._ends[name] = self.now_us + args[3] * 1000
        self.store[name] = args[1]
        return True

    @staticmethod
    def _format(text):
        return text.decode().replace("I4", "I").replace("I2", "H")

    def _pack(self, text, *values):
        form = self._format(text)
        kinds = form[1:]
        return struct.pack(
            form, *(v if kind == "d" else int(v) for kind, v in zip(kinds, values, strict=True))
        )

    def _unpack(self, text, data, place=1):
        return struct.unpack_from(self._format(text), data, int(place) - 1)


def steps(limits, seed, count=300):
    """Random times, costs and deeds."""
    choice = random.Random(seed)
    period_us = min(limit.rate.period_us for limit in limits)
    for _ in range(count):
        pause = choice.choice([0, 1, period_us // 100, period_us // 7, period_us // 2, period_us])
        most = max(2, max(limit.rate.count for limit in limits) // 3)
        cost = choice.choice([1, 1, 1, 2, choice.randrange(1, most)])
        yield pause, cost, choice.choice(["take"] * 8 + ["look", "return"])


def together(limits, seed):
    redis, parts, now = FakeRedis(), None, START
    for pause, cost, does in steps(limits, seed):
        now += pause
        redis.now_us = now
        answer = redis.run([b"k"], [cost, does, *spec_of(limits)])
        expected, new = decide(parts, limits, cost, now, does)
        parts = new if new is not None else parts
        yield answer, expected, now, cost, does, redis


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("limit", LIMITS, ids=lambda one: f"{one.algorithm} {one.rate}")
def test_the_script_decides_as_python_does(limit, seed):
    for answer, expected, *_ in together([limit], seed):
        assert answer == expected


@pytest.mark.parametrize("seed", range(6))
def test_so_it_does_of_several_limits(seed):
    limits = random.Random(seed).sample(LIMITS, 3)
    for answer, expected, *_ in together(limits, seed):
        assert answer == expected


def admitted(limit, seed):
    """The times and costs of what was let in, and nothing given back."""
    redis, now = FakeRedis(), START
    for pause, cost, _ in steps([limit], seed, 600):
        now += pause
        redis.now_us = now
        if redis.run([b"k"], [cost, "take", *spec_of([limit])])[0]:
            yield now, cost


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("limit", LIMITS, ids=lambda one: f"{one.algorithm} {one.rate}")
def test_no_span_holds_more_than_is_promised(limit, seed):
    span = limit.rate.period_us
    most = limit.rate.count + (limit.at_once if limit.algorithm != "window" else 0)
    events = list(admitted(limit, seed))
    assert events
    for end, _ in events:
        assert sum(cost for at, cost in events if end - span < at <= end) <= most


@pytest.mark.parametrize("limit", LIMITS, ids=lambda one: f"{one.algorithm} {one.rate}")
def test_the_wait_that_is_told_is_the_time_that_it_takes(limit):
    redis, spec = FakeRedis(), spec_of([limit])
    for cost in (max(1, limit.at_once // 5), max(1, limit.at_once // 3)):
        while redis.run([b"k"], [cost, "take", *spec])[0]:
            redis.now_us += 1000
        wait_us = redis.run([b"k"], [cost, "look", *spec])[3]
        redis.now_us += wait_us - 2  # doubles lose a part of the last one
        early = redis.run([b"k"], [cost, "look", *spec])
        redis.now_us += 2
        assert (early[0], redis.run([b"k"], [cost, "look", *spec])[0]) == (0, 1)


@pytest.mark.parametrize("limit", LIMITS, ids=lambda one: f"{one.algorithm} {one.rate}")
def test_the_state_is_kept_for_as_long_as_it_counts(limit):
    for _, _, _, _, does, redis in together([limit], 3):
        if does == "take" and redis.px:
            reset_us = redis.run([b"k"], [1, "look", *spec_of([limit])])[2]
            assert redis.px[b"k"] * 1000 >= reset_us - 1000


@pytest.mark.parametrize("limit", LIMITS, ids=lambda one: f"{one.algorithm} {one.rate}")
def test_what_costs_more_than_all_never_fits(limit):
    redis = FakeRedis()
    answer = redis.run([b"k"], [limit.at_once + 1, "take", *spec_of([limit])])
    assert (answer[0], answer[3], redis.store) == (0, -1, {})


def test_either_all_limits_count_it_or_none():
    limits = [Limit(Rate(10, 1)), Limit(Rate(2, 60))]
    redis, spec = FakeRedis(), spec_of(limits)
    left = [redis.run([b"k"], [1, "take", *spec]) for _ in range(3)]
    assert [one[0] for one in left] == [1, 1, 0]
    assert [one[1] for one in left] == [9, 8, 8]


def test_several_keys_are_decided_in_one():
    limit = [Limit(Rate(2, 60))]
    redis, spec = FakeRedis(), spec_of(limit)
    redis.run([b"a"], [2, "take", *spec])
    assert redis.run([b"b", b"a"], [1, "take", *spec, *spec])[0] == 0
    assert b"b" not in redis.store


@pytest.mark.parametrize("limit", LIMITS, ids=lambda one: f"{one.algorithm} {one.rate}")
def test_a_clock_that_is_set_back_lets_nobody_wait_for_longer_than_a_period(limit):
    redis, spec = FakeRedis(), spec_of([limit])
    cost = max(1, limit.at_once // 5)
    while redis.run([b"k"], [cost, "take", *spec])[0]:
        pass
    redis.now_us -= 3600 * 1_000_000
    wait_us = redis.run([b"k"], [cost, "look", *spec])[3]
    assert wait_us <= limit.rate.period_us * 1.11


@pytest.mark.parametrize("rubbish", [b"", b"x", b"\xff" * 200])
@pytest.mark.parametrize("limit", LIMITS, ids=lambda one: f"{one.algorithm} {one.rate}")
def test_a_state_that_somebody_else_wrote_breaks_nothing(limit, rubbish):
    redis = FakeRedis()
    redis.store[b"k"] = rubbish
    answer = redis.run([b"k"], [1, "take", *spec_of([limit])])
    assert answer[0] in {0, 1}


def test_the_window_forgets_one_segment_after_the_other():
    limit = Limit(Rate(10, 1))
    redis, spec = FakeRedis(), spec_of([limit])
    for _ in range(10):
        redis.run([b"k"], [1, "take", *spec])
        redis.now_us += 100_000
    left = []
    for _ in range(12):
        left.append(redis.run([b"k"], [1, "look", *spec])[1])
        redis.now_us += 100_000
    assert left[-1] == 10
    assert all(0 <= later - earlier <= 1 for earlier, later in pairwise(left))
