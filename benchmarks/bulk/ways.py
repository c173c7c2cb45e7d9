"""``python -m benchmarks.bulk.ways WAY URL ROWS CSV``: load the orders once, and say the cost."""

import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.orders.measuring import configure, measured, report
from benchmarks.orders.tables import FIELDS, rows

#: Objects of a generator are made by so many at a time.
PART = 5000
#: It knows psycopg 2 alone.
OLD_DRIVER = ("django-bulk-load",)


def objects(count: int) -> Iterator[Any]:
    from benchmarks.orders.models import Order

    for row in rows(count):
        yield Order(**dict(zip(FIELDS, row, strict=True)))


def load(source: Any, **options: Any) -> None:
    from benchmarks.orders.models import Order
    from praxis.databases.bulk import bulk_load

    bulk_load(Order, source, **options)


def from_csv(path: str) -> None:
    from praxis.databases.bulk import CsvRows

    with Path(path).open(newline="", encoding="utf-8") as file:
        load(CsvRows(file))


def create(count: int) -> None:
    from benchmarks.orders.models import Order

    Order.objects.bulk_create(objects(count))


def create_in_parts(count: int, **options: Any) -> None:
    from django.db import transaction

    from benchmarks.orders.models import Order

    source = objects(count)
    with transaction.atomic():
        while part := list(islice(source, PART)):
            Order.objects.bulk_create(part, **options)


def peer_load(count: int) -> None:
    from django_bulk_load import bulk_insert_models

    bulk_insert_models(list(objects(count)), return_models=False)


def peer_upsert(count: int) -> None:
    from django_bulk_load import bulk_upsert_models

    bulk_upsert_models(list(objects(count)), pk_field_names=["number"], return_models=False)


def peer_copy(path: str) -> None:
    from postgres_copy import CopyQuerySet

    from benchmarks.orders.models import Order

    # as it comes it drops the indexes first, which locks the table for everybody
    CopyQuerySet(Order).from_csv(
        path, drop_constraints=False, drop_indexes=False, static_mapping={}
    )


UPDATED = ("status", "quantity", "total")
WAYS: dict[str, Callable[[int, str], None]] = {
    "bulk_load, tuples": lambda count, _: load(rows(count), fields=FIELDS),
    "bulk_load, dicts": lambda count, _: load(
        dict(zip(FIELDS, row, strict=True)) for row in rows(count)
    ),
    "bulk_load, objects": lambda count, _: load(objects(count)),
    "bulk_load, CSV": lambda _, path: from_csv(path),
    "bulk_create(generator)": lambda count, _: create(count),
    "bulk_create in parts of 5,000": lambda count, _: create_in_parts(count),
    "django-bulk-load": lambda count, _: peer_load(count),
    "django-postgres-copy, CSV": lambda _, path: peer_copy(path),
}
#: Where all rows are there already.
UPSERTS: dict[str, Callable[[int, str], None]] = {
    "bulk_load, on_conflict": lambda count, _: load(
        rows(count), fields=FIELDS, on_conflict="update", match=["number"], update=UPDATED
    ),
    "bulk_create(update_conflicts) in parts": lambda count, _: create_in_parts(
        count, update_conflicts=True, unique_fields=["number"], update_fields=UPDATED
    ),
    "django-bulk-load, upsert": lambda count, _: peer_upsert(count),
}
BASE = "bulk_create(generator)"
BASE_OF_UPSERTS = "bulk_create(update_conflicts) in parts"


def main(way: str, url: str, count: int, path: str) -> None:
    configure(url, old_driver=way.startswith(OLD_DRIVER))
    from benchmarks.orders.models import Order

    Order.objects.first()
    act = (WAYS | UPSERTS)[way]

    def run() -> tuple[float, int]:
        act(count, path)
        return 0.0, 0

    measure = measured(run)
    found = Order.objects.count()
    if found != count:
        raise SystemExit(f"{found} rows are there, not {count}")
    report(measure)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
