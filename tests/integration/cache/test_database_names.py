"""One database has one name, and no other has it, however it is reached."""

import pytest
from django.db import ProgrammingError
from django.db.backends.postgresql.base import DatabaseWrapper as Postgres
from django.db.backends.sqlite3.base import DatabaseWrapper as Sqlite

from praxis.cache.hooks import database_names
from praxis.cache.hooks.connections import cached, forget, known
from praxis.cache.hooks.database_names import database_name


def name_of(kind, entry, alias="default"):
    full = {"CONN_HEALTH_CHECKS": False, "CONN_MAX_AGE": 0, "AUTOCOMMIT": True, "TIME_ZONE": None}
    connection = kind({"OPTIONS": {}, "TEST": {}, **full, **entry}, alias)
    try:
        return database_name(connection)
    finally:
        connection.close()


@pytest.mark.only("postgresql")
def test_postgresql_says_which_database_it_is(database, servers):
    name = name_of(Postgres, database)
    # by another name of the host, as through a pooler, and under another alias
    assert name_of(Postgres, database | {"HOST": "localhost"}, "other") == name
    other = servers.postgres.database("named_otherwise").django_settings()
    assert name_of(Postgres, other) != name


@pytest.mark.only("sqlite")
def test_a_file_goes_by_its_path(database, tmp_path, monkeypatch):
    name = name_of(Sqlite, database)
    assert name_of(Sqlite, database, "other") == name
    assert name_of(Sqlite, database | {"NAME": str(tmp_path / "other.sqlite3")}) != name
    monkeypatch.chdir(tmp_path)
    absolute = name_of(Sqlite, {"NAME": str(tmp_path / "other.sqlite3")})
    assert name_of(Sqlite, {"NAME": "other.sqlite3"}) == absolute


@pytest.mark.only("postgresql")
def test_one_that_does_not_answer_is_asked_again(connection, library, monkeypatch):
    """It fails as any query does; and what is written afterwards is told all the same."""
    forget(connection)
    monkeypatch.setattr(database_names, "_known", {})
    with monkeypatch.context() as patch:
        patch.setattr(database_names, "_MAY_ASK", "SELECT nothing")
        with pytest.raises(ProgrammingError):
            library.Book.objects.get(title="A")
    assert known(connection) is None
    assert cached(connection) is not None
