"""
A library on real servers: the hooks, the settings and the database are there for a test only.

``PRAXIS_CACHE_BREAK`` breaks the cache first, as `sabotage` says: tests have to fail then.
"""

import os
import re
import sqlite3
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import psycopg
import pytest
from django.conf import settings as configured  # noqa: TID251 - an app is added to them
from django.core.signals import setting_changed
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.query import RawQuery
from django.test.utils import override_settings

from praxis import embedded
from praxis.cache.install import install
from tests.integration.another_database import using
from tests.integration.cache.points import Points
from tests.integration.cache.sabotage import sabotage
from tests.integration.cache.shelves import fill_shelves

APP = "tests.integration.cache.library"
#: What is patched by `install`, as it is without.
PATCHED = [(SQLCompiler, "execute_sql"), (RawQuery, "_execute_query"), (RawQuery, "clone")] + [
    (BaseDatabaseWrapper, name) for name in ("_commit", "_rollback", "_close", "set_autocommit")
]
_OURS = "relkind = 'r' AND relnamespace = 'public'::regnamespace"
#: The name of an entry: the database, the era, and what it is.
ENTRY = re.compile(rb"praxis:\{[^}]*\}:[0-9a-f]{16}:e")
NOT_CACHED = {"library.visit": {"automatic": False}}
CACHED = {"library.*": {}, "contenttypes.*": {}}


def pytest_generate_tests(metafunc):
    if "vendor" in metafunc.fixturenames and not metafunc.definition.get_closest_marker("only"):
        metafunc.parametrize("vendor", ["postgresql", "sqlite"], indirect=True)
    for mark in metafunc.definition.iter_markers("only"):
        metafunc.parametrize("vendor", [mark.args[0]], indirect=True)


@dataclass
class Servers:
    redis: embedded.RedisServer
    postgres: embedded.PostgresServer
    folder: Path
    databases: dict[str, dict[str, object]] = field(default_factory=dict)
    url: str = ""

    def settings(self, vendor):
        """An entry of ``DATABASES``; with tables from the first time on."""
        if vendor not in self.databases:
            if vendor == "postgresql":
                made = self.postgres.database("library")
                self.url, self.databases[vendor] = made.url, made.django_settings()
            else:
                name = str(self.folder / "library.sqlite3")
                self.databases[vendor] = {
                    "ENGINE": "django.db.backends.sqlite3",
                    "NAME": name,
                    "OPTIONS": {"timeout": 30},
                }
            with using(self.databases[vendor]) as connection:
                make_tables(connection)
        return self.databases[vendor]

    def empty(self, vendor):
        """Delete all rows, unknown to Django."""
        if vendor == "postgresql":
            with psycopg.connect(self.url, autocommit=True) as raw:
                rows = raw.execute("SELECT oid::regclass::text FROM pg_class WHERE " + _OURS)
                names = ", ".join(name for (name,) in rows)
                raw.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
            return
        with sqlite3.connect(self.databases[vendor]["NAME"]) as raw:
            raw.execute("PRAGMA foreign_keys = off")
            names = [
                name
                for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            for name in names:
                raw.execute(f'DELETE FROM "{name}"')
        raw.close()


@pytest.fixture(scope="session")
def servers(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.delenv("PRAXIS_REDIS_URL", raising=False)
        patch.delenv("PRAXIS_POSTGRES_URL", raising=False)
        redis = stack.enter_context(embedded.redis())
        postgres = stack.enter_context(
            embedded.postgres(settings={"max_prepared_transactions": "2"})
        )
        yield Servers(redis, postgres, tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="module")
def hooked(servers, django_db_blocker):
    """Django with the cache and the library in it; and without them afterwards."""
    untouched = [(owner, name, getattr(owner, name)) for owner, name in PATCHED]
    praxis = {
        "cache": {"models": NOT_CACHED | CACHED, "wait_s": 0},  # see test_stampede
        # a busy machine is no hung server, and one that is back is to be seen at once
        "redis": {"url": servers.redis.url, "timeout_s": 10.0, "probe_s": 0.001},
    }
    apps = [*configured.INSTALLED_APPS, "praxis.cache.changes", APP]
    with (
        django_db_blocker.unblock(),
        override_settings(INSTALLED_APPS=apps, PRAXIS=praxis),
    ):
        install()
        if broken := os.environ.get("PRAXIS_CACHE_BREAK"):
            sabotage(broken)
        yield
        for owner, name, original in untouched:
            setattr(owner, name, original)
        connection_created.disconnect(dispatch_uid="praxis.cache.writes")
        connections[DEFAULT_DB_ALIAS].__dict__.pop("_praxis_cache", None)


def make_tables(connection):
    """Of all models."""
    from django.apps import apps

    with connection.schema_editor() as editor:
        for model in apps.get_models():
            editor.create_model(model)


@pytest.fixture
def vendor(request):
    return request.param


@pytest.fixture
def database(hooked, servers, vendor):
    """Options of the database can be changed by ``using(database | …)``."""
    if not servers.redis.is_alive:
        servers.redis.restart()
    settings = servers.settings(vendor)
    servers.empty(vendor)
    servers.redis.flush()
    # another life of the settings, so that links to Redis and stores are new
    setting_changed.send(None, setting="PRAXIS", value=configured.PRAXIS, enter=True)
    return settings


@pytest.fixture
def connection(database):
    with using(database) as connection:
        yield connection


@pytest.fixture
def library(connection):
    """The models, with a few rows."""
    models = import_module(f"{APP}.models")
    fill_shelves(models)
    return models


@pytest.fixture
def points(monkeypatch):
    return Points(monkeypatch)


@pytest.fixture
def redis_client(servers):
    with servers.redis.client(decode_responses=False) as client:
        yield client


@pytest.fixture
def entries(redis_client):
    """Asks for the keys of all entries."""
    return lambda: [key for key in redis_client.keys("praxis:*") if ENTRY.match(key)]
