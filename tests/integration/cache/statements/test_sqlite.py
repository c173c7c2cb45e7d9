"""SQLite itself says which tables a statement touches: it asks its authorizer before each."""

import sqlite3
from pathlib import Path

import pytest

from praxis.cache.statements import Action, Kind, Table, analyse

CORPUS = Path(__file__).with_name("corpus_sqlite.sql").read_text().strip().split("\n\n")[1:]
UNKNOWN = [
    "SELECT surprise()",
    "SELECT main.surprise(1) FROM a",
    "SELECT 1 FROM a ORDER BY surprise()",
    "SELECT load_extension('x')",
    "PRAGMA writable_schema = ON",
    "PRAGMA optimize",
    "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END; COMMIT",
    "SELECT 1 /* open",
    "SELECT * FROM a WHERE (; DELETE FROM b)",
]
WRITES = {sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE}
SCHEMA = """
    ATTACH ':memory:' AS other;
    CREATE TABLE a (id integer PRIMARY KEY, n int, t text); CREATE INDEX a_n ON a (n);
    CREATE TABLE b (id integer PRIMARY KEY, n int, t text);
    CREATE TABLE c (id integer PRIMARY KEY, n int, t text);
    CREATE TABLE d (id integer PRIMARY KEY, n int, t text);
    CREATE TABLE one (n int); CREATE TABLE "Mixed Case" (n int); CREATE TABLE log (n int);
    CREATE TABLE other.a (id integer PRIMARY KEY, n int); CREATE TEMP TABLE t (n int);
    CREATE TABLE watched (n int);
    CREATE TRIGGER watch AFTER INSERT ON watched BEGIN INSERT INTO log VALUES (new.n); END;
    CREATE VIEW view_of_a AS SELECT * FROM a;
    INSERT INTO a (n, t) VALUES (1, 'x'), (2, 'y');
    INSERT INTO b (n, t) VALUES (1, 'x'), (2, 'y');
"""


@pytest.fixture
def database():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(SCHEMA)
    yield connection
    connection.close()


def run(connection, sql):
    """The tables that SQLite asks about, but for views and what triggers do."""
    reads, writes = set(), set()

    def authorize(action, first, _second, schema, inner):
        plain = first and not first.startswith(("sqlite_", "json_", "pragma_", "fresh"))
        if plain and inner is None:
            table = Table("other" if schema == "other" else "", first.lower())
            if action == sqlite3.SQLITE_READ:
                reads.add(table)
            elif action in WRITES:
                writes.add(table)
        return sqlite3.SQLITE_OK

    connection.set_authorizer(authorize)
    try:
        connection.execute(sql).fetchall()
    finally:
        connection.set_authorizer(None)
    return reads, writes


def local(tables):
    return {Table("" if schema in ("main", "temp") else schema, name) for schema, name in tables}


@pytest.mark.parametrize("sql", CORPUS)
def test_names_every_table_that_sqlite_touches(database, sql):
    found = analyse(sql, "sqlite")
    reads, writes = run(database, sql)
    assert found.kind is not Kind.UNKNOWN
    if sql.startswith("EXPLAIN"):  # the authorizer is asked, but nothing is done
        assert found.kind is Kind.READ
    elif found.writes is not None:
        assert writes <= local(found.writes)
        named = {table.name for table in found.reads | found.writes}
        # The columns of a subquery are asked for by its alias.
        aliases = {"x", "r", "y", "w", "j"} - named
        assert {table for table in reads if table.name not in aliases} <= local(
            found.reads | found.writes
        )


@pytest.mark.parametrize("sql", UNKNOWN)
def test_leaves_unknown_what_may_write_anything(sql):
    found = analyse(sql, "sqlite")
    assert found.kind is Kind.UNKNOWN
    assert found.writes is None


def test_the_authorizer_tells_what_the_statements_do(database):
    reads, writes = run(database, "INSERT INTO a (n) SELECT n FROM b")
    assert (reads, writes) == ({Table("", "b")}, {Table("", "a")})
    assert run(database, "DELETE FROM other.a")[1] == {Table("other", "a")}


def test_sees_no_trigger(database):
    # The documented limit: the caller has to know of triggers.
    assert analyse("INSERT INTO watched (n) VALUES (1)", "sqlite").writes == {Table("", "watched")}
    run(database, "INSERT INTO watched (n) VALUES (1)")
    assert database.execute("SELECT count(*) FROM log").fetchone() == (1,)


def test_sees_a_commit_among_other_statements():
    found = analyse("DELETE FROM a; COMMIT; BEGIN IMMEDIATE", "sqlite")
    assert [control.action for control in found.control] == [Action.COMMIT, Action.BEGIN]
    assert found.writes == {Table("", "a")}
