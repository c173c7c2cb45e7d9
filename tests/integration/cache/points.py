"""Moments at which something else happens, and the other thread in which it does."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from django.db import connections
from django.test.utils import CaptureQueriesContext

from praxis.cache.store import Store


def elsewhere(work):
    """What *work* answers in a thread and on a connection of its own, which end with it."""

    def run():
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def queries(connection, work):
    """What *work* answers, and the statements that it sent."""
    with CaptureQueriesContext(connection) as captured:
        answer = work()
    return answer, [query["sql"] for query in captured.captured_queries]


def is_hit(connection, read):
    """Whether the database was not asked."""
    return not queries(connection, read)[1]


def warm(connection, read):
    """Read until the answer comes from the cache."""
    answer = read()
    again, sent = queries(connection, read)
    assert sent == []
    assert again == answer
    return answer


def until(condition):
    """Go on as soon as it is met."""
    ends = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.002)


def learn(m):
    """
    Let this process know the kinds of conditions that are in use.

    The first write after a new one tells of no single row; those after it do.
    """
    for model in (m.Book, m.Novel, m.Author, m.Country, m.Tag, m.Note, m.Book.tags.through):
        model.objects.filter(pk=-1)._raw_delete("default")


class Points:
    """
    Stops the thread that asks at a moment of the protocol, once, while something else happens.

    ``before_read`` and ``after_read`` (that is before the statement), ``before_fill`` (after it),
    ``before_mark``, ``after_mark`` (before the statement or COMMIT), ``before_settle`` (after it).
    """

    def __init__(self, monkeypatch):
        self._monkeypatch = monkeypatch

    def at(self, moment, work):
        """Do *work* at the *moment* of this thread; the list that is returned gets its answer."""
        when, _, name = moment.partition("_")
        thread, original, answers = threading.get_ident(), getattr(Store, name), []

        def stopped(store, *arguments, **options):
            mine = threading.get_ident() == thread and not answers
            if mine and when == "before":
                answers.append(None)
                answers[0] = work()
            answer = original(store, *arguments, **options)
            if mine and when == "after":
                answers.append(None)
                answers[0] = work()
            return answer

        self._monkeypatch.setattr(Store, name, stopped)
        return answers
