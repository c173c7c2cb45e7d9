"""``python -m benchmarks.exports.ways WAY URL``: send all orders once, and say what it cost."""

import csv
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.orders.measuring import configure, measured, report
from benchmarks.orders.tables import FIELDS

NAMES = ["id", *FIELDS]


class Echo:
    """A file whose ``write`` gives back what it is given, as Django's documentation has it."""

    def write(self, value: str) -> str:
        return value


def consumed(parts: Iterable[bytes]) -> tuple[float, int]:
    """Send a response to another process as a WSGI server does: each part is a chunk."""
    first, size = 0.0, 0
    ours, theirs = socket.socketpair()
    with (
        ours,
        theirs,
        subprocess.Popen([shutil.which("cat") or "cat"], stdin=theirs, stdout=subprocess.DEVNULL),
    ):
        theirs.close()
        for part in parts:
            first = first or time.perf_counter()
            size += len(part)
            ours.sendall(b"%X\r\n%s\r\n" % (len(part), part))
        ours.close()  # and wait until it has read everything
    return first, size


def orders() -> Any:
    from benchmarks.orders.models import Order

    return Order.objects.order_by("pk")


def praxis() -> tuple[float, int]:
    from praxis.exports import stream_csv

    return consumed(stream_csv(orders(), NAMES))


def praxis_labels() -> tuple[float, int]:
    from praxis.exports import stream_csv

    return consumed(stream_csv(orders(), NAMES, labels=["status"]))


def praxis_ndjson() -> tuple[float, int]:
    from praxis.exports import stream_ndjson

    return consumed(stream_ndjson(orders(), NAMES))


def praxis_in_python() -> tuple[float, int]:
    from dataclasses import replace

    from praxis.exports.formats import CsvFormat
    from praxis.exports.reading import prepare, read
    from praxis.exports.stopping import Stop

    export = prepare(orders(), NAMES, False, CsvFormat(), None)
    return consumed(read(replace(export, in_server=False), Stop()))


def list_and_csv() -> tuple[float, int]:
    from django.http import HttpResponse

    response = HttpResponse(content_type="text/csv")
    writer = csv.writer(response)
    writer.writerow(NAMES)
    for order in list(orders()):
        writer.writerow([getattr(order, name) for name in NAMES])
    return consumed(response)


def streamed(rows: Callable[[], Iterator[Any]]) -> tuple[float, int]:
    from django.http import StreamingHttpResponse

    writer = csv.writer(Echo())
    response = StreamingHttpResponse(
        (writer.writerow(row) for row in rows()), content_type="text/csv"
    )
    return consumed(response)


def iterator() -> tuple[float, int]:
    return streamed(
        lambda: ([getattr(order, name) for name in NAMES] for order in orders().iterator())
    )


def values_iterator() -> tuple[float, int]:
    return streamed(lambda: orders().values_list(*NAMES).iterator())


def import_export() -> tuple[float, int]:
    from import_export.resources import modelresource_factory

    from benchmarks.orders.models import Order

    return consumed([modelresource_factory(model=Order)().export(orders()).csv.encode()])


def postgres_copy() -> tuple[float, int]:
    from postgres_copy import CopyQuerySet

    from benchmarks.orders.models import Order

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "orders.csv")
        CopyQuerySet(Order).order_by("pk").to_csv(str(path))
        return time.perf_counter(), path.stat().st_size


WAYS: dict[str, Callable[[], tuple[float, int]]] = {
    "praxis.exports": praxis,
    "praxis.exports, labels of choices": praxis_labels,
    "praxis.exports, NDJSON": praxis_ndjson,
    "praxis.exports, in Python": praxis_in_python,
    "StreamingHttpResponse, iterator()": iterator,
    "StreamingHttpResponse, values_list().iterator()": values_iterator,
    "list() and csv": list_and_csv,
    "django-import-export": import_export,
    "django-postgres-copy, to a file": postgres_copy,
}
#: What the ratios are to.
BASE = "StreamingHttpResponse, iterator()"

if __name__ == "__main__":
    configure(sys.argv[2])
    orders().first()
    report(measured(WAYS[sys.argv[1]]))
