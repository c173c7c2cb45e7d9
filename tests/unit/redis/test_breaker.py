import threading

import pytest

from praxis.redis.breaker import Breaker


def make(**options):
    told = []
    values = {"failures": 3, "probe_s": 8.0, "chance": lambda: 0.0} | options
    return Breaker(changed=told.append, **values), told


def refuse(breaker, now):
    breaker.failed(now, began=now, timed_out=False)


def hang(breaker, now, waited_s=0.25):
    breaker.failed(now, began=now - waited_s, timed_out=True)


def test_opens_after_several_failures_without_an_answer_between():
    breaker, told = make()
    refuse(breaker, 1.0)
    refuse(breaker, 2.0)
    assert not breaker.is_open
    breaker.succeeded(2.5)
    refuse(breaker, 3.0)
    refuse(breaker, 4.0)
    assert told == []
    refuse(breaker, 5.0)
    assert breaker.is_open
    assert told == [True]


def test_opens_at_once_when_a_timeout_was_waited_in_vain():
    breaker, told = make()
    hang(breaker, 1.0)
    assert breaker.is_open
    hang(breaker, 1.1)
    assert told == [True]


def test_lets_one_caller_try_after_a_wait_that_doubles_up_to_the_limit():
    breaker, _ = make()
    hang(breaker, 10.0)
    for now, wait_s in [(11.0, 2.0), (13.0, 4.0), (17.0, 8.0), (25.0, 8.0)]:
        assert not breaker.may_try(now - 0.01)
        assert breaker.may_try(now)
        assert not breaker.may_try(now)  # that one is on its way
        assert breaker.wait_s(now) == wait_s
        hang(breaker, now + 0.25)
    assert breaker.may_try(33.0)


def test_closes_with_an_answer():
    breaker, told = make()
    hang(breaker, 1.0)
    assert breaker.may_try(2.0)
    breaker.succeeded(2.1)
    assert told == [True, False]
    assert breaker.may_try(2.1)
    assert breaker.failures == 0
    assert breaker.wait_s(2.1) == 0.0


def test_a_call_from_before_it_closed_does_not_open_it_again():
    breaker, told = make()
    hang(breaker, 1.0)
    breaker.succeeded(2.0)
    hang(breaker, 2.2, waited_s=0.25)
    assert not breaker.is_open
    hang(breaker, 2.3, waited_s=0.25)
    assert told == [True, False, True]


def test_waits_differ_between_processes():
    waits = set()
    for chance in (0.0, 0.5, 0.99):
        breaker, _ = make(chance=lambda chance=chance: chance)
        hang(breaker, 0.0)
        waits.add(breaker.wait_s(0.0))
    assert len(waits) == 3
    assert all(1.0 <= wait_s < 1.25 for wait_s in waits)


def test_many_threads_get_one_try_between_them():
    breaker, _ = make()
    hang(breaker, 0.0)
    barrier, tries = threading.Barrier(20), []

    def ask():
        barrier.wait()
        tries.append(breaker.may_try(5.0))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(tries) == 1


@pytest.mark.parametrize("options", [{"failures": 0}, {"probe_s": 0.0}])
def test_refuses_values_that_mean_nothing(options):
    with pytest.raises(ValueError, match="need"):
        make(**options)
