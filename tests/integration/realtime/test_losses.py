"""What happens when connections are cut, Redis goes, and servers end: nothing lost, or told."""

import random
import threading
import time

import pytest

from praxis import embedded
from praxis.announcements import EventDropped, listen
from praxis.errors import RedisUnavailableError
from praxis.realtime import publish
from tests.integration.realtime.conftest import CHANNELS
from tests.integration.realtime.sites import serve
from tests.integration.redis_settings import address_of

pytestmark = [pytest.mark.redis, pytest.mark.timeout(300)]


class Publisher(threading.Thread):
    """Publishes numbers until it is told to stop; the ones that Redis took."""

    def __init__(self, channel="orders", pause_s=0.002):
        super().__init__()
        self.channel, self.pause_s = channel, pause_s
        self.taken, self.refused, self._ended = [], 0, threading.Event()
        self.count = 0

    def run(self):
        while not self._ended.wait(self.pause_s):
            try:
                if published := publish(self.channel, self.count):
                    self.taken.append((published, self.count))
                else:
                    self.refused += 1
            except RedisUnavailableError:
                self.refused += 1
            self.count += 1

    def stop(self):
        self._ended.set()
        self.join()


class Reader(threading.Thread):
    """Reads from the first event to the last one, and is cut off in between all the time."""

    def __init__(self, site, cuts, until, channel="orders"):
        super().__init__()
        self.site, self.cuts, self.channel = site, cuts, channel
        self.read, self.resets, self.names = [], [], []
        self._until, self.done = until, threading.Event()
        self.ready = threading.Event()

    def run(self):
        chance, last = random.Random(self.cuts), ""
        while not self.done.is_set():
            with self.site.open(self.channel, last=last) as events:
                left = chance.randint(1, 30) if self.cuts > 0 else 10**9
                while left and (found := events.next()):
                    name, data, last = found
                    self.names.append(name)
                    if name == "praxis.ready":
                        self.ready.set()
                        continue
                    if name == "praxis.reset":
                        self.resets.append((len(self.read), data))
                    if name == self.channel:
                        self.read.append((last, data))
                        left -= 1
                        if data == self._until:
                            self.done.set()
                            return
            self.cuts -= 1


LAST = "the last one"


def test_nothing_is_lost_over_a_thousand_reconnects_and_killed_redis_connections(site, server):
    readers = [Reader(site, cuts=100, until=LAST) for _ in range(10)]
    publisher = Publisher()
    for reader in readers:
        reader.start()
    for reader in readers:
        assert reader.ready.wait(30)
    publisher.start()
    with server.client() as client:
        while any(reader.cuts > 0 for reader in readers):
            time.sleep(0.3)
            client.client_kill_filter(_type="pubsub")
    publisher.stop()
    publish("orders", LAST)
    for reader in readers:
        reader.join(60)
        assert reader.done.is_set()
        assert reader.resets == []
        assert reader.read[:-1] == publisher.taken[-len(reader.read) + 1 :]
        assert reader.read[0] == publisher.taken[0]


@pytest.mark.parametrize("on_error", ["open", "closed"])
def test_what_becomes_of_events_while_redis_is_gone(configured, on_error, caplog):
    heard = []
    stop = listen(EventDropped, heard.append)
    with embedded.redis() as server:
        configured(url=server.url, on_error=on_error, timeout_s=0.5)
        publish("orders", 1)
        server.kill()
        for _ in range(3):
            if on_error == "open":
                assert publish("orders", 2) == ""
            else:
                with pytest.raises(RedisUnavailableError):
                    publish("orders", 2)
    stop()
    assert len(heard) == (3 if on_error == "open" else 0)
    dropped = [record for record in caplog.records if "dropped" in record.getMessage()]
    assert len(dropped) == (1 if on_error == "open" else 0)


def test_clients_stay_while_redis_is_gone_and_are_told(configured):
    with embedded.redis() as server:
        configured(url=server.url, timeout_s=0.5)
        with (
            serve(server.url, {"channels": CHANNELS}, timeout_s=0.5) as site,
            site.open("orders") as events,
        ):
            events.until("praxis.ready")
            publish("orders", 1)
            assert events.next()[1] == 1
            server.kill()
            events.until("praxis.interrupted")
            with site.open("orders") as late:  # somebody who comes meanwhile is let in
                late.until("praxis.ready")
                late.until("praxis.interrupted")
                server.restart()
                late.until("praxis.live")
            # what it had is gone with its memory, and that is announced
            names = [events.next()[0] for _ in range(2)]
            assert sorted(names) == ["praxis.live", "praxis.reset"]
            publish_until_taken(2)
            assert events.next()[1] == 2


def test_a_server_that_ends_sends_its_clients_away(server, configured):
    with serve(server.url, {"channels": CHANNELS}) as site:
        with site.open("orders") as one, site.open("orders", "prices") as other:
            for events in (one, other):
                events.until("praxis.ready")
            site.terminate()
            waits = [events.until("praxis.drain")["retry_ms"] for events in (one, other)]
            assert [events.next() for events in (one, other)] == [None, None]
        assert all(500 <= wait <= 4000 for wait in waits)
        assert site.process.wait(30) in (0, -15)
        for number in range(3):
            publish("orders", number)
    with (
        serve(server.url, {"channels": CHANNELS}) as again,
        again.open("orders", last=one.last) as events,
    ):
        events.until("praxis.ready")
        assert [events.next()[1] for _ in range(3)] == [0, 1, 2]


