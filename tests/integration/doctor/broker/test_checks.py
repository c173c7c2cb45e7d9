import time

import celery
import kombu
import kombu.pools
import pytest

from praxis.audit.findings import Severity
from praxis.doctor import Target, checks, examine
from praxis.doctor.redis.redis_session import RIGHTS
from tests.integration.doctor.asking import ask

pytestmark = pytest.mark.redis


@pytest.fixture
def app(server):
    """A real Celery, whose broker and results are the server."""
    app = celery.Celery("shop", broker=server.url, backend=server.url)
    app.conf.task_queues = [kombu.Queue(name) for name in ("celery", "mail")]
    yield app
    app.close()
    kombu.pools.reset()  # they remember which queues are declared, and the next server is empty


@pytest.fixture
def target(server):
    return Target.at("broker", server.url, uses=frozenset({"broker"}))


def send(app, count, queue="celery", **options):
    for n in range(count):
        app.send_task("shop.tasks.send_mail", args=[n], queue=queue, **options)


def test_tasks_that_no_worker_takes(app, target):
    assert ask("long_queues", target) == []
    send(app, 3, queue="mail")
    [finding] = ask("long_queues", target)
    assert finding.message == "3 tasks wait in the queue mail, and no worker takes any."
    assert finding.severity is Severity.ERROR
    assert ("the next", "shop.tasks.send_mail") in finding.evidence
    with app.connection_for_read() as connection:  # a worker comes
        queue = app.amqp.queues["mail"](connection.default_channel)
        for _ in range(3):
            queue.get().ack()
    assert ask("long_queues", target) == []


def test_more_tasks_than_the_workers_do(app, target):
    send(app, 5)
    send(app, 2, priority=9)
    with app.connection_for_read() as connection:
        channel = connection.default_channel
        taken = app.amqp.queues["celery"](channel).get()  # somebody is at work
        assert ask("long_queues", target) == []
        [finding] = ask("long_queues", target, queue_length=6)
        assert "6 tasks wait in the queue celery" in finding.message
        assert ("taken and not done, of all queues", "1") in finding.evidence
        taken.ack()


def test_the_age_of_the_next_task_where_it_tells(app, target):
    send(app, 1, headers={"timestamp": time.time() - 1000})
    with app.connection_for_read() as connection:
        queue = app.amqp.queues["mail"](connection.default_channel)
        send(app, 1, queue="mail")
        taken = queue.get()
        [finding] = ask("long_queues", target)
        assert "the next for 16 min" in finding.message
        taken.ack()


def test_a_task_that_was_not_acknowledged(app, target):
    send(app, 1)
    with app.connection_for_read() as connection:
        taken = app.amqp.queues["celery"](connection.default_channel).get()
        assert ask("unacknowledged_tasks", target) == []
        [finding] = ask("unacknowledged_tasks", target, unacknowledged_s=0.0)
        assert ("not acknowledged", "1") in finding.evidence
        taken.ack()
    assert ask("unacknowledged_tasks", target, unacknowledged_s=0.0) == []


def test_messages_that_are_none_of_celerys(server, target):
    with server.client() as client:
        client.lpush("celery", "no json", "[1]", '{"headers": 1}')
    [finding] = ask("long_queues", target)
    assert ("the next", "-") in finding.evidence


@pytest.mark.filterwarnings("ignore:Call to deprecated setex:DeprecationWarning")  # Celery's
def test_results_without_an_end(app, server):
    target = Target.at("redis", server.url, uses=frozenset({"results"}))
    app.backend.store_result("one", 1, "SUCCESS")
    assert ask("lasting_results", target) == []
    app.conf.result_expires = None
    app.backend.expires = None
    app.backend.store_result("two", 1, "SUCCESS")
    [finding] = ask("lasting_results", target)
    assert ("such as", "celery-task-meta-two") in finding.evidence


def test_needs_no_more_rights_than_it_says(app, server):
    send(app, 2)
    url = server.url.replace(f":{server.password}@", "doctor:word@")
    with server.client() as client:
        client.execute_command(
            "ACL", "SETUSER", "doctor", "on", ">word", "~*", "-@all", *RIGHTS.split()
        )
        try:
            examination = examine([Target.at("broker", url)])
        finally:
            client.acl_deluser("doctor")
    assert examination.unanswered == []
    assert examination.asked_count == len(checks("broker"))
