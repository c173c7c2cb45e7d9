"""Visitors who write and read what they wrote, while servers fail."""

import threading
from dataclasses import dataclass, field

from django.contrib.auth.models import Group
from django.db import close_old_connections, connections
from django.test import Client


@dataclass
class Tally:
    """What the visitors have met."""

    reads: int = 0
    on_replicas: int = 0
    stale: list[str] = field(default_factory=list)
    went_back: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def share(self):
        return self.on_replicas / self.reads

    def read(self, wanted, answer):
        with self._changed:
            self.reads += 1
            self.on_replicas += answer["read"] != "default"
            if answer["name"] != wanted:
                self.stale.append(f"{answer} instead of {wanted}")
            self._changed.notify_all()

    def looked_at(self, before, number):
        """Another visitor's row, which has to be as new as it was before."""
        with self._changed:
            if number < before:
                self.went_back.append(f"{number} after {before}")

    def failed(self, error):
        with self._changed:
            self.errors.append(repr(error))
            self.reads += 1
            self._changed.notify_all()

    def wait_for(self, more, *, give_up_s=100):
        """Wait until so many more reads were done."""
        with self._changed:
            wanted = self.reads + more
            assert self._changed.wait_for(lambda: self.reads >= wanted, give_up_s)


class Visitors:
    """
    Each in a thread, with a cookie jar and a row of its own; one write to ten reads.

    A context manager: they begin together, and end where the block ends.
    """

    def __init__(self, group, count=8, reads=10, path="/group"):
        self.tally = Tally()
        self._group = group
        self._count, self._reads, self._path = count, reads, path
        self._stop = threading.Event()
        self._ready = threading.Barrier(count)
        self._threads = []

    def __enter__(self):
        keys = [Group.objects.create(name=f"visitor {n}: 0").pk for n in range(self._count)]
        self._group.wait_until_replayed()
        others = keys[1:] + keys[:1]
        self._threads = [
            threading.Thread(target=self._visit, args=pair)
            for pair in zip(keys, others, strict=True)
        ]
        for thread in self._threads:
            thread.start()
        return self.tally

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in self._threads), "somebody is stuck"

    def _visit(self, key, other):
        client = Client(headers={"Authorization": f"Token {key}"})
        self._ready.wait(60)
        number = seen = 0
        while not self._stop.is_set():
            number += 1
            wanted = f"{key}: {number}"
            try:
                client.get(f"{self._path}/{key}", {"name": wanted})
                for _ in range(self._reads):
                    self.tally.read(wanted, client.get(f"{self._path}/{key}").json())
                    found = client.get(f"{self._path}/{other}").json()["name"]
                    self.tally.looked_at(seen, int(found.rpartition(" ")[2]))
                    seen = max(seen, int(found.rpartition(" ")[2]))
                    close_old_connections()
            except Exception as error:  # noqa: BLE001 - it is counted
                self.tally.failed(error)
        connections.close_all()
