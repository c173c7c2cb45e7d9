"""Who is there, as all processes together know it."""

import pytest

from praxis.errors import ChannelError
from praxis.realtime import presence
from tests.integration.realtime.conftest import CHANNELS
from tests.integration.realtime.sites import serve

pytestmark = pytest.mark.redis


class Watcher:
    """What a page would show of who is there."""

    def __init__(self, events):
        self._events, self._here = events, set()

    def until(self, *users):
        while self._here != set(users):
            told = self._events.until("praxis.presence")
            self._here = set(told.get("here", self._here))
            self._here |= set(told.get("joined", ()))
            self._here -= set(told.get("left", ()))


def test_who_comes_and_goes_is_told_across_processes(site, server):
    with (
        serve(server.url, {"channels": CHANNELS}) as other,
        site.open("hall", headers=[("X-User", "5")]) as five,
    ):
        watcher = Watcher(five)
        watcher.until("5")
        with other.open("hall", headers=[("X-User", "6")]) as six:
            watcher.until("5", "6")
            Watcher(six).until("5", "6")
            assert sorted(presence("hall")) == ["5", "6"]
            with site.open("hall", headers=[("X-User", "6")]) as tab:  # the same user elsewhere
                Watcher(tab).until("5", "6")
        watcher.until("5")
        assert presence("hall") == ["5"]
        with site.open("hall") as somebody:  # who is not known
            Watcher(somebody).until("5")


def test_who_is_in_a_channel_without_presence_is_not_known(configured):
    with pytest.raises(ChannelError, match="presence"):
        presence("orders")


def test_those_of_a_killed_process_go(server, configured):
    with (
        serve(server.url, {"channels": CHANNELS}, app="short_presence") as one,
        serve(server.url, {"channels": CHANNELS}, app="short_presence") as other,
        one.open("hall", headers=[("X-User", "8")]) as eight,
        other.open("hall", headers=[("X-User", "9")]) as nine,
    ):
        Watcher(eight).until("8", "9")
        watcher = Watcher(nine)
        watcher.until("8", "9")
        one.process.kill()
        watcher.until("9")