def test_a_client_that_takes_nothing_is_dropped_and_the_others_are_not(server, configured):
    quick = {"channels": CHANNELS, "slow_s": 1.0}
    with serve(server.url, quick) as site, site.open("orders") as slow, site.open("orders") as fast:
        slow.until("praxis.ready")
        fast.until("praxis.ready")
        payload = "x" * 60_000
        for number in range(400):  # more than the kernel takes
            publish("orders", [number, payload])
            assert fast.next()[1][0] == number
        until_clients(site, 1)
        found = [event for event in slow if event[0] == "orders"]  # what was on its way
        assert slow.is_cut
        numbers = [data[0] for _, data, _ in found]
        assert numbers == list(range(len(numbers)))
        assert len(numbers) < 400
        with site.open("orders", last=found[-1][2]) as back:
            back.until("praxis.ready")
            rest = [back.next()[1][0] for _ in range(400 - len(numbers))]
        assert numbers + rest == list(range(400))


def until_clients(site, count):
    deadline = time.monotonic() + 30
    while site.get("/clients/")[2] != str(count):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def publish_until_taken(data):
    deadline = time.monotonic() + 30
    while not publish("orders", data):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def group():
    with embedded.redis_sentinel(replicas=1, sentinels=3, down_after_s=0.5) as group:
        yield group


@pytest.mark.parametrize("how", ["killed", "hung"])
def test_a_fail_over_loses_nothing_that_is_not_announced(group, configured, how):
    url = address_of(group)
    configured(url=url, timeout_s=0.5, on_error="closed")
    with serve(url, {"channels": CHANNELS}, timeout_s=0.5) as site:
        readers = [Reader(site, cuts=0, until=LAST) for _ in range(3)]
        publisher = Publisher()
        for reader in readers:
            reader.start()
        for reader in readers:
            assert reader.ready.wait(30)
        publisher.start()
        time.sleep(1)
        master = group.master
        if how == "killed":
            master.kill()
        else:
            master.pause()
        deadline = time.monotonic() + 60
        count = publisher.refused
        while publisher.refused == count or len(publisher.taken) < 10:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        before = len(publisher.taken)
        while len(publisher.taken) < before + 100:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        if how == "hung":
            master.resume()
        time.sleep(1)
        publisher.stop()
        publish("orders", LAST)
        for reader in readers:
            reader.join(60)
            assert reader.done.is_set()
            demand_announced(reader, publisher)


def demand_announced(reader, publisher, *, is_hit=True):
    """Every event that Redis took was read, in order and once, or a reset stands in its place."""
    taken = [*publisher.taken, reader.read[-1]]
    places = {index for index, _ in reader.resets}
    at = 0
    for index, event in enumerate(reader.read):
        found = taken.index(event, at) if event in taken[at:] else None
        if found is None:  # it was published though its publisher was told that nobody knows
            assert event not in taken, f"{event} came twice or late"
            continue
        assert found == at or index in places, f"{taken[at:found]} are missing before {event}"
        at = found + 1
    assert at == len(taken)
    assert places or not is_hit, "the fail-over was not announced"


def test_a_cluster_that_loses_a_master_loses_nothing_that_is_not_announced(configured):
    """Channels are on all nodes; whoever listens to one of them hears of all."""
    with embedded.redis_cluster(node_timeout_s=1.0) as cluster:
        url = address_of(cluster)
        configured(url=url, timeout_s=0.5, on_error="closed")
        names = [f"task:{number}" for number in range(12)]
        with serve(url, {"channels": CHANNELS}, timeout_s=0.5) as site:
            readers = [Reader(site, cuts=0, until=LAST, channel=name) for name in names]
            publishers = [Publisher(name, pause_s=0.02) for name in names]
            for reader in readers:
                reader.start()
            for reader in readers:
                assert reader.ready.wait(30)
            for publisher in publishers:
                publisher.start()
            time.sleep(1)
            cluster.nodes[0].kill()  # its slots include the one by which we choose whom to hear
            deadline = time.monotonic() + 60
            while not any(publisher.refused for publisher in publishers):
                assert time.monotonic() < deadline
                time.sleep(0.05)
            counts = [len(publisher.taken) for publisher in publishers]
            while any(len(p.taken) < n + 20 for p, n in zip(publishers, counts, strict=True)):
                assert time.monotonic() < deadline
                time.sleep(0.05)
            for publisher in publishers:
                publisher.stop()
                publish(publisher.channel, LAST)
            for reader in readers:
                reader.join(60)
                assert reader.done.is_set()
        are_told = 0
        for reader, publisher in zip(readers, publishers, strict=True):
            demand_announced(reader, publisher, is_hit=bool(publisher.refused))
            are_told += bool(reader.resets)
        assert 0 < are_told < len(names)  # those of the other masters went on
