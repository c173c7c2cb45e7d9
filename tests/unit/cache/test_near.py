"""What the memory of a process may show, whatever its listener hears."""

import time
from types import SimpleNamespace

import pytest

from praxis.cache.near import Near
from praxis.cache.protocol.calls import STAMP_BYTES, Keys

OLD, NEW = (Keys("d", b"r", b"r" + bytes([life]) * STAMP_BYTES) for life in (1, 2))


class Near_(Near):  # noqa: N801 - its listener hears nothing, and the connection seems well
    def _listen(self):
        self._valid_until = float("inf")


@pytest.fixture
def near():
    link = SimpleNamespace(has_sentinels=True)
    near = Near_(link, "{d}", bound_s=60, max_entries=10)
    near.answered(time.monotonic(), OLD)
    near._listener.join()
    near.put(b"entry", "old", OLD, [b"record"], near.moment())
    near.answered(time.monotonic(), OLD)
    yield near
    near.close()


def test_shows_what_redis_answered(near):
    assert near.get(b"entry") == "old"


def test_shows_nothing_once_another_server_answers(near):
    """The old one may go on and tell of nothing, and it is the new one that is written by."""
    near.answered(time.monotonic(), NEW)
    near._valid_until = float("inf")
    near.answered(time.monotonic(), NEW)
    assert near.get(b"entry") is None
