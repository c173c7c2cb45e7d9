"""Answers from the memory of the process: only while Redis tells, and none beyond the bound."""

import io
import threading
import time

import pytest
from django.conf import settings as configured  # noqa: TID251 - they are changed
from django.core.management import call_command
from django.db import connections, transaction
from django.test.utils import override_settings

from praxis.cache import cache_statistics
from praxis.cache.hooks.connections import cached
from praxis.cache.store import Store
from tests.integration.cache.points import elsewhere, learn, queries, until

pytestmark = pytest.mark.redis

BOUND_S = 0.5


@pytest.fixture
def library(library):
    cache = {**configured.PRAXIS["cache"], "near_s": BOUND_S, "near_entries": 50}
    with override_settings(PRAXIS={**configured.PRAXIS, "cache": cache}):
        yield library
        connections.close_all()


@pytest.fixture
def trips(monkeypatch):
    """How often Redis was asked."""
    counted, original = [], Store.read

    def read(*arguments, **options):
        counted.append(1)
        return original(*arguments, **options)

    monkeypatch.setattr(Store, "read", read)
    return counted


def until_near(trips, read):
    """Read until Redis is not asked any more; what was read."""

    def is_near():
        before = len(trips)
        read()
        return len(trips) == before

    until(is_near)
    return read()


def test_what_was_read_is_read_from_memory(library, connection, trips):
    for read, expected in [
        (lambda: library.Book.objects.get(pk=1).title, "A"),
        (library.Book.objects.count, 4),
        (
            lambda: [b.author.name for b in library.Book.objects.select_related("author")][:1],
            ["Ann"],
        ),
        (lambda: list(library.Book.objects.filter(pk=999)), []),
    ]:
        assert until_near(trips, read) == expected
        assert queries(connection, read)[1] == []


@pytest.mark.parametrize(
    "write",
    [
        lambda m: m.Book.objects.filter(pk=1).update(title="Z"),
        lambda m: m.Author.objects.filter(pk=1).update(name="Z"),
        lambda m: m.Book.objects.filter(pk=1).delete(),
    ],
    ids=["row", "joined", "deleted"],
)
def test_what_another_one_writes_is_seen_soon(library, connection, trips, write):
    def read():
        found = library.Book.objects.select_related("author").filter(pk=1).first()
        return found and (found.title, found.author.name)

    assert until_near(trips, read) == ("A", "Ann")
    learn(library)
    assert until_near(trips, read) == ("A", "Ann")
    elsewhere(lambda: write(library))
    until(lambda: read() != ("A", "Ann"))


def test_nothing_is_older_than_the_bound(library, connection, trips):
    """One process writes and says so; what it said more than the bound ago everybody knows."""
    said = [(time.monotonic(), 0)]
    ends = threading.Event()

    def write():
        at = 0
        while not ends.is_set():
            at += 1
            library.Author.objects.filter(pk=1).update(name=str(at))
            said.append((time.monotonic(), at))
            ends.wait(0.05)  # so that readers have something in their memory

    library.Author.objects.filter(pk=1).update(name="0")
    writer = threading.Thread(target=lambda: elsewhere(write))
    writer.start()
    try:
        until(lambda: len(said) > 5)
        while len(said) < 40:
            began = time.monotonic()
            seen = int(library.Author.objects.get(pk=1).name)
            assert seen >= max(at for moment, at in said if moment < began - BOUND_S or not at)
    finally:
        ends.set()
        writer.join()


def test_without_word_from_redis_it_is_asked(library, connection, trips, servers):
    def read():
        return library.Book.objects.get(pk=1).title

    assert until_near(trips, read) == "A"
    servers.redis.pause()
    try:
        time.sleep(BOUND_S)
        near = cached(connections["default"]).near
        assert near._valid_until < time.monotonic()
    finally:
        servers.redis.resume()
    assert until_near(trips, read) == "A"
    servers.redis.kill()
    time.sleep(BOUND_S)
    assert near._valid_until < time.monotonic()
    servers.redis.restart()
    with transaction.atomic():
        library.Book.objects.filter(pk=1).update(title="Z")
    assert until_near(trips, read) == "Z"


def test_what_is_voided_on_its_way_in_does_not_come_in(library, connection, trips, points):
    def read():
        return library.Book.objects.get(pk=1).title

    until_near(trips, read)
    near = cached(connections["default"]).near

    def write():
        before = near.moment()
        elsewhere(lambda: library.Book.objects.filter(pk=1).update(title="Z"))
        until(lambda: near.moment() > before)

    elsewhere(lambda: library.Book.objects.filter(pk=1).update(title="A"))
    until(lambda: not near._entries)
    read(), read()
    near._drop(next(iter(near._entries), b""))
    points.at("after_read", write)
    assert read() == "A"  # Redis had answered before
    assert read() == "Z"


def test_a_transaction_reads_its_own(library, connection, trips):
    def read():
        return library.Book.objects.get(pk=1).title

    until_near(trips, read)
    with transaction.atomic():
        library.Book.objects.filter(pk=1).update(title="Z")
        assert read() == "Z"
        transaction.set_rollback(True)
    assert read() == "A"


def test_it_holds_no_more_than_it_may(library, connection, trips):
    for pk in range(1, 5):
        until_near(trips, lambda: library.Book.objects.filter(pk=pk).first())  # noqa: B023
    near = cached(connections["default"]).near
    for pages in range(100):
        for _ in range(2):
            library.Book.objects.filter(pages=pages).count()
    assert 0 < len(near._entries) <= 50
    held = {key for _, depends in near._entries.values() for key in depends}
    assert near._dependants.keys() == held


def test_raw_queries_are_read_from_memory_with_their_columns(library, connection, trips):
    def read():
        raw = library.Book.objects.raw("SELECT id, title, pages + 1 AS more FROM library_book")
        return raw.columns, sorted((book.title, book.more) for book in raw)

    first = read()
    assert until_near(trips, read) == first
    assert queries(connection, read) == (first, [])


def test_an_answer_from_memory_is_told_as_a_hit(library, connection, trips):
    def read():
        return list(library.Book.objects.filter(pk=1))

    until_near(trips, read)
    with cache_statistics() as seen:
        until_near(trips, read)
    assert seen.hits == seen.models["library.Book"].hits > 0
    assert seen.misses == 0


def test_clearing_ends_what_is_held_in_memory(library, connection, trips):
    def read():
        return list(library.Book.objects.filter(pk=1))

    until_near(trips, read)
    call_command("praxis_cache", "clear", "library.book", stdout=io.StringIO())
    until(lambda: queries(connection, read)[1])
