"""
One package in a process of its own: does what it is told on its input, answers with figures.

    python -m benchmarks.cache.worker PACKAGE DATABASE_AS_JSON REDIS_URL
"""

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.cache.crowds import ORDERS

BOOKS, AUTHORS, SEED = 2000, 100, 20260101


def main() -> None:
    package, database, redis_url = sys.argv[1:]
    configure(package, json.loads(database), redis_url)
    acts = dict(queries())
    for line in sys.stdin:
        order, *args = json.loads(line)
        answer = orders(acts)[order](*args)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def configure(package: str, database: dict[str, Any], redis_url: str) -> None:
    import django
    from django.conf import settings  # noqa: TID251 - a site of its own

    apps = {"cachalot": ["cachalot"], "cacheops": ["cacheops"], "none": []}
    settings.configure(
        INSTALLED_APPS=[
            *apps.get(package, ["praxis"]),
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "benchmarks.cache.shelf",
        ],
        DATABASES={"default": database},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        CACHES={
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": redis_url,
            }
        },
        CACHEOPS_REDIS=redis_url,
        CACHEOPS={"shelf.*": {"ops": "all", "timeout": 3600}},
        CACHALOT_TIMEOUT=3600,
        PRAXIS=praxis(package, redis_url),
    )
    django.setup()


#: What is measured of praxis besides as it is by default.
VARIANTS: dict[str, dict[str, Any]] = {
    "praxis": {},
    "praxis near": {"near_s": 0.1},
    "praxis not strict": {"strict": False},
    "praxis elsewhere": {"models": {"auth.*": {}}},  # what is measured is not cached
}


def praxis(package: str, redis_url: str) -> dict[str, Any]:
    """The settings of a variant."""
    if package not in VARIANTS:
        return {}
    cache = {"models": {"shelf.*": {}}} | VARIANTS[package]
    return {"redis": {"url": redis_url, "timeout_s": 5.0}, "cache": cache}


def make() -> int:
    """The tables and their rows; the number of books."""
    import datetime as dt
    from decimal import Decimal

    from django.db import connection

    from benchmarks.cache.shelf.models import Author, Book

    with connection.schema_editor() as editor:
        editor.create_model(Author)
        editor.create_model(Book)
    chance = random.Random(SEED)
    authors = Author.objects.bulk_create(
        Author(name=f"Author {number}", born=chance.randrange(1800, 2000))
        for number in range(AUTHORS)
    )
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    books = Book.objects.bulk_create(
        Book(
            title=f"Book {number}",
            author=authors[number % AUTHORS],
            pages=chance.randrange(50, 900),
            price=Decimal(chance.randrange(500, 5000)) / 100,
            added=start + dt.timedelta(minutes=number),
            text="x" * 200,
        )
        for number in range(BOOKS)
    )
    return len(books)


def queries() -> Iterator[tuple[str, Callable[[], Any]]]:
    """What is asked again and again."""
    from django.db.models import Avg

    from benchmarks.cache.shelf.models import Book

    yield "get by key", lambda: Book.objects.get(pk=7)
    yield (
        "20 rows with join",
        lambda: list(Book.objects.select_related("author").filter(pk__in=range(1, 21))),
    )
    yield "100 rows", lambda: list(Book.objects.filter(pages__lt=900).order_by("pk")[:100])
    yield "20 of an author", lambda: list(Book.objects.filter(author_id=5))
    yield "count", lambda: Book.objects.filter(pages__lt=300).count()
    yield "aggregate", lambda: Book.objects.filter(pages__lt=300).aggregate(Avg("price"))


def orders(acts: dict[str, Callable[[], Any]]) -> dict[str, Callable[..., Any]]:
    return {
        "make": make,
        "names": lambda: list(acts),
        "read": lambda name, times: timed(acts[name], times),
        "save": save,
        "mix": mix,
        "depend": depend,
        "one_more": one_more,
        **ORDERS,
    }


def timed(act: Callable[[], Any], times: int) -> float:
    """Microseconds a call."""
    act()
    started = time.perf_counter()
    for _ in range(times):
        act()
    return (time.perf_counter() - started) / times * 1e6


def save(times: int) -> float:
    """Microseconds of one ``save()`` of a book, which nobody has read."""
    from benchmarks.cache.shelf.models import Book

    book = Book.objects.get(pk=1900)
    return timed(book.save, times)


def mix(kind: str, rounds: int) -> float:
    """The share of reads that were no query, at 95 reads to 5 saves of books anywhere."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from benchmarks.cache.shelf.models import Book

    chance = random.Random(SEED)
    books = list(Book.objects.filter(pk__lte=1000).iterator())
    reads = asked = 0
    for _ in range(rounds):
        if chance.random() < 0.05:
            book = chance.choice(books)
            book.pages = chance.randrange(50, 900)
            book.save()
            continue
        wanted = {"pk": chance.choice(books).pk} if kind == "key" else {"author_id": 5}
        with CaptureQueriesContext(connection) as captured:
            list(Book.objects.filter(**wanted))
        reads += 1
        asked += any(one["sql"].startswith("SELECT") for one in captured)
    return (reads - asked) / reads


def depend(count: int) -> int:
    """Ask for so many results that one ``save()`` voids."""
    from benchmarks.cache.shelf.models import Book

    Book.objects.filter(pages__lt=count).exists()
    Book.objects.get(pk=1900).save()  # who writes learns which kinds of conditions there are
    for number in range(count):
        Book.objects.filter(pages__lt=number).exists()
    return count


def one_more() -> float:
    """Microseconds of a ``save()`` of one row."""
    from benchmarks.cache.shelf.models import Book

    book = Book.objects.get(pk=1900)
    started = time.perf_counter()
    book.save()
    return (time.perf_counter() - started) * 1e6


if __name__ == "__main__":
    main()
