"""A task sees what whoever sent it had written."""

import pytest
from celery import Celery, signals
from celery.contrib.testing.worker import start_worker
from django.contrib.auth.models import Group
from django.db import connections, transaction

from praxis.databases import celery_headers, current_token, read_session
from praxis.databases.celery_headers import HEADER, carry_in_celery
from tests.integration.databases.points import go_on, stop_replay

pytestmark = [pytest.mark.postgres, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.fixture(scope="module")
def app():
    app = Celery("tests", broker="memory://", backend="cache+memory://")
    app.conf.update(task_default_queue="databases", broker_connection_retry_on_startup=False)

    @app.task(name="name_of")
    def name_of(pk):
        try:
            groups = Group.objects.filter(pk=pk)
            return groups.get().name, groups.db
        finally:
            connections.close_all()

    @app.task(name="rename")
    def rename(pk, name):
        try:
            Group.objects.filter(pk=pk).update(name=name)
            return name_of.delay(pk).id
        finally:
            connections.close_all()

    carry_in_celery()
    signals.setup_logging.connect(leave_logging_alone)  # it is of the tests
    yield app
    signals.setup_logging.disconnect(leave_logging_alone)


def leave_logging_alone(**_):
    pass


@pytest.fixture
def worker(app, routed):
    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=60):
        yield app


@pytest.fixture
def behind(routed):
    Group.objects.all().delete()
    pk = Group.objects.create(name="old").pk
    routed.wait_until_replayed()
    connections["default"].__dict__.pop("_praxis_databases_wrote", None)
    for replica in routed.replicas:
        stop_replay(replica)
    yield pk
    for replica in routed.replicas:
        go_on(replica)


def result_of(app, task, *arguments):
    return app.tasks[task].delay(*arguments).get(timeout=60)


def test_a_task_reads_replicas(worker, behind):
    name, alias = result_of(worker, "name_of", behind)
    assert name == "old"
    assert alias.startswith("replica")


def test_a_task_sees_what_its_sender_wrote(worker, behind):
    with read_session():
        Group.objects.filter(pk=behind).update(name="new")
        assert result_of(worker, "name_of", behind) == ["new", "default"]


def test_outside_of_requests_too(worker, behind):
    Group.objects.filter(pk=behind).update(name="new")
    assert result_of(worker, "name_of", behind) == ["new", "default"]


def test_a_task_that_is_sent_in_a_transaction_reads_the_primary(worker, behind):
    with read_session(), transaction.atomic():
        Group.objects.filter(pk=behind).update(name="new")
        assert result_of(worker, "name_of", behind) == ["old", "default"]


def test_a_task_hands_on_what_it_wrote(worker, behind):
    later = result_of(worker, "rename", behind, "new")
    assert worker.AsyncResult(later).get(timeout=60) == ["new", "default"]


def test_without_the_header_a_task_is_behind(worker, behind, monkeypatch):
    monkeypatch.setattr(celery_headers, "current_token", lambda: "")
    with read_session():
        Group.objects.filter(pk=behind).update(name="new")
        assert result_of(worker, "name_of", behind)[0] == "old"


def test_a_header_that_was_given_is_left_alone(worker, behind):
    with read_session():
        Group.objects.filter(pk=behind).update(name="new")
        token = current_token()
    sent = worker.tasks["name_of"].apply_async([behind], headers={HEADER: token})
    assert sent.get(timeout=60) == ["new", "default"]


def test_an_eager_task_is_a_part_of_its_caller(worker, behind):
    with read_session():
        Group.objects.filter(pk=behind).update(name="new")
        assert worker.tasks["name_of"].apply([behind]).get() == ("new", "default")
        assert Group.objects.all().db == "default"


def test_nothing_is_left_behind(worker, behind):
    result_of(worker, "name_of", behind)
    assert celery_headers._running == {}
