"""Results that are computed from two databases: current in both, or not answered."""

import threading

import pytest
from django.db import connections, transaction

from praxis.cache.hooks.queries import bypass
from praxis.cache.results import parts
from praxis.cache.results.kept import Found, forget, look
from praxis.cache.store import Store
from tests.integration.cache.conftest import make_tables
from tests.integration.cache.points import elsewhere, queries
from tests.integration.cache.results.computing import TERMS, computed

pytestmark = pytest.mark.redis


@pytest.fixture
def other(library, servers, vendor):
    """The alias of a second database, with the same tables."""
    if vendor == "postgresql":
        settings = servers.postgres.database("second").django_settings()
    else:
        settings = {"ENGINE": "django.db.backends.sqlite3", "NAME": servers.folder / "second.db"}
    configured = connections.configure_settings({"default": {}, "other": settings})
    connections.settings["other"] = configured["other"]
    connection = connections["other"]
    if not connection.introspection.table_names():
        make_tables(connection)
    with bypass():
        library.Author.objects.using("other").all().delete()
        library.Author.objects.using("other").bulk_create(
            library.Author(pk=pk, name=name) for pk, name in [(1, "Una"), (2, "Uwe")]
        )
    library.Author.objects.using("other").filter(pk=-1).update(name="x")
    yield "other"
    connection.close()
    del connections["other"]
    del connections.settings["other"]


@pytest.fixture
def names(library, other):
    """A function that reads one row of each database, by its key."""
    authors = library.Author.objects

    def read():
        return authors.get(pk=1).name, authors.using(other).get(pk=1).name

    read()
    for alias in ("default", other):  # which kinds of conditions there are is known from now on
        authors.using(alias).filter(pk=-1).update(name="x")
    return read


def rename(library, name, alias, pk=1):
    library.Author.objects.using(alias).filter(pk=pk).update(name=name)


def is_kept(name):
    return isinstance(look(name.encode(), TERMS), Found)


def test_it_is_kept_and_sends_nothing(names, connection, other):
    first = computed("x", names)
    assert first.is_kept, first.reason
    (_, there), here = queries(
        connection, lambda: queries(connections[other], lambda: computed("x", lambda: 1 / 0))
    )
    assert (here, there) == ([], [])
    assert computed("x", lambda: 1 / 0).text == "('Ann', 'Una')"


@pytest.mark.parametrize("alias", ["default", "other"])
def test_a_write_to_either_voids_it(library, names, alias):
    for name in ("Zoe", "Zac"):
        assert computed("x", names).is_kept
        elsewhere(lambda name=name: rename(library, name, alias))
        assert name in computed("x", names).text


@pytest.mark.parametrize("alias", ["default", "other"])
def test_a_write_of_other_rows_does_not(library, names, alias):
    computed("x", names)
    elsewhere(lambda: rename(library, "Zoe", alias, pk=2))
    assert is_kept("x")


@pytest.mark.parametrize("alias", ["default", "other"])
@pytest.mark.parametrize("moment", ["before_keep", "after_keep"])
def test_what_is_written_while_it_is_kept_is_not_missed(library, names, points, alias, moment):
    # the first that is kept is the part of the other database
    points.at(moment, lambda: elsewhere(lambda: rename(library, "Zoe", alias)))
    assert "Zoe" not in computed("x", names).text
    assert "Zoe" in computed("x", names).text
    assert is_kept("x")


def test_the_first_to_miss_it_again_leads(library, names, other):
    computed("x", names)
    elsewhere(lambda: rename(library, "Zoe", other))
    first, second = look(b"x", TERMS), look(b"x", TERMS)
    assert (first.has_leader, second.has_leader) == (False, True)
    first.abandon()


def test_parts_of_two_computations_are_none(library, names, other, redis_client):
    computed("x", names)
    (key,) = [key for key in redis_client.scan_iter(b"*:r*") if b"Una" in redis_client.get(key)]
    old = redis_client.get(key)
    elsewhere(lambda: rename(library, "Zoe", other))
    computed("x", names)
    redis_client.set(key, old, px=60_000)  # as one that was slow to store it
    assert computed("x", names).text == "('Ann', 'Zoe')"
    assert is_kept("x")


def test_a_part_that_is_gone_is_made_again(names, redis_client):
    computed("x", names)
    for key in redis_client.scan_iter(b"*:r*"):
        if b"Una" not in redis_client.get(key):
            redis_client.delete(key)
    assert computed("x", names).was_computed
    assert not computed("x", names).was_computed


def test_what_is_in_another_database_alone_is_kept(library, other):
    def work():
        return library.Author.objects.using(other).get(pk=1).name

    assert computed("x", work).is_kept
    elsewhere(lambda: rename(library, "Zoe", other))
    assert computed("x", work).text == "'Zoe'"


def test_what_holds_it_ends_with_it(library, names, other):
    def outer():
        return computed("inner", names).text

    for name in ("Una", "Zoe"):
        elsewhere(lambda name=name: rename(library, name, other))
        assert name in computed("outer", outer).text
        assert is_kept("outer")
    forget(b"outer")
    assert "Zoe" in computed("outer", outer).text  # of an inner one that is there
    elsewhere(lambda: rename(library, "Zac", other))
    assert "Zac" in computed("outer", outer).text


@pytest.mark.only("postgresql")
def test_a_transaction_that_wrote_there_sees_its_own(library, names, other):
    computed("x", names)
    with transaction.atomic(other):
        rename(library, "Zoe", other)
        mine = computed("x", names)
        assert ("Zoe" in mine.text, mine.is_kept) == (True, False)
        transaction.set_rollback(True, using=other)
    assert "Una" in computed("x", names).text


def test_one_whose_database_is_gone_is_computed(names, other, monkeypatch):
    computed("x", names)
    monkeypatch.setattr(parts, "connections", {"default": connections["default"]})
    assert computed("x", lambda: 1).text == "1"


def test_no_result_is_older_than_a_write_to_either(library, names, other):
    written, wrong, barrier = [0], [], threading.Barrier(3)

    def write():
        barrier.wait()
        for number in range(1, 60):
            rename(library, str(number), ("default", other)[number % 2])
            written[0] = number

    def read():
        barrier.wait()
        while written[0] < 59:
            acknowledged = written[0]
            seen = eval(computed("x", names).text)
            newest = max(int(name) for name in seen if name.isdigit()) if acknowledged else 0
            if newest < acknowledged:
                wrong.append((seen, acknowledged))

    threads = [threading.Thread(target=elsewhere, args=[work]) for work in (write, read, read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert computed("x", names).is_kept


def test_the_order_in_which_they_are_kept_matters(library, names, other, monkeypatch):
    """The result names its parts: it is not there before them."""
    kept = []
    original = Store.keep

    def keep(store, keys, *args, **options):
        kept.append(store.name == names_of[other])
        return original(store, keys, *args, **options)

    from praxis.cache.hooks.connections import cached

    names_of = {alias: cached(connections[alias]).store.name for alias in ("default", other)}
    monkeypatch.setattr(Store, "keep", keep)
    computed("x", names)
    assert kept == [True, False]
