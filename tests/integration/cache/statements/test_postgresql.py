"""PostgreSQL itself says what a statement touched: its counters, and the rows before and after."""

from pathlib import Path

import psycopg
import pytest

from praxis import embedded
from praxis.cache.statements import Kind, Table, analyse

pytestmark = pytest.mark.postgres

CORPUS = Path(__file__).with_name("corpus_postgresql.sql").read_text().split("\n\n")[1:]
# Nothing is known of these, and all of them may write.
UNKNOWN = [
    "SELECT write_log()",
    "SELECT public.write_log() FROM b",
    "SELECT 1 FROM a WHERE write_log() > 0",
    "SELECT * FROM write_log()",
    "SELECT * FROM a, LATERAL write_log() x",
    "INSERT INTO a (n) VALUES (write_log())",
    "UPDATE a SET n = b.n FROM b WHERE write_log() > 0",
    "SELECT * FROM a LIMIT write_log()",
    "SELECT ARRAY[write_log()]",
    "CALL write_log_by_call()",
    "DO $$ BEGIN DELETE FROM a; END $$",
    "EXECUTE deletion",
    "EXPLAIN ANALYZE EXECUTE deletion",
    "EXPLAIN (ANALYZE) SELECT write_log()",
    "CREATE TABLE fresh AS EXECUTE reading",
    "FETCH ALL FROM writing_cursor",
    "SELECT query_to_xml('DELETE FROM a RETURNING 1', true, true, '')",
    "SELECT ts_stat('SELECT to_tsvector(t) FROM a')",
    'SELECT U&"wr\\0069te_log"()',
    "COPY (SELECT write_log()) TO STDOUT",
    "DECLARE cur CURSOR FOR SELECT write_log()",
]
VIEWS = {Table("", "view_of_a"): {Table("", "a")}, Table("", "kept_b"): {Table("", "b")}}
SCHEMA = """
    CREATE SCHEMA other; CREATE SCHEMA other2;
    CREATE SEQUENCE numbers;
    CREATE TABLE a (id serial PRIMARY KEY, n int, t text);
    CREATE TABLE b (LIKE a INCLUDING ALL); CREATE INDEX b_n ON b (n);
    CREATE TABLE c (LIKE a INCLUDING ALL);
    CREATE TABLE d (LIKE a INCLUDING ALL);
    CREATE TABLE one (n int);
    CREATE TABLE log (n int);
    CREATE TABLE times (d timestamptz);
    CREATE TABLE other.a (id serial PRIMARY KEY, n int);
    CREATE TABLE "Mixed Case" (id serial PRIMARY KEY, n int);
    CREATE TABLE other."Quoted""Name" (id int);
    INSERT INTO a (n, t) SELECT i, 't' || i FROM generate_series(1, 3) i;
    INSERT INTO b (n, t) SELECT i + 10, 't' || i FROM generate_series(1, 3) i;
    INSERT INTO c (n, t) SELECT i + 20, 't' || i FROM generate_series(1, 3) i;
    INSERT INTO d (n, t) SELECT i + 30, 't' || i FROM generate_series(1, 3) i;
    INSERT INTO one VALUES (1); INSERT INTO times VALUES ('2020-01-01');
    INSERT INTO other.a (n) VALUES (1); INSERT INTO "Mixed Case" (n) VALUES (1);
    INSERT INTO other."Quoted""Name" VALUES (1);
    CREATE VIEW view_of_a AS SELECT * FROM a;
    CREATE MATERIALIZED VIEW kept_b AS SELECT * FROM b;
    INSERT INTO b (n, t) VALUES (14, 't4');
    CREATE FUNCTION write_log() RETURNS int LANGUAGE sql VOLATILE
        AS 'INSERT INTO log VALUES (1) RETURNING 1';
    CREATE PROCEDURE write_log_by_call() LANGUAGE sql AS 'INSERT INTO log VALUES (1)';
"""
PREPARE = """
    PREPARE deletion AS DELETE FROM a; PREPARE reading AS SELECT * FROM a;
    DECLARE writing_cursor CURSOR FOR SELECT write_log();
    SELECT setval('a_id_seq', 1000);  -- as no rollback does, whatever a statement left there
"""


