import logging

import pytest
from asgiref.sync import async_to_sync, iscoroutinefunction
from django.contrib.auth.models import Group
from django.test import override_settings
from django.utils import translation

from praxis.cache import aremember, cached, cached_view, remember
from praxis.cache.dimensions import UNCACHED
from praxis.errors import DimensionError, NotCacheableError

calls = []


@pytest.fixture(autouse=True)
def _no_calls():
    calls.clear()


@cached(60)
def total(first, second=2, *, third=3):
    calls.append((first, second, third))
    return [first, second, third]


@cached(60, vary=["language"])
def greeting():
    calls.append(translation.get_language())
    return calls[-1]


@cached(60)
async def later(first):
    calls.append(first)
    return first


def test_a_function_runs_once(shelf):
    assert total(1) == total(1) == [1, 2, 3]
    assert calls == [(1, 2, 3)]


def test_it_does_not_matter_how_an_argument_is_passed(shelf):
    for passed in [(1,), (1, 2)]:
        total(*passed)
    total(first=1, third=3)
    total(second=2, first=1)
    assert len(calls) == 1


def test_other_arguments_are_another_result(shelf):
    assert total(1) != total(2)
    assert total("1") != total(1)
    assert len(calls) == 3


def test_it_runs_again_when_something_was_written(shelf):
    total(1)
    shelf.write()
    total(1)
    assert len(calls) == 2


def test_none_is_a_result(shelf):
    nothing = cached(60, key="nothing")(lambda: calls.append(1))
    assert nothing() is nothing() is None
    assert calls == [1]


def test_what_was_forgotten_runs_again(shelf):
    total(1)
    total(2)
    total.forget(first=1)
    total(2)
    assert len(calls) == 2
    total(1)
    assert len(calls) == 3


def test_what_a_function_raises_is_raised_and_who_waits_is_let_go(shelf):
    @cached(60, key="failing")
    def failing():
        raise LookupError("no")

    with pytest.raises(LookupError, match="no"):
        failing()
    assert shelf.asked == ["look", "abandon"]
    assert shelf.collecting == []


def test_a_result_that_cannot_be_kept_is_an_error_that_lets_go_who_waits(shelf):
    broken = cached(60, key="broken")(Group.objects.all)
    with pytest.raises(NotCacheableError, match="values"):
        broken()
    assert shelf.asked == ["look", "abandon"]


def test_an_argument_that_names_nothing_is_told_with_its_name(shelf):
    with pytest.raises(NotCacheableError, match="'second' of total"):
        total(1, object())
    assert calls == []


def test_wrong_arguments_are_an_error_as_ever(shelf):
    with pytest.raises(TypeError, match="first"):
        total()


def test_a_function_without_a_name_needs_one():
    with pytest.raises(NotCacheableError, match="key="):
        cached(60)(lambda: 1)


@pytest.mark.parametrize("terms", [{"ttl_s": 0}, {"ttl_s": 1, "stale_s": -1}])
def test_times_that_mean_nothing_are_refused(terms):
    with pytest.raises(ValueError, match="ttl_s > 0"):
        cached(**terms)


@pytest.mark.parametrize("decorator", [cached, cached_view])
def test_without_its_arguments_a_decorator_says_what_to_write(decorator):
    with pytest.raises(TypeError, match=r"ttl_s=…"):
        decorator(len)


def test_a_key_of_the_arguments_replaces_them(shelf):
    first = cached(60, key=lambda request, name: name)(greeted)
    assert first(object(), "a") == first(object(), "a")
    assert first(object(), "b") == "b"
    assert calls == ["a", "b"]


def greeted(request, name):
    calls.append(name)
    return name


def test_another_version_is_another_result(shelf):
    for version in (1, 2, 1):
        cached(60, key="total", version=version)(lambda: calls.append(1))()
    assert len(calls) == 2


def test_a_dimension_tells_results_apart(shelf):
    for language in ("de", "fr", "de"):
        with translation.override(language):
            assert greeting() == language
    assert calls == ["de", "fr"]


def test_a_dimension_that_needs_a_request_says_so(shelf):
    personal = cached(60, key="personal", vary=["user"])(lambda: 1)
    with pytest.raises(DimensionError, match="pass what it depends on as an argument"):
        personal()


