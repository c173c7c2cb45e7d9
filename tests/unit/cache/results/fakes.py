"""The store of kept results, in a dict: what it was asked, and what ended it."""

import contextlib
import threading

from praxis.cache.results import computing, declared, steps
from praxis.cache.results.kept import Found


class FakeAbsent:
    def __init__(self, shelf, name):
        self.shelf, self.name, self.reason = shelf, name, ""
        self.ttl_s = shelf.terms[name].ttl_s

    @contextlib.contextmanager
    def collecting(self):
        self.shelf.collecting.append(self)
        try:
            yield
        finally:
            self.shelf.collecting.remove(self)

    def forbid(self, reason):
        self.reason = self.reason or reason

    def keep_at_most(self, ttl_s):
        self.ttl_s = min(self.ttl_s, ttl_s)

    def keep(self, payload):
        self.shelf.asked.append("keep")
        if self.reason:
            return False
        self.shelf.entries[self.name] = payload
        self.shelf.ttls.append(self.ttl_s)
        return True

    def abandon(self):
        self.shelf.asked.append("abandon")


class Shelf:
    """What `look` is asked instead of Redis."""

    def __init__(self):
        self.entries, self.terms, self.asked, self.collecting = {}, {}, [], []
        self.is_stale = False
        self.ttls = []
        self.threads = set()

    def look(self, name, terms):
        self.asked.append("look")
        self.threads.add(threading.get_ident())
        self.terms[name] = terms
        if name in self.entries:
            return Found(self.entries[name], self.is_stale)
        return FakeAbsent(self, name)

    def forget(self, name, using):
        self.entries.pop(name, None)

    def write(self):
        """Something was written that all of it depends on."""
        self.entries.clear()


def shelved(monkeypatch):
    shelf = Shelf()
    for way in ("look", "glance", "give_up"):
        monkeypatch.setattr(steps, way, shelf.look)
    monkeypatch.setattr("praxis.cache.results.functions.forget", shelf.forget)
    monkeypatch.setattr(steps, "_told", type(steps._told)())
    monkeypatch.setattr(declared, "_declared", {})  # what tests declare, `check` need not see
    assert computing._open.get() == ()
    return shelf
