import pytest

from tests.django_suite.comparison import compare
from tests.django_suite.modes import SERVED, VERIFIED, WRAPPED
from tests.django_suite.run import Run


def compared(control, run, mode=SERVED):
    return compare("sqlite", "basic", mode, control, run)


def test_what_fails_without_the_cache_too_is_not_its_doing():
    control = Run(tests=2, failures={"a": "once"})
    one = compared(control, Run(tests=2, failures={"a": "otherwise", "b": "now"}))
    assert one.new == {"b": "now"}
    assert not one.is_right


@pytest.mark.parametrize(("mode", "aside"), [(SERVED, ("a",)), (WRAPPED, ("a",)), (VERIFIED, ())])
def test_fewer_queries_are_set_aside_only_where_hits_are_served(mode, aside):
    run = Run(tests=1, failures={"a": "0 != 1"}, fewer_queries=["a"])
    one = compared(Run(tests=1), run, mode)
    assert one.set_aside == aside
    assert one.is_right == bool(aside)


def test_a_test_that_was_not_run_is_a_difference():
    assert not compared(Run(tests=2), Run(tests=1)).is_right


def test_what_our_own_checks_told_is_a_difference():
    assert not compared(Run(tests=1), Run(tests=1, told=["stale"])).is_right
