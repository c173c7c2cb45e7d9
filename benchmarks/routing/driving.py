"""
One process: a site with one router, and its visitors, each in a thread with a cookie jar.

``python -m benchmarks.routing.driving JSON`` prints what they met as JSON.
"""

import importlib
import json
import sys
import threading
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from benchmarks.routing.ways import WAYS

THREADS = 8


@dataclass
class Wanted:
    """
    What is run.

    Attributes:
        way: One of `WAYS`.
        databases: ``DATABASES``.
        peers: A folder for ``sys.path``.
        seconds: How long.
        think_s: How long a visitor waits between requests.
        reads: After so many reads a visitor writes; or
        write_every_s: after so long.
    """

    way: str
    databases: dict[str, Any]
    peers: str
    seconds: float
    think_s: float
    reads: int = 0
    write_every_s: float = 0.0


@dataclass
class Met:
    """What all visitors together met."""

    reads: int = 0
    stale: int = 0
    went_back: int = 0
    errors: int = 0
    on_replicas: int = 0
    longest_s: float = 0.0
    read_from: Counter[str] = field(default_factory=Counter)


def configure(wanted: Wanted) -> None:
    import django
    from django.conf import settings  # noqa: TID251 - the peers ask Django for their own

    sys.path.append(wanted.peers)
    way = dict(WAYS[wanted.way])
    if module := way.pop("DEFAULTS_OF", ""):
        found = vars(importlib.import_module(module))
        way = {name: value for name, value in found.items() if name.isupper()} | way
    settings.configure(
        DATABASES=wanted.databases,
        ROOT_URLCONF="benchmarks.routing.site",
        ALLOWED_HOSTS=["*"],
        SECRET_KEY="benchmark",
        USE_TZ=True,
        LOGGING={"version": 1, "loggers": {"django.request": {"level": "CRITICAL"}}},
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
        **way,
    )
    django.setup()


class Visitors:
    def __init__(self, wanted: Wanted) -> None:
        self.met = Met()
        self._wanted = wanted
        self._lock = threading.Lock()
        self._ready = threading.Barrier(THREADS)

    def run(self) -> Met:
        threads = [threading.Thread(target=self._visit, args=[n]) for n in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.met

    def _visit(self, number: int) -> None:
        from django.db import close_old_connections, connections
        from django.test import Client

        wanted = self._wanted
        client = Client(headers={"Authorization": f"Token {number}"})
        own, other = number + 1, (number + 1) % THREADS + 1
        version, seen = 0, 0
        self._ready.wait()
        end = time.monotonic() + wanted.seconds
        wrote_at, reads = -1e9, 0
        while (now := time.monotonic()) < end:
            try:
                if reads >= wanted.reads and now - wrote_at >= wanted.write_every_s:
                    response = client.post(f"/{own}/{version + 1}")
                    if response.status_code == 302:
                        version, wrote_at, reads = version + 1, now, 0
                else:
                    reads += 1
                    answer = client.get(f"/{own}/{other}").json()
                    self._note(answer, version, seen, time.monotonic() - now)
                    seen = max(seen, answer["other"])
            except Exception:  # noqa: BLE001 - whatever it is, a visitor has seen it
                with self._lock:
                    self.met.errors += 1
                    if self.met.errors == 1:
                        traceback.print_exc()
            close_old_connections()  # as Django does around each request
            time.sleep(wanted.think_s)
        connections.close_all()

    def _note(self, answer: dict[str, Any], version: int, seen: int, took_s: float) -> None:
        with self._lock:
            self.met.reads += 1
            self.met.stale += answer["own"] < version
            self.met.went_back += answer["other"] < seen
            self.met.on_replicas += answer["read"] != "default"
            self.met.read_from[answer["read"]] += 1
            self.met.longest_s = max(self.met.longest_s, took_s)


if __name__ == "__main__":
    wanted = Wanted(**json.loads(sys.argv[1]))
    configure(wanted)
    print(json.dumps(vars(Visitors(wanted).run())))
