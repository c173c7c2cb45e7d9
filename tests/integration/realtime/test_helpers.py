"""What is built on publishing: views, positions, progress of tasks, changes of models."""

import asyncio

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.template import engines
from django.test import RequestFactory

from praxis.announcements import EventDropped, listen
from praxis.errors import ChannelError, RealtimeSetupError
from praxis.realtime import (
    aposition,
    aprogress,
    apublish,
    event_stream,
    position,
    progress,
    publish,
    publish_changes,
    track,
)
from praxis.realtime.log import PREFIX

pytestmark = pytest.mark.redis


@pytest.fixture
def published(server, configured):
    """What is published from here on, by channel."""
    with server.client(decode_responses=True) as client, client.pubsub() as pubsub:
        pubsub.psubscribe(PREFIX.decode() + "*")
        assert pubsub.get_message(timeout=10)["type"] == "psubscribe"

        def take(count):
            found = []
            while len(found) < count:
                message = pubsub.get_message(timeout=10)
                assert message, f"only {found} was published"
                channel = message["channel"].removeprefix(PREFIX.decode())
                found.append((channel, json(message["data"].partition(" ")[2])))
            assert pubsub.get_message(timeout=0.1) is None
            return found

        yield take


def json(text):
    from json import loads

    return loads(text)


def test_the_view_serves_the_same_events(site):
    with site.open("orders", path="/stream/") as events:
        assert events.status == 200
        ready = events.until("praxis.ready")
        publish("orders", 1)
        assert events.next()[:2] == ("orders", 1)
    publish("orders", 2)
    with site.open("orders", path="/stream/", last=ready["id"]) as events:
        events.until("praxis.ready")
        assert [events.next()[1] for _ in range(2)] == [1, 2]


def test_the_view_of_an_undeclared_channel_is_an_error(site):
    assert site.get("/stream/?channel=nope")[0] == 500


def test_the_view_under_wsgi_says_what_is_needed(configured):
    with pytest.raises(RealtimeSetupError, match="ASGI"):
        asyncio.run(event_stream(RequestFactory().get("/"), ["orders"]))


def test_coroutines_publish_too(published):
    async def both():
        return await apublish("orders", 1), await aprogress("t1", 1, 4)

    one, other = asyncio.run(both())
    assert one
    assert other
    event = {"done": 1, "total": 4, "share": 0.25, "state": "running", "message": ""}
    assert published(2) == [("orders", 1), ("task:t1", event)]


def test_a_page_goes_on_from_the_position_that_was_taken_before(site):
    at = position("prices", "orders")
    assert at == asyncio.run(aposition("orders", "prices"))
    publish("prices", 1)
    publish("orders", 2)
    with site.open("orders", "prices", last=at) as events:
        events.until("praxis.ready")
        assert {events.next()[:2], events.next()[:2]} == {("orders", 2), ("prices", 1)}
    with pytest.raises(ChannelError):
        position("nope")


@pytest.mark.parametrize(
    ("done", "total", "state", "share"),
    [(0, 10, "running", 0), (3, 10, "running", 0.3), (11, 10, "running", 1), (5, None, "running",
     None), (0, 0, "done", 1), (2, 10, "failed", 0.2)],
)  # fmt: skip
def test_progress(published, done, total, state, share):
    progress("a-1", done, total, message="m", state=state)
    ((channel, event),) = published(1)
    assert channel == "task:a-1"
    assert event == {"done": done, "total": total, "share": share, "state": state, "message": "m"}


def test_a_tracked_loop_tells_a_few_times_and_at_the_end(published):
    assert list(track(range(10_000), "a")) == list(range(10_000))
    (_, first), *_, (_, last) = published(2)
    assert (first["done"], first["total"], first["state"]) == (0, 10_000, "running")
    assert (last["done"], last["share"], last["state"]) == (10_000, 1.0, "done")


def test_a_tracked_loop_that_fails_says_so(published):
    def work():
        for item in track(iter("abc"), "a"):
            if item == "b":
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert [event["state"] for _, event in published(2)] == ["running", "failed"]


def test_tasks_of_celery_are_followed(published):
    from celery import Celery

    from praxis.realtime.celery import follow_tasks

    app = Celery("tests", broker="memory://", set_as_current=False)
    app.conf.task_always_eager = True

    @app.task(name="good")
    def good():
        return 1

    @app.task(name="bad")
    def bad():
        raise ZeroDivisionError

    @app.task(name="other")
    def other():
        return 1

    stop = follow_tasks(["good", "bad"])
    try:
        for task in (good, bad, other):
            task.apply_async(task_id=f"id-{task.name}")
    finally:
        stop()
    good.apply_async()
    assert [(channel, event["state"]) for channel, event in published(4)] == [
        ("task:id-good", "running"),
        ("task:id-good", "done"),
        ("task:id-bad", "running"),
        ("task:id-bad", "failed"),
    ]


def test_changes_of_a_model_are_published_after_the_commit(published, transactional_db):
    stop = publish_changes(Group, "orders")
    by_name = publish_changes(
        Group, lambda change: None if change.kind == "deleted" else "prices", data=lambda c: c.pk
    )
    try:
        with transaction.atomic():
            group = Group.objects.create(name="a")
            Group.objects.filter(pk=group.pk).update(name="b")
            assert published(0) == []
        pk = group.pk
        with transaction.atomic():
            Group.objects.create(name="never")
            transaction.set_rollback(True)
        group.delete()
    finally:
        stop()
        by_name()
    Group.objects.create(name="unheard")
    assert published(3) == [
        ("orders", {"kind": "created", "pk": pk}),
        ("prices", pk),
        ("orders", {"kind": "deleted", "pk": pk}),
    ]


def test_many_changes_at_once_are_one_event(published, transactional_db):
    stop = publish_changes(Group, "orders")
    try:
        Group.objects.bulk_create(Group(name=f"g{number}") for number in range(201))
    finally:
        stop()
    assert published(1) == [("orders", {"kind": "created", "pk": None})]


def test_a_commit_stands_though_nothing_can_be_published(configured, transactional_db, caplog):
    configured(url="redis://127.0.0.1:1", on_error="closed", timeout_s=0.2)
    stop = publish_changes(Group, "orders")
    try:
        Group.objects.create(name="a")
    finally:
        stop()
    assert Group.objects.get().name == "a"
    assert "was not published" in caplog.text


def test_what_is_dropped_is_announced(configured):
    heard = []
    configured(url="redis://127.0.0.1:1", timeout_s=0.2)
    stop = listen(EventDropped, heard.append)
    try:
        assert publish("orders", 1) == ""
        assert asyncio.run(apublish("orders", 2)) == ""
    finally:
        stop()
    assert heard == [EventDropped("orders", False)] * 2


def test_tags_write_no_markup_of_their_arguments(settings):
    settings.STATIC_URL = "/static/"
    settings.TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
    template = engines["django"].from_string(
        '{% load praxis_realtime %}{% live "orders" evil at=evil %}{% live_script %}'
    )
    text = template.render({"evil": '"><script>'})
    assert "<script>" not in text
    assert text.endswith('<script type="module" src="/static/praxis/realtime.js"></script>')
