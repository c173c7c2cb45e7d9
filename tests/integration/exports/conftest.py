import psycopg
import pytest

from tests.integration.warehouse.databases import (
    database,
    installed,
    postgres,
    postgres_database,
    postgres_server,
    sqlite,
    sqlite_database,
)

__all__ = [
    "database",
    "installed",
    "postgres",
    "postgres_database",
    "postgres_server",
    "sqlite",
    "sqlite_database",
]


@pytest.fixture
def asked(postgres_database):
    """Asks another connection, and gets one row."""
    settings = postgres_database
    with psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"],
        user=settings["USER"],
        password=settings["PASSWORD"],
        dbname=settings["NAME"],
        autocommit=True,
    ) as other:
        yield lambda sql: other.execute(sql).fetchone()
