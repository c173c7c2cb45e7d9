"""Databases and Redis servers, of which nothing else makes use."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from praxis import embedded

VENDORS = ("postgresql", "sqlite")
_ALIASES = ("default", "other")


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where one process at a time can run.

    Attributes:
        databases: The setting, by the vendor.
    """

    databases: dict[str, dict[str, Any]]
    redis: embedded.RedisServer


@contextmanager
def places(count: int, vendors: tuple[str, ...]) -> Iterator[list[Place]]:
    """So many of them, with servers that end with the block."""
    with ExitStack() as stack:
        server = stack.enter_context(embedded.postgres()) if "postgresql" in vendors else None
        found = []
        for number in range(count):
            databases = {}
            if "sqlite" in vendors:
                databases["sqlite"] = {"default": _sqlite(), "other": _sqlite()}
            if server is not None:
                databases["postgresql"] = {
                    alias: _postgresql(server, f"{alias}_{number}") for alias in _ALIASES
                }
            found.append(Place(databases, stack.enter_context(embedded.redis())))
        yield found


def _sqlite() -> dict[str, Any]:
    return {"ENGINE": "django.db.backends.sqlite3"}


def _postgresql(server: embedded.PostgresServer, name: str) -> dict[str, Any]:
    return {**server.database(name).django_settings(), "TEST": {"NAME": f"test_{name}"}}
