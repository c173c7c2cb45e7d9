from importlib import import_module

import pytest
from django.db import connections
from django.test.utils import isolate_apps

from praxis import embedded


@pytest.fixture(scope="session")
def postgres():
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PRAXIS_POSTGRES_URL", raising=False)
        with embedded.postgres() as server:
            yield server.database("committed").django_settings()


@pytest.fixture(scope="session")
def models():
    with isolate_apps("tests.integration.committed"):  # they keep its registry
        return import_module("tests.integration.committed.players")


@pytest.fixture(params=["postgresql", "sqlite"])
def vendor(request):
    return request.param


@pytest.fixture
def using(request, vendor, models, tmp_path, django_db_blocker):
    """The alias of an empty database with tables of all models; it is the default one, too."""
    if vendor == "postgresql":
        own = request.getfixturevalue("postgres")
    else:
        name = str(tmp_path / "committed.sqlite3")
        own = {"ENGINE": "django.db.backends.sqlite3", "NAME": name}
    known, plain = connections.settings, connections["default"]
    connections.settings = connections.configure_settings({"default": own, "other": own})
    del connections["default"]
    with django_db_blocker.unblock():
        with connections["default"].schema_editor() as editor:
            for model in models.MODELS:
                editor.create_model(model)
        yield "default"
        if vendor == "postgresql":
            with connections["default"].cursor() as cursor:
                cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        for alias in ("default", "other"):
            connections[alias].close()
    del connections["other"]
    connections.settings = known
    connections["default"] = plain


@pytest.fixture
def told(using):
    """Watches a model, and collects what is told: a list of calls, each of (kind, key) pairs."""
    from praxis.committed import watch

    stops = []

    def watching(model, **options):
        calls = []
        stops.append(
            watch(model, lambda changes: calls.append([(c.kind, c.pk) for c in changes]), **options)
        )
        return calls

    yield watching
    for stop in stops:
        stop()
