"""Some of Django's own tests, with every model cached; `python -m tests.django_suite` runs all."""

import os

import django
import pytest

from tests.django_suite.comparison import compare
from tests.django_suite.modes import SERVED, VERIFIED
from tests.django_suite.processes import run
from tests.django_suite.servers import places
from tests.django_suite.source import SourceUnavailableError, fetch

#: Small ones, which between them join, nest, prefetch, lock nothing, and write in every way.
LABELS = ("basic", "many_to_many", "or_lookups", "reverse_lookup", "update", "null_queries")


@pytest.fixture(scope="module")
def tests_folder():
    try:
        return fetch(django.__version__)
    except SourceUnavailableError as error:
        if os.environ.get("PRAXIS_CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def place(request):
    with places(1, (request.param,)) as (one,):
        yield one, one.databases[request.param], request.param


@pytest.mark.redis
@pytest.mark.slow
@pytest.mark.timeout(300)  # three runs of Django's tests, on a machine that may be busy
def test_django_says_the_same_with_every_model_cached(place, tests_folder):
    server, databases, vendor = place
    control = run(LABELS, VERIFIED.control, tests_folder, databases, server.redis.url)
    assert control.keys() == set(LABELS)
    for mode in (VERIFIED, SERVED):
        server.redis.flush()
        found = run(LABELS, mode, tests_folder, databases, server.redis.url)
        for label in LABELS:
            one = compare(vendor, label, mode, control[label], found[label])
            assert one.new == {}, next(iter(one.new.values()))
            assert one.run.told == []
        counts = [one.counts for one in found.values()]
        assert sum(one["fills"] for one in counts) > 150  # else nothing was tried
        proofs = "replayed" if mode.replays else "hits"
        assert sum(one.get(proofs, 0) for one in counts) > 50
