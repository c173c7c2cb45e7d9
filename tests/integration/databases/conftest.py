"""A primary with two replicas, and a site that reads and writes through the router."""

from contextlib import contextmanager

import pytest
from asgiref.local import Local
from django.core.management import call_command
from django.db import connections
from django.test.utils import override_settings

from praxis import embedded
from praxis.databases import replica_status
from praxis.databases.watching import stop_watching
from tests.integration.databases.points import until

ROUTER = "praxis.databases.ReplicaRouter"
MIDDLEWARE = "praxis.databases.ReplicaMiddleware"
ALIASES = {"replica1": "default", "replica2": "default"}


@contextmanager
def databases_of(settings, *, routers=(ROUTER,), **options):
    """Let these be ``DATABASES``, in all threads, and *options* those of the routing."""
    before = connections.settings
    kept = connections._connections
    connections._connections = Local(connections.thread_critical)
    connections.settings = connections.configure_settings(settings)
    try:
        with override_settings(
            DATABASE_ROUTERS=list(routers),
            MIDDLEWARE=[MIDDLEWARE],
            ROOT_URLCONF="tests.integration.databases.site",
            PRAXIS={"databases": {"poll_s": 0.05, "timeout_s": 2.0} | options},
        ):
            yield
    finally:
        stop_watching()
        connections.close_all()
        connections._connections = kept
        connections.settings = before


def all_up():
    return all(one.is_up for one in replica_status()) and len(replica_status()) == 2


def is_up(number):
    return next(one.is_up for one in replica_status() if one.alias == f"replica{number}")


@pytest.fixture(scope="session")
def shared_group(django_db_blocker):
    with django_db_blocker.unblock(), embedded.postgres_replication(replicas=2) as group:
        with databases_of(group.django_settings(), routers=()):
            call_command("migrate", verbosity=0)
        group.wait_until_replayed()
        yield group


@pytest.fixture
def group(shared_group):
    """Both replicas run, in time, whatever the test before did to them."""
    for replica in shared_group.replicas:
        if replica.is_alive:
            replica.resume()
        else:
            replica.restart()
    shared_group.set_replay_delay(0)
    shared_group.wait_until_replayed()
    return shared_group


@pytest.fixture
def routed(group, django_db_blocker):
    """The router and the middleware, with both replicas up."""
    with django_db_blocker.unblock(), databases_of(group.django_settings(), replicas=ALIASES):
        until(all_up)
        yield group
