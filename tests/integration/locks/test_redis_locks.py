"""Locks on a real Redis."""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from praxis import embedded
from praxis.errors import LockLostError, LockTimeoutError, RedisUnavailableError
from praxis.locks import Lock, Semaphore, single_flight
from praxis.redis import link
from tests.integration.redis_settings import address_of
from tests.integration.timeouts import timeouts

pytestmark = pytest.mark.redis


def waiting(name):
    return link().call("ZCARD", f"praxis:lock:{{{name}}}:line")


def until(condition):
    while not condition():
        pass  # the test's own timeout ends it


def test_one_holds_it_at_a_time(configured):
    lock = Lock("a")
    with lock.hold() as held:
        held.check()
        assert lock.is_held()
        with pytest.raises(LockTimeoutError, match="held by somebody else"), lock.hold(wait_s=0):
            raise AssertionError("two have it")
        with pytest.raises(LockTimeoutError, match="within the time"), lock.hold(wait_s=0.05):
            raise AssertionError("two have it")
        with Lock("b").hold(wait_s=0):
            pass
    assert not lock.is_held()
    with lock.hold(wait_s=0):
        pass


def test_nothing_is_left_but_the_last_number(configured):
    lock = Lock("a")
    with lock.hold(), pytest.raises(LockTimeoutError), lock.hold(wait_s=0.05):
        pass
    assert link().call("KEYS", "praxis:lock:*") == [b"praxis:lock:{a}:number"]
    assert link().call("PTTL", "praxis:lock:{a}:number") > 0


def count(lock, rounds, inside, most, lists):
    for _ in range(rounds):
        with lock.hold() as held:
            inside.append(1)
            most.append(len(inside))
            lists.append(held.fence)
            inside.pop()


@pytest.mark.parametrize("places", [1, 2])
def test_threads_that_contend_never_are_more_than_allowed(configured, places):
    lock = Semaphore("a", places)
    barrier, inside, most, fences = threading.Barrier(4), [], [], []

    def run():
        barrier.wait()
        count(lock, 40, inside, most, fences)

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(run) for _ in range(4)]:
            done.result()
    assert max(most) <= places
    assert len(most) == 160
    assert len(set(fences)) == 160
    if places == 1:
        assert fences == sorted(fences)


def test_those_who_wait_get_it_in_the_order_of_arrival(configured):
    lock, order = Lock("a"), []

    def take(number):
        with lock.hold():
            order.append(number)

    with ThreadPoolExecutor(6) as pool, lock.hold():
        for number in range(6):
            pool.submit(take, number)
            until(lambda number=number: waiting("a") == number + 1)
        assert order == []
    assert order == list(range(6))


def test_who_comes_later_does_not_push_in(configured):
    lock, got = Lock("a"), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        with lock.hold():
            waiter = pool.submit(lambda: lock.hold().__enter__())
            until(lambda: waiting("a") == 1)
            with pytest.raises(LockTimeoutError), lock.hold(wait_s=0):
                got.set()
        waiter.result()
    assert not got.is_set()


def hold_and_hang(url, ready):
    from django.test.utils import override_settings

    with override_settings(PRAXIS={"redis": {"url": url}}), Lock("a", lease_s=0.5).hold():
        ready.set()
        time.sleep(60)


def wait_and_hang(url):
    from django.test.utils import override_settings

    with override_settings(PRAXIS={"redis": {"url": url}}), Lock("a").hold():
        time.sleep(60)


@pytest.mark.slow
def test_a_holder_that_is_killed_loses_it_after_its_lease(configured, server):
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=hold_and_hang, args=(server.url, ready))
    process.start()
    ready.wait()
    time.sleep(0.8)  # it is renewed meanwhile
    with pytest.raises(LockTimeoutError), Lock("a").hold(wait_s=0):
        pass
    process.kill()
    process.join()
    with Lock("a").hold(wait_s=10) as held:
        held.check()


@pytest.mark.slow
def test_a_holder_that_was_stopped_knows_that_it_may_have_lost_it(configured, server):
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=hold_and_hang, args=(server.url, ready))
    process.start()
    ready.wait()
    os.kill(process.pid, signal.SIGSTOP)
    with Lock("a").hold(wait_s=10) as held:
        os.kill(process.pid, signal.SIGCONT)
        time.sleep(0.5)  # it tries to renew what it does not have any more
        held.check()
        with pytest.raises(LockTimeoutError), Lock("a").hold(wait_s=0):
            pass
    process.kill()
    process.join()


@pytest.mark.slow
def test_one_who_waits_and_is_killed_holds_others_up_for_a_moment(configured, server):
    context = multiprocessing.get_context("spawn")
    with Lock("a").hold():
        process = context.Process(target=wait_and_hang, args=(server.url,))
        process.start()
        until(lambda: waiting("a") == 1)
        process.kill()
        process.join()
    with Lock("a").hold(wait_s=20):
        pass


def test_a_lease_that_ends_is_noticed(configured):
    with Lock("a", lease_s=0.3).hold() as held:
        link().call("DEL", "praxis:lock:{a}:held")
        with pytest.raises(LockLostError, match="not held any more"):
            held.renew()
        with pytest.raises(LockLostError):
            held.check()
        assert held.is_lost


def test_it_is_kept_for_longer_than_its_lease(configured):
    with Lock("a", lease_s=0.3).hold() as held:
        time.sleep(1.0)
        held.check()
        with pytest.raises(LockTimeoutError), Lock("a").hold(wait_s=0):
            pass


