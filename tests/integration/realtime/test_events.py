"""Events over Server-Sent Events, through a real server."""

import threading

import pytest
from django.db import transaction

from praxis.errors import ChannelError, EventValueError
from praxis.realtime import publish, publish_on_commit
from tests.integration.realtime.sites import serve

pytestmark = pytest.mark.redis


def test_who_subscribes_hears_what_is_published(site):
    with site.open("orders") as events:
        assert events.until("praxis.ready")["channels"] == ["orders"]
        first, second = publish("orders", {"n": 1}), publish("orders", ["é\n", None])
        assert events.next() == ("orders", {"n": 1}, first)
        assert events.next() == ("orders", ["é\n", None], second)
    assert events.headers["content-type"].startswith("text/event-stream")
    assert events.headers["x-accel-buffering"] == "no"
    assert "no-transform" in events.headers["cache-control"]


def test_who_comes_back_gets_what_was_missed(site):
    with site.open("orders") as events:
        events.until("praxis.ready")
    for number in range(500):
        publish("orders", number)
    with site.open("orders", last=events.last) as events:
        found = [data for name, data, _ in (events.next() for _ in range(501)) if name == "orders"]
    assert found == list(range(500))


def test_who_heard_nothing_yet_misses_nothing(site):
    """The id comes with the greeting: the browser has it before the first event."""
    with site.open("orders", "prices") as events:
        events.until("praxis.ready")
    publish("prices", 1)
    publish("orders", 2)
    with site.open("prices", "orders", last=events.last) as events:
        events.until("praxis.ready")
        assert {events.next()[:2], events.next()[:2]} == {("prices", 1), ("orders", 2)}


def test_what_is_no_longer_kept_is_announced(site):
    with site.open("prices") as events:
        events.until("praxis.ready")
    for number in range(1000):
        publish("prices", number)
    with site.open("prices", last=events.last) as events:
        reset = events.until("praxis.reset")
        first = events.next()[1]
        assert reset == {"channel": "prices", "reason": "trimmed", "missed": first}
        assert 0 < first <= 900
        assert [events.next()[1] for _ in range(first + 1, 1000)] == list(range(first + 1, 1000))


@pytest.mark.parametrize("last", ["nonsense", "1-2-3", "_._", "9" * 300, "1-1.1-1", "-", "\xff"])
def test_an_id_that_means_nothing_is_announced(site, last):
    publish("orders", 0)
    with site.open("orders", last=last) as events:
        reset = events.until("praxis.reset")
        assert reset == {"channel": "orders", "reason": "unknown", "missed": None}
        publish("orders", 1)
        assert events.next()[:2] == ("orders", 1)


def test_an_id_of_the_future_is_announced(site):
    with site.open("orders", last="999999999999999-5") as events:
        assert events.until("praxis.reset")["reason"] == "unknown"
        publish("orders", 1)
        assert events.next()[:2] == ("orders", 1)


def test_an_id_of_a_life_before_is_announced_and_what_is_kept_comes(site):
    for number in range(3):
        last = publish("task:old", number)
    epoch, _, _ = last.partition("-")
    with site.open("task:old", last=f"{int(epoch) - 1}-7") as events:
        assert events.until("praxis.reset")["reason"] == "restarted"
        assert [events.next()[1] for _ in range(3)] == [0, 1, 2]


def test_a_heartbeat_says_where_the_channel_is(server, configured):
    from tests.integration.realtime.conftest import CHANNELS

    with (
        serve(server.url, {"channels": CHANNELS, "heartbeat_s": 0.5}) as site,
        site.open("orders") as events,
    ):
        beat = events.until("praxis.beat")
        assert beat == {"id": events.last}


def test_published_at_the_commit_and_not_before(site, transactional_db):
    with site.open("orders") as events:
        events.until("praxis.ready")
        with transaction.atomic():
            assert publish("orders", "late", on_commit=True) == ""
            publish_on_commit("orders", "later")
            publish("orders", "early")
        with transaction.atomic():
            publish_on_commit("orders", "never")
            transaction.set_rollback(True)
        publish("orders", "last")
        found = [events.next()[1] for _ in range(4)]
    assert found == ["early", "late", "later", "last"]


@pytest.mark.parametrize("data", [float("nan"), {1, 2}, object(), {"a": b"x"}, "\ud800", {(1,): 2}])
def test_what_is_no_json_is_refused(configured, data):
    with pytest.raises(EventValueError, match="cannot be written as JSON"):
        publish("orders", data)


def test_what_is_too_long_is_refused(configured):
    with pytest.raises(EventValueError, match="max_bytes"):
        publish("orders", "x" * 70_000)


@pytest.mark.parametrize("channel", ["nope", "", "orders\n", None, 5, "praxis.ready"])
def test_a_channel_that_is_not_declared_is_refused(configured, channel):
    with pytest.raises(ChannelError):
        publish(channel, 1)


def test_of_many_publishers_everybody_hears_the_same_order(site):
    barrier = threading.Barrier(4)

    def work(writer):
        barrier.wait()
        for number in range(100):
            publish("orders", [writer, number])

    with site.open("orders") as one, site.open("orders") as other:
        one.until("praxis.ready")
        other.until("praxis.ready")
        threads = [threading.Thread(target=work, args=(writer,)) for writer in range(4)]
        for thread in threads:
            thread.start()
        found = [one.next() for _ in range(400)]
        assert found == [other.next() for _ in range(400)]
        for thread in threads:
            thread.join()
    for writer in range(4):
        assert [n for _, (who, n), _ in found if who == writer] == list(range(100))
