"""Which threads have waited for a whole timeout, and how often: what no clock is needed to tell."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from praxis.redis.node import Node


@contextmanager
def timeouts() -> Iterator[Counter[threading.Thread]]:
    """Count them by thread while the block runs; those of coroutines by that of their loop."""
    counted, describe = Counter[threading.Thread](), Node.describe

    def counting(node, error, **said):
        if isinstance(error, TimeoutError):
            counted[threading.current_thread()] += 1
        return describe(node, error, **said)

    with mock.patch.object(Node, "describe", counting):
        yield counted
