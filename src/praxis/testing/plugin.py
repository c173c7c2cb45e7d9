"""
The pytest plugin: real servers as fixtures. Nothing is imported or started until one is asked for.

    def test_counts_visits(redis_url): ...
    def test_locks_rows(postgres_database): ...

One server serves a whole run, or one worker of pytest-xdist; each test gets clean state. A test
that asks for one carries the marker ``redis`` or ``postgres``: ``pytest -m "not postgres"``.
Where no server can be had, these tests are skipped and the summary says why; with ``PRAXIS_CI``
set in the environment they fail.
"""

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

import pytest

# Every pytest run on a machine where Praxis is installed imports this file: only what costs
# nothing may stand above.
if TYPE_CHECKING:
    from praxis.embedded import PostgresDatabase, PostgresServer, RedisServer

MARKERS = {
    "redis_server": ("redis", "asks for a real Redis server (set by the fixture)"),
    "postgres_server": ("postgres", "asks for a real PostgreSQL server (set by the fixture)"),
}
SKIPPED = "Praxis: no server for this test. "

T = TypeVar("T")


def pytest_configure(config: pytest.Config) -> None:
    for marker, meaning in MARKERS.values():
        config.addinivalue_line("markers", f"{marker}: {meaning}")


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        wanted = getattr(item, "fixturenames", ())
        for fixture, (marker, _) in MARKERS.items():
            if fixture in wanted:
                item.add_marker(marker)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", ()):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        _, found, why = reason.partition(SKIPPED)
        if found:
            reasons[why] = reasons.get(why, 0) + 1
    if reasons:
        terminalreporter.section("tests without their server", sep="=", yellow=True)
        for why, count in reasons.items():
            terminalreporter.write_line(f"{count} skipped. {why}", yellow=True)
            terminalreporter.write_line("Set PRAXIS_CI=1 to make this a failure.")


@pytest.fixture(scope="session")
def redis_server() -> "Iterator[RedisServer]":
    """A Redis server of this run's (or worker's) own, or the one at ``PRAXIS_REDIS_URL``."""
    from praxis import embedded

    with _started(embedded.redis) as server:
        yield server


@pytest.fixture
def redis_url(redis_server: "RedisServer") -> str:
    """The address of an empty Redis database."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture(scope="session")
def postgres_server() -> "Iterator[PostgresServer]":
    """A PostgreSQL server of this run's (or worker's) own, or ``PRAXIS_POSTGRES_URL``'s."""
    from praxis import embedded

    with _started(embedded.postgres) as server:
        yield server


@pytest.fixture
def postgres_database(postgres_server: "PostgresServer") -> "Iterator[PostgresDatabase]":
    """An empty PostgreSQL database, dropped after the test with whatever is still connected."""
    database = postgres_server.database()
    yield database
    postgres_server.drop_database(database.name)


def _started(start: Callable[[], T]) -> T:
    from praxis.errors import ServerError

    try:
        return start()
    except ServerError as error:
        if os.environ.get("PRAXIS_CI"):
            pytest.fail(f"PRAXIS_CI is set, and there is no server for this test. {error}", False)
        pytest.skip(f"{SKIPPED}{error}")
