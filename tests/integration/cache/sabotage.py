"""
Mistakes in the order of things, made on purpose: the stress test has to find them.

Each lasts a moment longer than it would by itself, so that a few seconds suffice to meet it.
"""

import time

from praxis.cache.changes.outbox import Outbox
from praxis.cache.fence import Fence
from praxis.cache.hooks.lookups import Lookup
from praxis.cache.protocol.calls import Miss
from praxis.cache.store import Store

MOMENT_S = 0.02
_mark, _settle, _read = Store.mark, Store.settle, Store.read
_answer = Lookup.answer


def _settled_before_commit(store, writing):
    _mark(store, writing)
    _settle(store, writing, written=True)
    time.sleep(MOMENT_S)


def _not_marked(store, writing):
    """What is written is told afterwards all the same."""
    writing.mark(store._keys_for(store._link.session(store._tag)))


def _settled_late(store, writing, **how):
    time.sleep(MOMENT_S)
    return _settle(store, writing, **how)


def _stamps_after_the_statement(lookup, ask, *, streamed):
    """The statement runs first; a miss gets the stamps of the moment after it."""
    store, results = lookup._connection.store, []

    def asked():
        if not results:
            results.append(ask())
        return results[0]

    answer = _read(store, lookup._reading, ttl_ms=lookup._ttl_ms)
    if answer is not None and isinstance(answer[0], Miss):
        asked()
        time.sleep(MOMENT_S)
    return _answer(lookup, asked, streamed=streamed)


def sabotage(how):
    """Break the cache of this process."""
    if how == "settle before commit":
        Store.mark = _settled_before_commit
        Store.settle = lambda *_, **__: True
    elif how == "no mark":
        Store.mark, Store.settle = _not_marked, _settled_late
    elif how == "no wait":
        Outbox.acknowledge = lambda *_: None
    elif how == "no fence":
        Fence.enter = Fence.demand = lambda *_: None
    elif how == "stamps after the statement":
        Lookup.answer = _stamps_after_the_statement
    else:
        raise ValueError(how)
