import pytest

from tests.audit_cases import accepts, flags

RULE = "recomputed_by_all_at_once"
HEAD = """\
from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Sum

from shop.models import Order


def revenue():
    return Order.objects.aggregate(Sum("amount"))


"""
VIEW = "def view(request):\n    {before}value = cache.get({key})\n    if {test}:\n        {work}\n"


def view(key='"sum"', test="value is None", work="", before=""):
    return HEAD + VIEW.format(key=key, test=test, work=work, before=before)


@pytest.mark.parametrize(
    "work",
    [
        'value = Order.objects.aggregate(Sum("amount"))\n        cache.set("sum", value, 60)',
        'value = list(Order.objects.annotate(n=Count("lines")))\n        cache.set("sum", value)',
        'value = revenue()\n        cache.set("sum", value, 60 * 5)',
    ],
)
@pytest.mark.parametrize("test", ["value is None", "not value"])
def test_finds_aggregates_that_everybody_waits_for(work, test):
    flags(RULE, view(test=test, work=work), 13)


def test_finds_get_or_set():
    flags(RULE, f'{HEAD}def view(request):\n    return cache.get_or_set("sum", revenue, 60)\n', 13)


ACCEPTED = {
    "cheap": 'value = Order.objects.first()\n        cache.set("sum", value, 60)',
    "rarely": "value = revenue()\n        cache.set('sum', value, 86400)",
    "for ever": "value = revenue()\n        cache.set('sum', value, None)",
    "limit unknown": "value = revenue()\n        cache.set('sum', value, limit)",
    "one at a time": (
        "if cache.add('sum:lock', 1, 30):\n            value = revenue()\n"
        "            cache.set('sum', value, 60)"
    ),
}


@pytest.mark.parametrize("work", ACCEPTED.values(), ids=ACCEPTED)
def test_leaves_alone(work):
    accepts(RULE, view(work=work))


def test_leaves_keys_that_few_ask_for_alone():
    work = "value = revenue()\n        cache.set(f'sum:{request.path}', value, 60)"
    accepts(RULE, view(key="f'sum:{request.path}'", work=work))


def test_leaves_tasks_alone():
    work = "value = revenue()\n        cache.set('sum', value, 60)"
    accepts(RULE, view(work=work), path="shop/tasks.py")
