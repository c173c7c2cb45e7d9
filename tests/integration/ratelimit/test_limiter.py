"""Limiters on a real Redis."""

import asyncio
import multiprocessing
import time

import pytest

from praxis import embedded
from praxis.announcements import RateLimited, listen
from praxis.errors import RateError, RateLimitedError
from praxis.ratelimit import By, Limiter
from praxis.ratelimit.concurrency import ConcurrencyLimit
from praxis.redis import link
from tests.integration.redis_settings import address_of

pytestmark = pytest.mark.redis
ALGORITHMS = ["window", "gcra", "fixed", "bucket"]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_so_many_and_no_more(configured, algorithm):
    burst = 3 if algorithm in {"gcra", "bucket"} else 0
    limiter = Limiter("a", "3/m", algorithm=algorithm, burst=burst)
    decisions = [limiter.hit("x") for _ in range(5)]
    assert [bool(one) for one in decisions] == [True, True, True, False, False]
    assert [one.states[0].remaining for one in decisions] == [2, 1, 0, 0, 0]
    assert [one.by for one in decisions] == [By.REDIS] * 4 + [By.KNOWN]
    assert 0 < decisions[-1].retry_after_s <= 66
    assert limiter.hit("y")


def test_what_it_costs_counts(configured):
    limiter = Limiter("a", "10/m")
    assert [bool(limiter.hit("x", 4)) for _ in range(3)] == [True, True, False]
    assert limiter.hit("x", 2)  # which the refusal of 4 does not hinder
    assert limiter.peek("x").states[0].remaining == 0


def test_looking_counts_nothing(configured):
    limiter = Limiter("a", "1/m")
    assert [bool(limiter.peek("x")) for _ in range(3)] == [True] * 3
    limiter.hit("x")
    assert not limiter.peek("x")


def test_what_is_given_back_may_come_again(configured):
    limiter = Limiter("a", "2/m")
    for _ in range(3):
        limiter.hit("x")
    limiter.give_back("x")
    assert [bool(limiter.hit("x")) for _ in range(2)] == [True, False]
    limiter.reset("x")
    assert [bool(limiter.hit("x")) for _ in range(3)] == [True, True, False]


def test_all_rates_are_told(configured):
    limiter = Limiter("a", "5/s, 6/h")
    states = limiter.hit("x").states
    assert [one.remaining for one in states] == [4, 5]
    assert limiter.check("x").tightest.remaining == 3


def test_what_is_checked_raises(configured):
    limiter = Limiter("exports", "1/m")
    limiter.check("x")
    with pytest.raises(RateLimitedError, match="exports is over its limit") as error:
        limiter.check("x")
    assert error.value.retry_after_s > 0


def test_a_dry_run_lets_in_and_tells(configured):
    heard = []
    stop = listen(RateLimited, heard.append)
    limiter = Limiter("a", "1/m", dry_run=True)
    decisions = [limiter.hit("x") for _ in range(2)]
    stop()
    assert [(bool(one), one.is_dry) for one in decisions] == [(True, False), (True, True)]
    assert [(one.limiter, one.is_dry) for one in heard] == [("a", True)]


@pytest.mark.parametrize("key", [object(), 2**70, ("x", object())])
def test_a_key_that_may_differ_between_processes_is_refused(configured, key):
    with pytest.raises(RateError, match="cannot be a key"):
        Limiter("a", "1/m").hit(key)


@pytest.mark.parametrize("cost", [0, -1, 1.5, True, None])
def test_a_cost_that_means_nothing_is_refused(configured, cost):
    with pytest.raises(RateError, match="cost"):
        Limiter("a", "1/m").hit("x", cost)


def test_coroutines_share_the_counts(configured):
    limiter = Limiter("a", "3/m")

    async def hit():
        return [bool(one) for one in await asyncio.gather(*(limiter.ahit("x") for _ in range(4)))]

    assert sorted(asyncio.run(hit())) == [False, True, True, True]
    assert not limiter.hit("x")
    asyncio.run(limiter.agive_back("x"))
    assert limiter.hit("x")
    asyncio.run(limiter.areset("x"))
    assert asyncio.run(limiter.apeek("x")).states[0].remaining == 3
    asyncio.run(limiter.acheck("x"))


def test_a_refusal_that_is_known_takes_no_trip(configured, server):
    limiter = Limiter("a", "1/m")
    for _ in range(2):
        limiter.hit("x")
    before = link().call("INFO", "commandstats")
    for _ in range(50):
        assert limiter.hit("x").by is By.KNOWN
    calls = [b"cmdstat_evalsha:calls=%d" % n for n in range(5)]
    after = link().call("INFO", "commandstats")
    assert [c in before for c in calls] == [c in after for c in calls]


def test_one_key_takes_less_than_a_hundred_bytes(configured):
    limiter = Limiter("a", "100/s")
    for _ in range(30):
        limiter.hit("somebody@example.org")
        time.sleep(0.04)  # until every segment is in use
    state = limiter.state_key("somebody@example.org")
    assert link().call("MEMORY", "USAGE", state) <= 100