def test_numbers_grow_though_the_last_one_was_forgotten(configured):
    with Lock("a").hold() as held:
        first = held.fence
    link().call("DEL", "praxis:lock:{a}:number")
    with Lock("a").hold() as held:
        assert held.fence > first


def test_a_lost_redis_lets_nobody_in(configured, server):
    configured(timeout_s=0.25)
    server.kill()
    with pytest.raises(RedisUnavailableError), Lock("a").hold():
        raise AssertionError("nobody knows whether it is free")


def test_a_redis_that_goes_while_it_is_held_is_told(configured, server):
    configured(timeout_s=0.25)
    with Lock("a", lease_s=0.4).hold() as held:
        server.kill()
        until(lambda: not held.remaining_s)
        with pytest.raises(LockLostError):
            held.check()


@pytest.mark.parametrize("kind", ["threads", "coroutines"])
def test_what_nobody_heard_to_be_held_is_given_back(configured, server, kind):
    """A server that goes on carries out what it was asked before, though nobody waits for it."""
    configured(timeout_s=0.25)
    with Lock("other").hold():  # connected
        server.pause()
        try:
            with pytest.raises(RedisUnavailableError) as told:
                taken("a", kind)
        finally:
            server.resume()
        assert told.value.timed_out
    while True:  # a lease of 30 s would outlast the test's own timeout three times over
        with contextlib.suppress(RedisUnavailableError, LockTimeoutError):
            taken("a", kind)
            break


def taken(name, kind):
    async def atake():
        async with Lock(name, lease_s=300).ahold(wait_s=0):
            pass

    if kind == "coroutines":
        asyncio.run(atake())
    else:
        with Lock(name, lease_s=300).hold(wait_s=0):
            pass


def test_who_waits_when_redis_hangs_waits_one_timeout_longer_at_most(configured, server):
    configured(timeout_s=0.25)
    failures = []

    def wait():
        try:
            with Lock("a").hold(wait_s=0.5):
                pass
        except RedisUnavailableError as error:
            failures.append(error)

    with Lock("a").hold(), timeouts() as counted:
        thread = threading.Thread(target=wait)
        thread.start()
        until(lambda: waiting("a"))
        server.pause()
        try:
            thread.join()
        finally:
            server.resume()
        assert len(failures) == 1
        assert counted[thread] == 1


def test_coroutines_hold_it_likewise(configured):
    lock, inside, most = Lock("a"), [], []

    async def take():
        for _ in range(10):
            async with lock.ahold(wait_s=30) as held:
                inside.append(1)
                most.append(len(inside))
                await asyncio.sleep(0)
                held.check()
                inside.pop()

    async def run():
        await asyncio.gather(*(take() for _ in range(4)))
        async with lock.ahold():
            with pytest.raises(LockTimeoutError):
                async with lock.ahold(wait_s=0.05):
                    raise AssertionError("two have it")

    asyncio.run(run())
    assert max(most) == 1
    assert len(most) == 40


def test_a_coroutine_that_is_cancelled_leaves_the_line(configured):
    lock = Lock("a")

    async def run():
        async with lock.ahold():
            task = asyncio.create_task(lock.ahold().__aenter__())
            await asyncio.to_thread(until, lambda: waiting("a"))
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert waiting("a") == 0

    asyncio.run(run())


def test_of_several_calls_one_does_the_work(configured):
    ran, go = [], threading.Event()

    @single_flight(key=lambda number: number)
    def work(number):
        ran.append(number)
        go.wait()
        return number

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(work, 1)
        until(lambda: ran)
        assert work(1) is None
        go.set()
        assert work(2) == 2
        assert first.result() == 1
    assert ran == [1, 2]


def test_others_may_wait_or_be_told(configured):
    @single_flight("x", others="wait", wait_s=0.05)
    def waits(): ...

    @single_flight("x", others="raise")
    async def raises(): ...

    with Lock("x").hold():
        with pytest.raises(LockTimeoutError):
            waits()
        with pytest.raises(LockTimeoutError):
            asyncio.run(raises())
    asyncio.run(raises())
    with pytest.raises(ValueError, match="others"):
        single_flight(others="skipped")


@pytest.mark.parametrize(("places", "options"), [(0, {}), (1, {"lease_s": 0})])
def test_numbers_out_of_range_are_refused(places, options):
    with pytest.raises(ValueError, match="needs places"):
        Semaphore("a", places, **options)


@pytest.mark.slow
def test_replicas_can_be_made_to_know_of_it(configured):
    with embedded.redis_sentinel(replicas=1) as group:
        configured(url=address_of(group))
        with Lock("a", replicas=1).hold() as held:
            held.check()
        with (
            pytest.raises(RedisUnavailableError, match="1 replicas of Redis"),
            Lock("a", replicas=2).hold(),
        ):
            raise AssertionError("there are not that many")
        with Lock("a").hold(wait_s=0):  # what was not counted as held is free
            pass


@pytest.mark.slow
def test_a_cluster_holds_them_as_well(configured):
    with embedded.redis_cluster() as cluster:
        configured(url=address_of(cluster))
        for number in range(20):
            lock = Lock(f"lock {number}")
            with lock.hold(), pytest.raises(LockTimeoutError), lock.hold(wait_s=0.02):
                pass
