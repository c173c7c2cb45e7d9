"""Locks of a real PostgreSQL."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connections, transaction

from praxis import embedded
from praxis.errors import LockTimeoutError, SettingsError
from praxis.locks import DatabaseLock

pytestmark = pytest.mark.postgres
LOCK = DatabaseLock("a", using="locks")


@pytest.fixture(scope="module")
def postgres():
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PRAXIS_POSTGRES_URL", raising=False)
        with embedded.postgres() as server:
            yield server.database("locks").django_settings()


@pytest.fixture(autouse=True)
def _database(postgres, django_db_blocker):
    known = connections.settings
    connections.settings = connections.configure_settings(
        {"default": known["default"], "locks": postgres}
    )
    with django_db_blocker.unblock():
        yield
        connections["locks"].close()
    del connections["locks"]
    connections.settings = known


def elsewhere(work):
    """What *work* answers on a connection of its own."""

    def run():
        try:
            return work()
        finally:
            connections["locks"].close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def is_free():
    def try_it():
        try:
            with LOCK.hold(wait_s=0):
                return True
        except LockTimeoutError:
            return False

    return elsewhere(try_it)


def test_one_holds_it_at_a_time():
    with LOCK.hold(wait_s=5) as held:
        held.check()
        assert not is_free()
        with DatabaseLock("b", using="locks").hold(wait_s=0):
            pass
    assert is_free()


def test_who_waits_in_vain_is_told_and_the_transaction_goes_on():
    with LOCK.hold():

        def wait():
            with transaction.atomic(using="locks"), connections["locks"].cursor() as cursor:
                with pytest.raises(LockTimeoutError, match="pg_locks"), LOCK.hold(wait_s=0.05):
                    pass
                cursor.execute("SELECT current_setting('lock_timeout')")
                return cursor.fetchone()[0]

        assert elsewhere(wait) == "0"


def test_the_timeout_of_the_project_is_put_back():
    with transaction.atomic(using="locks"), connections["locks"].cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '7s'")
        with LOCK.hold(wait_s=1):
            cursor.execute("SELECT current_setting('lock_timeout')")
            assert cursor.fetchone()[0] == "7s"


def test_it_ends_with_the_transaction_around_it():
    with transaction.atomic(using="locks"):
        with LOCK.hold():
            pass
        assert not is_free()
    assert is_free()


def test_an_error_lets_go_of_it():
    with pytest.raises(ZeroDivisionError), LOCK.hold():
        raise ZeroDivisionError
    assert is_free()


def test_a_connection_that_ends_has_let_go_of_it():
    def ask(query, *values):
        with connections["locks"].cursor() as cursor:
            cursor.execute(query, values)

    def lose_it():
        with LOCK.hold():
            pid = connections["locks"].connection.info.backend_pid
            elsewhere(lambda: ask("SELECT pg_terminate_backend(%s, 5000)", pid))
            assert is_free()
            ask("SELECT 1")

    with pytest.raises(OperationalError):
        lose_it()
    connections["locks"].close()


def test_threads_that_contend_are_one_at_a_time_and_their_numbers_grow():
    barrier, inside, most, fences = threading.Barrier(4), [], [], []

    def run():
        barrier.wait()
        try:
            for _ in range(15):
                with LOCK.hold(wait_s=60) as held:
                    inside.append(1)
                    most.append(len(inside))
                    fences.append(held.fence)
                    inside.pop()
        finally:
            connections["locks"].close()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(run) for _ in range(4)]:
            done.result()
    assert max(most) == 1
    assert fences == sorted(fences)
    assert len(set(fences)) == 60


def test_other_databases_are_refused():
    with pytest.raises(SettingsError, match="needs PostgreSQL"), DatabaseLock("a").hold():
        pass