def hammer(url, start, seconds, counts):
    from django.test.utils import override_settings

    with override_settings(PRAXIS={"redis": {"url": url, "timeout_s": 5.0}}):
        limiter, admitted = Limiter("hammered", "100/s"), 0
        start.wait()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            admitted += bool(limiter.hit("x"))
        counts.put(admitted)


@pytest.mark.slow
def test_processes_that_hammer_get_what_is_allowed_together(configured, server):
    context = multiprocessing.get_context("spawn")
    start, counts = context.Barrier(4), context.Queue()
    processes = [
        context.Process(target=hammer, args=(server.url, start, 2.5, counts)) for _ in range(4)
    ]
    for process in processes:
        process.start()
    total = sum(counts.get() for _ in processes)
    for process in processes:
        process.join()
    assert 200 <= total <= 300  # whole periods of a second, and the one that is under way


def test_a_lost_redis_is_made_up_for_by_the_process(configured, server):
    configured(timeout_s=0.25)
    limiter = Limiter("a", "3/m")
    server.kill()
    decisions = [limiter.hit("x") for _ in range(4)]
    assert [bool(one) for one in decisions] == [True, True, True, False]
    assert {one.by for one in decisions} == {By.PROCESS}


def test_each_of_several_processes_lets_its_part_in(configured, server):
    configured(timeout_s=0.25, processes=4)
    limiter = Limiter("a", "8/m")
    server.kill()
    assert [bool(limiter.hit("x")) for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize(("policy", "expected"), [("open", True), ("closed", False)])
def test_it_may_be_open_or_closed_instead(configured, server, policy, expected):
    configured(timeout_s=0.25, on_error=policy)
    limiter = Limiter("a", "1/m")
    server.kill()
    decisions = [limiter.hit("x") for _ in range(3)]
    assert [bool(one) for one in decisions] == [expected] * 3
    assert {one.by for one in decisions} == {By.POLICY}
    own = Limiter("b", "1/m", on_error="open")
    assert own.hit("x")
    assert asyncio.run(own.ahit("x"))


def test_a_hung_redis_costs_one_timeout(configured, server):
    configured(timeout_s=0.2)
    limiter = Limiter("a", "100/m")
    limiter.hit("x")
    server.pause()
    try:
        began = time.monotonic()
        decisions = [limiter.hit("x") for _ in range(20)]
        took_s = time.monotonic() - began
    finally:
        server.resume()
    assert {one.by for one in decisions} == {By.PROCESS}
    assert took_s < 20 * 0.2  # which each of them would cost


def test_scripts_that_the_server_has_lost_are_sent_again(configured, server):
    limiter = Limiter("a", "3/m")
    limiter.hit("x")
    link().call("SCRIPT", "FLUSH")
    assert limiter.hit("x").states[0].remaining == 1


def test_a_redis_that_refuses_is_told_of_and_made_up_for(configured, server, caplog):
    limiter = Limiter("a", "2/m")
    link().call("RPUSH", limiter.state_key("x"), "somebody else's")
    decisions = [limiter.hit("x") for _ in range(3)]
    assert [bool(one) for one in decisions] == [True, True, False]
    (record,) = caplog.records
    assert "WRONGTYPE" in record.message


@pytest.mark.slow
def test_a_cluster_counts_as_well(configured):
    with embedded.redis_cluster() as cluster:
        configured(url=address_of(cluster))
        limiter = Limiter("a", "2/h, 3/day")
        for key in range(20):
            decisions = [limiter.hit(key) for _ in range(3)]
            assert [bool(one) for one in decisions] == [True, True, False]
            assert {one.by for one in decisions} == {By.REDIS}


def test_so_many_may_be_inside(configured):
    limit = ConcurrencyLimit("reports", 2)
    with limit.slot("x") as first, limit.slot("x") as second:
        assert (first.inside, second.inside) == (1, 2)
        with pytest.raises(RateLimitedError) as error, limit.slot("x"):
            raise AssertionError("there was room")
        assert 0 < error.value.retry_after_s <= 60
        with limit.slot("y"):
            pass
        first.renew()
    with limit.slot("x") as again:
        assert again.inside == 1


def test_who_is_killed_inside_leaves_when_the_lease_is_over(configured):
    limit = ConcurrencyLimit("reports", 1, lease_s=0.2)
    with limit.slot("x") as slot:
        time.sleep(0.25)
        with limit.slot("x"), pytest.raises(RateLimitedError):
            slot.renew()


def test_coroutines_are_let_in_the_same_way(configured):
    limit = ConcurrencyLimit("reports", 1)

    async def run():
        async with limit.aslot("x") as slot:
            await slot.arenew()
            with pytest.raises(RateLimitedError):
                async with limit.aslot("x"):
                    raise AssertionError("there was room")
        async with limit.aslot("x") as again:
            return again.inside

    assert asyncio.run(run()) == 1


@pytest.mark.parametrize(("policy", "is_let_in"), [("open", True), ("closed", False)])
def test_a_lost_redis_lets_all_of_them_in_or_none(configured, server, policy, is_let_in):
    configured(timeout_s=0.25)
    limit = ConcurrencyLimit("reports", 1, on_error=policy)
    server.kill()
    inside = []
    try:
        with limit.slot("x"), limit.slot("x"):
            inside.append(1)
    except RateLimitedError:
        pass
    assert bool(inside) is is_let_in
