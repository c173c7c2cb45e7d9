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
