"""What happens when many ask or write at once: orders that a worker carries out."""

import random
import threading
import time
from typing import Any

SEED = 20260102


def stampede(threads: int) -> int:
    """How often a query of some tenths of a second is run, when so many threads ask for it cold."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from benchmarks.cache.shelf.models import Book

    barrier, asked = threading.Barrier(threads), []

    def ask() -> None:
        barrier.wait()
        with CaptureQueriesContext(connection) as captured:
            Book.objects.filter(author__book__author__book__pages__gt=0).count()
        asked.extend(one for one in captured if one["sql"].startswith("SELECT"))
        connection.close()

    crowd = [threading.Thread(target=ask) for _ in range(threads)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    return len(asked)


def read_for(seconds: float, rows: int) -> int:
    """How many of so many rows, chosen at random, are read by their keys in that time."""
    from benchmarks.cache.shelf.models import Book

    chance, ends, done = random.Random(SEED), time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        Book.objects.get(pk=chance.randrange(1, rows + 1))
        done += 1
    return done


def read_hot(seconds: float) -> float:
    """The share of reads of one row, a thousand a second, that are no query."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from benchmarks.cache.shelf.models import Book

    ends, reads, asked = time.monotonic() + seconds, 0, 0
    while time.monotonic() < ends:
        with CaptureQueriesContext(connection) as captured:
            Book.objects.get(pk=7)
        reads += 1
        asked += any(one["sql"].startswith("SELECT") for one in captured)
        time.sleep(0.001)
    return (reads - asked) / reads


def write_hot(seconds: float, times_a_second: int) -> int:
    """Save one row so many times a second, for so long."""
    from benchmarks.cache.shelf.models import Book

    book = Book.objects.get(pk=7)
    ends, writes = time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        book.pages = writes % 900
        book.save()
        writes += 1
        time.sleep(1 / times_a_second)
    return writes


ORDERS: dict[str, Any] = {
    "stampede": stampede,
    "read_for": read_for,
    "read_hot": read_hot,
    "write_hot": write_hot,
}