def test_a_dimension_that_is_not_declared_says_what_to_write(shelf):
    regional = cached(60, key="regional", vary=["region"])(lambda: 1)
    with pytest.raises(DimensionError, match="header:CF-IPCountry"):
        regional()


def test_a_dimension_may_say_that_nothing_is_kept(shelf):
    with override_settings(PRAXIS={"cache": {"dimensions": {"mode": f"{__name__}.uncached_mode"}}}):
        moody = cached(60, key="moody", vary=["mode"])(lambda: calls.append(1))
        outer = cached(60, key="outer", vary=["mode"])(lambda: 1)
        moody()
        moody()
        outer()
    assert calls == [1, 1]
    assert shelf.asked == []


def uncached_mode(request):
    return UNCACHED


@cached(60)
def whole():
    return [greeting(), len(calls)]


def test_what_holds_a_part_that_differs_has_to_differ_as_well(shelf, caplog):
    caplog.set_level(logging.INFO, "praxis.cache")
    whole()
    whole()
    assert len(shelf.entries) == 1  # the part
    (said,) = caplog.messages
    assert "whole is not kept: a part of it varies on language" in said


def test_a_method_is_named_by_its_instance(shelf):
    with pytest.raises(NotCacheableError, match="'self'"):
        Shop().total(1)


class Shop:
    @cached(60)
    def total(self, first):
        return first

    @staticmethod
    @cached(60)
    def rate(first):
        calls.append(first)
        return first


def test_a_static_method_is_a_function(shelf):
    assert Shop.rate(1) == Shop().rate(1)
    assert calls == [1]


def test_an_entry_of_another_form_is_passed_over_and_told_once(shelf, caplog):
    total(1)
    (name,) = shelf.entries
    shelf.entries[name] = b"?"
    assert total(1) == total(1) == [1, 2, 3]
    assert len(calls) == 3
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_an_async_function_stays_one(shelf):
    assert iscoroutinefunction(later)
    assert async_to_sync(later)(1) == async_to_sync(later)(1) == 1
    assert calls == [1]


def test_what_an_async_function_raises_lets_go_who_waits(shelf):
    @cached(60, key="failing later")
    async def failing():
        raise LookupError

    with pytest.raises(LookupError):
        async_to_sync(failing)()
    assert shelf.asked == ["look", "abandon"]


def test_remember(shelf):
    def compute():
        calls.append(1)
        return {"sum": 3}

    assert remember(("sum", 1), compute, ttl_s=60) == {"sum": 3}
    assert remember(("sum", 1), compute, ttl_s=60) == {"sum": 3}
    assert remember(("sum", 2), compute, ttl_s=60) == {"sum": 3}
    assert len(calls) == 2


def test_remember_later(shelf):
    async def compute():
        calls.append(1)
        return 3

    async def twice():
        return [await aremember("sum", compute, ttl_s=60) for _ in range(2)]

    assert async_to_sync(twice)() == [3, 3]
    assert calls == [1]


def test_a_key_that_names_nothing_is_told(shelf):
    with pytest.raises(NotCacheableError, match="The key"):
        remember(object(), lambda: 1, ttl_s=60)


def test_an_old_value_ends_up_in_nothing_that_is_kept(shelf):
    total(1)
    shelf.is_stale = True
    outer = cached(60, key="outer")(lambda: total(1))
    outer()
    assert len(shelf.entries) == 1


def test_a_part_that_counts_shortly_makes_the_whole_count_shortly(shelf):
    part = cached(5, key="part")(lambda: 1)
    cached(60, key="whole")(lambda: [part(), total(1)])()
    assert shelf.ttls == [5, 60, 5]


def test_what_async_code_calls_without_a_thread_is_computed_each_time(shelf, caplog):
    caplog.set_level(logging.INFO, "praxis.cache")

    async def ask():
        return [total(1), total(1)]

    assert async_to_sync(ask)() == [[1, 2, 3]] * 2
    assert len(calls) == 2
    assert shelf.asked == []
    assert "sync_to_async()" in caplog.text
