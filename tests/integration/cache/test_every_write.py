"""Whatever is written by whatever path, each read that was cached tells of it."""

import inspect

import pytest
from django.db import IntegrityError, transaction
from django.db import connection as current

from praxis.cache.hooks.queries import bypass
from tests.integration.cache import reads, writes
from tests.integration.cache.points import elsewhere, learn, queries
from tests.integration.cache.results.computing import computed

#: They begin and end transactions themselves.
ALONE = {
    "without_autocommit", "by_statements_of_its_own", "undone_by_statements_of_its_own",
    "begun_with_a_write", "ended_with_a_write", "chained", "prepared", "add_column",
}  # fmt: skip


def atomically(write):
    with transaction.atomic():
        write()


WAYS = {"elsewhere": elsewhere, "in a transaction": atomically}


def stale(library):
    """The reads that do not tell what the database does, and the results computed from them."""
    found = {}
    for name, read in reads.CASES.items():
        result = computed(name, lambda: read(library)).text  # noqa: B023 - it is called at once
        cached = read(library)
        with bypass():
            fresh = read(library)
        if cached != fresh or result != repr(fresh):
            found[name] = (cached, result, fresh)
    return found


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", writes.CASES)
def test_no_read_is_stale_after(library, connection, vendor, tmp_path, name, way):
    if vendor != "postgresql" and name in writes.ON_POSTGRESQL:
        pytest.skip("PostgreSQL alone knows it")
    if name in ALONE and "transaction" in way:
        pytest.skip("it makes transactions of its own")
    write = writes.CASES[name]
    extra = [tmp_path] if len(inspect.signature(write).parameters) == 3 else []
    for read in reads.CASES.values():
        read(library)
    learn(library)
    for each, read in reads.CASES.items():
        read(library)
        computed(each, lambda: read(library))  # noqa: B023 - it is called at once
    WAYS[way](lambda: write(library, current, *extra))
    assert stale(library) == {}


@pytest.mark.parametrize("name", reads.CASES)
def test_every_read_is_answered_from_the_cache(library, connection, name):
    read = reads.CASES[name]
    first = read(library)
    again, sent = queries(connection, lambda: read(library))
    assert again == first
    assert (sent == []) is (name not in reads.UNCACHED)


def test_a_constraint_that_a_write_breaks_is_told_as_by_django(library, connection):
    with pytest.raises(IntegrityError):
        library.Book.objects.create(title="Z", author_id=999)
    assert not library.Book.objects.filter(title="Z").exists()
    assert stale(library) == {}
