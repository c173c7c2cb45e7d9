"""The databases of the tests, and the tables of the warehouse in them."""

from importlib import import_module

import pytest
from django.conf import settings as configured  # noqa: TID251 - an app is added to them
from django.test.utils import override_settings

from praxis import embedded
from tests.integration.another_database import using

APP = "tests.integration.warehouse"


@pytest.fixture(scope="session")
def postgres_server():
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PRAXIS_POSTGRES_URL", raising=False)
        with embedded.postgres() as server:
            yield server


@pytest.fixture(scope="module")
def installed(django_db_blocker):
    """The app, for a module's tests."""
    with (
        django_db_blocker.unblock(),
        override_settings(INSTALLED_APPS=[*configured.INSTALLED_APPS, APP]),
    ):
        yield import_module(f"{APP}.models")


@pytest.fixture(scope="module")
def postgres_database(postgres_server, installed):
    """Settings of a database with the tables."""
    made = postgres_server.database()
    settings = made.django_settings()
    with using(settings) as connection:
        make_tables(connection, installed)
    yield settings
    postgres_server.drop_database(made.name)


@pytest.fixture(scope="module")
def sqlite_database(tmp_path_factory, installed):
    """Settings of a database with the tables."""
    name = tmp_path_factory.mktemp("warehouse") / "db.sqlite3"
    settings = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(name)}
    with using(settings) as connection:
        make_tables(connection, installed)
    return settings


@pytest.fixture
def postgres(postgres_database, installed):
    """A connection to PostgreSQL, with empty tables."""
    with using(postgres_database) as connection:
        empty(connection, installed)
        yield connection


@pytest.fixture
def sqlite(sqlite_database, installed):
    """A connection to SQLite, with empty tables."""
    with using(sqlite_database) as connection:
        empty(connection, installed)
        yield connection


@pytest.fixture(params=["postgres", "sqlite"])
def database(request):
    """One after the other."""
    return request.getfixturevalue(request.param)


def models_for(connection, models):
    found = [models.Supplier, models.Item, models.SpecialItem, models.Odd, models.Coded]
    return [*found, models.Tagged] if connection.vendor == "postgresql" else found


def make_tables(connection, models):
    with connection.schema_editor() as editor:
        for model in models_for(connection, models):
            editor.create_model(model)


def empty(connection, models):
    with connection.cursor() as cursor:
        for model in reversed(models_for(connection, models)):
            cursor.execute(f'DELETE FROM "{model._meta.db_table}"')
