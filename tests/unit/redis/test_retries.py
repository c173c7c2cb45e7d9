import pytest

from praxis.errors import IncarnationChangedError, RedisRefusedError, RedisUnavailableError
from praxis.redis.replies import RedirectedError
from praxis.redis.retries import MAX_REDIRECTIONS, MAX_WAITS, Step, Tries
from praxis.redis.targets import Address


def unavailable(*, may_have_run, timed_out=False):
    return RedisUnavailableError("x", may_have_run=may_have_run, timed_out=timed_out)


def refused(code):
    return RedisRefusedError("x", code=code)


def test_repeats_once_what_certainly_did_not_run():
    tries = Tries(None, is_cluster=False)
    assert tries.step(unavailable(may_have_run=False)) is Step.AGAIN
    assert tries.step(unavailable(may_have_run=False)) is Step.RAISE


def test_never_repeats_what_may_have_run():
    assert Tries(None, is_cluster=False).step(unavailable(may_have_run=True)) is Step.RAISE


@pytest.mark.parametrize("may_have_run", [True, False])
def test_never_waits_a_second_time(may_have_run):
    error = unavailable(may_have_run=may_have_run, timed_out=True)
    assert Tries("idempotent", is_cluster=True).step(error) is Step.RAISE


def test_repeats_once_what_may_run_twice():
    tries = Tries("idempotent", is_cluster=False)
    assert tries.step(unavailable(may_have_run=True)) is Step.AGAIN
    assert tries.step(unavailable(may_have_run=True)) is Step.RAISE


def test_takes_a_new_connection_for_one_that_ended():
    error = IncarnationChangedError("x", may_have_run=False)
    assert Tries(None, is_cluster=False).step(error) is Step.AGAIN


def test_looks_once_for_another_master_when_this_one_is_a_replica():
    tries = Tries(None, is_cluster=False)
    assert [tries.step(refused("READONLY")) for _ in range(2)] == [Step.AGAIN, Step.RAISE]


@pytest.mark.parametrize("code", ["OOM", "LOADING", "MISCONF", "WRONGPASS", "CLUSTERDOWN"])
def test_tells_a_refusal(code):
    assert Tries("idempotent", is_cluster=True).step(refused(code)) is Step.RAISE


def test_waits_a_little_for_a_slot_that_moves():
    tries = Tries(None, is_cluster=True)
    waits = []
    while tries.step(refused("TRYAGAIN")) is Step.WAIT:
        waits.append(tries.wait_s)
    assert waits == [0.01, 0.02, 0.04, 0.08]
    assert len(waits) == MAX_WAITS


@pytest.mark.parametrize("code", ["MOVED", "ASK"])
def test_follows_redirections_of_a_cluster_alone_and_not_for_ever(code):
    error = RedirectedError("x", code=code, alias="a", to=Address("h", 1), slot=1)
    assert Tries(None, is_cluster=False).step(error) is Step.RAISE
    tries = Tries(None, is_cluster=True)
    steps = [tries.step(error) for _ in range(MAX_REDIRECTIONS + 1)]
    assert steps == [Step.FOLLOW] * MAX_REDIRECTIONS + [Step.RAISE]