@pytest.fixture(scope="module")
def connection():
    with embedded.postgres() as server:
        database = server.database("shop")
        database.sql(SCHEMA)
        with psycopg.connect(database.url, prepare_threshold=None) as connection:
            yield connection


def contents(connection):
    tables = connection.execute("""
        SELECT oid::regclass::text, relnamespace::regnamespace::text, relname,
            relkind = 'm' AND NOT relispopulated
        FROM pg_class WHERE relkind IN ('r', 'm') AND relnamespace::regnamespace::text NOT IN
            ('pg_catalog', 'information_schema', 'pg_toast')
    """).fetchall()
    rows = "SELECT coalesce(string_agg(x::text, ';' ORDER BY x::text), '') FROM {} x"
    return {
        table(schema, name): "" if empty else connection.execute(rows.format(path)).fetchone()[0]
        for path, schema, name, empty in tables
    }


def table(schema, name):
    return Table(
        "" if schema in ("public", "shop") or schema.startswith("pg_temp") else schema, name
    )


def counters(connection):
    rows = connection.execute("""
        SELECT schemaname, relname, coalesce(seq_scan, 0) + coalesce(idx_scan, 0),
            n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables
    """)
    return {table(schema, name): (scans, writes) for schema, name, scans, writes in rows}


def run(connection, sql):
    """The tables that *sql* read and wrote, as PostgreSQL counts."""
    connection.rollback()
    connection.execute("DEALLOCATE ALL")
    connection.execute(PREPARE)
    before, counted_before = contents(connection), counters(connection)
    with connection.cursor() as cursor:
        if sql.startswith("COPY"):
            with cursor.copy(sql) as copy:
                if "STDIN" in sql:
                    line = "5,5,x\n" if "csv" in sql else "5\tx\n"
                    copy.write(line)
                else:
                    list(copy)
        else:
            cursor.execute(sql)
    counted = counters(connection)
    connection.execute("SET LOCAL search_path TO public; SET LOCAL timezone TO DEFAULT")
    after = contents(connection)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    scans, writes = set(), set()
    for name, (scanned, written) in counted.items():
        scanned_before, written_before = counted_before.get(name, (0, 0))
        scans |= {name} if scanned > scanned_before else set()
        writes |= {name} if written > written_before else set()
    return scans, writes | changed


def local(tables):
    """*tables* without the schema that is found anyway, and with what is under views."""
    plain = {table(*name) for name in tables}
    return plain.union(*(VIEWS.get(name, ()) for name in plain))


@pytest.mark.parametrize("sql", CORPUS)
def test_names_every_table_that_postgresql_touches(connection, sql):
    found = analyse(sql, "postgresql")
    scans, writes = run(connection, sql)
    assert found.kind is not Kind.UNKNOWN
    if found.writes is not None:
        assert writes <= local(found.writes)
        if found.kind is not Kind.SCHEMA or found.reads:  # REINDEX reads tables for nobody
            assert scans <= local(found.reads | found.writes)


@pytest.mark.parametrize("sql", UNKNOWN)
def test_leaves_unknown_what_may_write_anything(sql):
    found = analyse(sql, "postgresql")
    assert found.kind is Kind.UNKNOWN
    assert found.writes is None


def test_the_counters_tell_what_the_statements_do(connection):
    # Were the oracle blind, every statement would pass.
    scans, writes = run(connection, "INSERT INTO a (n) SELECT n FROM b")
    assert (scans, writes) == ({Table("", "b")}, {Table("", "a")})
    assert run(connection, "TRUNCATE c")[1] == {Table("", "c")}
    assert run(connection, "SELECT write_log()")[1] == {Table("", "log")}


def test_the_corpus_is_large():
    assert len(CORPUS) >= 150
