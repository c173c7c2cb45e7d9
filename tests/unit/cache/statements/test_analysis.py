"""What is said of single statements, exactly; the databases are asked in the integration tests."""

import random

import pytest

from praxis.cache.statements import Action, Control, Kind, Table, analyse, table_named
from praxis.cache.statements.analysis import _analyse
from praxis.cache.statements.memory import MAX_REMEMBERED_CHARS
from praxis.cache.statements.queries import MAX_DEPTH


def names(tables):
    return {".".join(filter(None, table)) for table in tables}


@pytest.mark.parametrize(
    ("sql", "reads", "writes"),
    [
        ("WITH a AS (SELECT * FROM a) SELECT * FROM a, b", "a b", ""),
        ("WITH RECURSIVE a AS (SELECT 1 UNION SELECT * FROM a) SELECT * FROM a", "", ""),
        ("WITH a AS (SELECT 1) SELECT * FROM public.a", "public.a", ""),
        ("SELECT * FROM (WITH x AS (SELECT 1) SELECT * FROM x) y, x", "x", ""),
        ("WITH x AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM x", "a b", "a b"),
        ("WITH t AS (SELECT 1) INSERT INTO t SELECT * FROM t", "t", "t"),
        ("UPDATE a SET n = 1 FROM b JOIN c ON true, d WHERE true", "a b c d", "a"),
        ("UPDATE ONLY (a) SET n = 1", "a", "a"),
        ("DELETE FROM a USING b JOIN c USING (id), d", "a b c d", "a"),
        ("MERGE INTO a USING b ON true WHEN MATCHED THEN UPDATE SET x = 1, y = 2", "a b", "a"),
        ('SELECT * FROM A, "A", s.T, "S".t, d.s.t', "a A s.t S.t", ""),
        ("SELECT extract(year FROM x), a IS DISTINCT FROM b FROM t", "t", ""),
        ("SELECT * FROM a JOIN b ON a.x = ANY(ARRAY[1, 2]), c", "a b c", ""),
        ("COPY a (x, y) FROM STDIN", "", "a"),
        ("COPY (SELECT * FROM a) TO STDOUT", "a", ""),
        ("TRUNCATE a, ONLY b RESTART IDENTITY", "", "a b"),
        ("SELECT * INTO TEMP b FROM a", "a", "b"),
        ("EXPLAIN DELETE FROM a", "a", ""),
        ("EXPLAIN (ANALYZE false) DELETE FROM a", "a", "a"),
        ("SELECT 1; DELETE FROM a; SELECT * FROM b", "a b", "a"),
        ("SELECT 1.FROM a", "a", ""),  # before PostgreSQL 15
        ("SELECT .5FROM a", "a", ""),
        ("SELECT 1FROM a", "a", ""),
        ("SELECT 1 -- x\rFROM a", "a", ""),
        ("SELECT $1.x, %s, %(name)s, a %% 2 FROM a", "a", ""),
        ("SELECT \xa0x FROM a", "a", ""),  # a letter to PostgreSQL
        (
            "INSERT INTO a VALUES (%s, %s), (%s, %s), (%s::int[], %s) ON CONFLICT DO NOTHING",
            "a",
            "a",
        ),
    ],
)
def test_names_tables_of_postgresql(sql, reads, writes):
    found = analyse(sql, "postgresql")
    assert found.kind is not Kind.UNKNOWN
    assert names(found.reads) == set(reads.split())
    assert names(found.writes) == set(writes.split())


@pytest.mark.parametrize(
    ("sql", "reads", "writes"),
    [
        ("SELECT * FROM `a b`, `C`.d, 2020_t -- x\n", "a b|c.d|2020_t", ""),
        ("SELECT 1 # FROM b\nFROM a", "a", ""),
        ("SELECT 1 --1\nFROM a", "a", ""),
        ('SELECT "x", \'it\\\\\' FROM a', "a", ""),
        ("SELECT * FROM a USE INDEX (i), b FORCE INDEX FOR JOIN (j), c PARTITION (p)", "a|b|c", ""),
        ("SELECT NOW() FROM DUAL", "", ""),
        ("SELECT * FROM a LOCK IN SHARE MODE", "a", ""),
        ("UPDATE a JOIN b ON a.x = b.x, c SET a.y = 1, b.y = 2 WHERE 1", "a|b|c", "a|b|c"),
        ("UPDATE (a JOIN b ON 1), (SELECT 1 FROM c) d SET a.n = 1", "a|b|c", "a|b"),
        ("UPDATE LOW_PRIORITY IGNORE a SET x = (SELECT 1 FROM b)", "a|b", "a"),
        ("DELETE a, c FROM a JOIN b USING (id) JOIN c ON 1 WHERE 1", "a|b|c", "a|b|c"),
        ("DELETE QUICK FROM a.*, b USING a JOIN c JOIN b", "a|b|c", "a|b|c"),
        ("INSERT IGNORE a SET x = 1 ON DUPLICATE KEY UPDATE x = VALUES(x), y = 2", "a", "a"),
        ("INSERT INTO a (x) SELECT y FROM b ON DUPLICATE KEY UPDATE x = 1, y = 2", "a|b", "a"),
        ("REPLACE a VALUES (REPLACE('a', 'b', 'c'))", "a", "a"),
        ("SELECT a.* FROM a STRAIGHT_JOIN b ON a.x = b.x", "a|b", ""),
        ("WITH x AS (SELECT * FROM a) DELETE FROM b WHERE id IN (SELECT id FROM x)", "a|b", "b"),
        ("SELECT IF(x, 1, 2), CONVERT(x USING utf8), x DIV 2 FROM a", "a", ""),
        ("SELECT * FROM a WHERE MATCH (t) AGAINST (%s IN BOOLEAN MODE)", "a", ""),
        ("SELECT MATCH (t) AGAINST (%s WITH QUERY EXPANSION) FROM a", "a", ""),
        ("TRUNCATE TABLE a", "", "a"),
        ("CREATE TABLE a (b int)", "", "a"),
    ],
)  # fmt: skip
def test_names_tables_of_mysql(sql, reads, writes):
    found = analyse(sql, "mysql")
    assert found.kind is not Kind.UNKNOWN
    assert names(found.reads) == {name for name in reads.split("|") if name}
    assert names(found.writes) == {name for name in writes.split("|") if name}


@pytest.mark.parametrize(
    ("sql", "vendor"),
    [
        ("SELECT 1 /*! INTO OUTFILE 'x' */ FROM a", "mysql"),
        ("SELECT '\\'; DELETE FROM a -- '", "mysql"),  # another text under NO_BACKSLASH_ESCAPES
        ("SELECT @x := f FROM a", "mysql"),
        ("SELECT 1 INTO @x FROM a", "mysql"),
        ("SELECT .5FROM a", "mysql"),
        ("SELECT * FROM a FOR SYSTEM_TIME ALL, b", "mysql"),
        ("CREATE PROCEDURE p() BEGIN DELETE FROM a; COMMIT; END", "mysql"),
        ("SET GLOBAL x = 1", "mysql"),
        ("SET @a = f()", "mysql"),
        ('SELECT U&"a" FROM b', "postgresql"),
        ("SELECT * FROM %s", "postgresql"),
        ('SELECT * FROM "a%%b"', "postgresql"),
        ("SELECT %(a'b)s FROM a", "postgresql"),
        ("SELECT E'a' '\\' FROM a", "postgresql"),
        ("SELECT OPERATOR(public.+) FROM a", "postgresql"),
        ("COPY a TO PROGRAM 'x'", "postgresql"),
        ("SELECT * FROM a b c", "postgresql"),
        ("SELECT (1", "postgresql"),
        ("SELECT 1)", "postgresql"),
        ("SELECT 'open", "postgresql"),
        ("SELECT $x$ open", "postgresql"),
        ("SELECT a\0b", "sqlite"),
        ("FLY TO a", "sqlite"),
        ("SELECT 1", "oracle"),
        ("SELECT 1", "nothing"),
        ("SELECT " + "(" * MAX_DEPTH + ")" * MAX_DEPTH, "postgresql"),
    ],
)
def test_admits_what_it_does_not_know(sql, vendor):
    found = analyse(sql, vendor)
    assert found.kind is Kind.UNKNOWN
    assert found.writes is None
    assert found.volatile


@pytest.mark.parametrize(
    ("sql", "control"),
    [
        ("BEGIN", Control(Action.BEGIN)),
        ("START TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
         Control(Action.BEGIN, value="repeatable read")),
        ("COMMIT AND CHAIN", Control(Action.COMMIT, chain=True)),
        ("END", Control(Action.COMMIT)),
        ("ABORT WORK", Control(Action.ROLLBACK)),
        ('SAVEPOINT "S1"', Control(Action.SAVEPOINT, "S1")),
        ("SAVEPOINT S1", Control(Action.SAVEPOINT, "s1")),
        ("RELEASE SAVEPOINT x", Control(Action.RELEASE, "x")),
        ("ROLLBACK TRANSACTION TO SAVEPOINT x", Control(Action.ROLLBACK_TO, "x")),
        ("ROLLBACK TO savepoint", Control(Action.ROLLBACK_TO, "savepoint")),
        ("PREPARE TRANSACTION 'x'", Control(Action.PREPARE_TRANSACTION, "x")),
        ("ROLLBACK PREPARED 'x'", Control(Action.ROLLBACK_PREPARED, "x")),
        ("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
         Control(Action.ISOLATION, "transaction", "serializable")),
        ("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED",
         Control(Action.ISOLATION, "session", "read committed")),
        ("SET TRANSACTION SNAPSHOT 'x'", Control(Action.ISOLATION, "snapshot", "x")),
        ("SET default_transaction_isolation = 'serializable'",
         Control(Action.SET, "default_transaction_isolation", "serializable")),
        ("SET LOCAL search_path TO a, public",
         Control(Action.SET, "search_path", "a, public", local=True)),
        ("SET SEARCH_PATH = %s", Control(Action.SET, "search_path")),
        ("SET SCHEMA 'x'", Control(Action.SET, "search_path", "x")),
        ("SELECT set_config('Search_Path', 'x', false)", Control(Action.SET, "search_path", "x")),
        ("SET SESSION AUTHORIZATION x", Control(Action.SET, "session_authorization", "x")),
        ("SET TIME ZONE 'UTC'", Control(Action.SET, "timezone", "UTC")),
        ("SET ROLE x", Control(Action.SET, "role", "x")),
        ("RESET ALL", Control(Action.RESET, "all")),
        ("RESET ROLE", Control(Action.RESET, "role")),
        ("DISCARD ALL", Control(Action.DISCARD, "all")),
        ("SET CONSTRAINTS ALL DEFERRED", Control(Action.CONSTRAINTS)),
    ],
)  # fmt: skip
def test_reports_what_becomes_of_transaction_and_session(sql, control):
    found = analyse(sql, "postgresql")
    assert found.kind in (Kind.TRANSACTION, Kind.SESSION)
    assert found.control == (control,)
    assert found.writes == frozenset()


def test_lets_a_prepared_transaction_of_others_write_anything():
    assert analyse("COMMIT PREPARED 'x'", "postgresql").writes is None


def test_reports_a_commit_between_other_statements():
    found = analyse("DELETE FROM a; COMMIT; SELECT f()", "postgresql")
    assert found.control == (Control(Action.COMMIT),)
    assert (found.kind, found.writes, found.functions) == (Kind.UNKNOWN, None, {"f"})


def test_reports_that_mysql_commits_by_itself():
    assert analyse("TRUNCATE a", "mysql").control == (Control(Action.IMPLICIT_COMMIT),)
    found = analyse("SET autocommit = 1, @x = (1)", "mysql")
    assert found.kind is Kind.SESSION or found.kind is Kind.TRANSACTION
    assert Control(Action.SET, "autocommit", "1") in found.control


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT random()", "SELECT NOW()", "SELECT CURRENT_TIMESTAMP", "SELECT clock_timestamp()",
        "SELECT nextval('x')", "SELECT gen_random_uuid()", "SELECT 'now'::timestamp",
        "SELECT * FROM a WHERE d < DATE 'today'", "SELECT pg_catalog.now()",
        "SELECT * FROM pg_class", "SELECT * FROM information_schema.tables", "SHOW search_path",
        "SELECT * FROM a TABLESAMPLE system (1)", "SELECT user", "SELECT age(d) FROM a",
    ],
)  # fmt: skip
def test_says_what_must_not_be_kept(sql):
    found = analyse(sql, "postgresql")
    assert found.kind is Kind.READ
    assert found.volatile


@pytest.mark.parametrize(
    "sql", ["SELECT time('now')", "SELECT strftime('%Y', %s)", "SELECT random()"]
)
def test_says_what_must_not_be_kept_of_sqlite(sql):
    assert analyse(sql, "sqlite").volatile


def test_keeps_an_ordinary_read():
    found = analyse('SELECT "a"."now" FROM "a" WHERE lower("a"."t") = %s', "postgresql")
    assert (found.kind, found.volatile, found.locks) == (Kind.READ, False, False)


@pytest.mark.parametrize(
    "sql",
    ["SELECT * FROM a FOR UPDATE", "SELECT * FROM (SELECT 1 FROM a FOR NO KEY UPDATE) x",
     "LOCK TABLE a IN SHARE MODE", "SELECT pg_advisory_lock(1)", "SELECT 1 FROM a FOR KEY SHARE"],
)  # fmt: skip
def test_sees_locks(sql):
    assert analyse(sql, "postgresql").locks


def test_takes_the_callers_word_for_a_function():
    sql = 'SELECT Mine(1), s."Yours"(2) FROM a'
    found = analyse(sql, "postgresql")
    assert found.functions == {"mine", "s.Yours"}
    known = analyse(sql, "postgresql", pure=found.functions)
    assert (known.kind, known.writes, known.functions) == (Kind.READ, frozenset(), frozenset())
    assert analyse(sql, "postgresql", pure=frozenset({"mine"})).functions == {"s.Yours"}


def test_knows_no_function_of_another_schema():
    assert analyse("SELECT pg_catalog.lower('x')", "postgresql").kind is Kind.READ
    assert analyse("SELECT public.lower('x')", "postgresql").functions == {"public.lower"}
    assert analyse('SELECT "LOWER"(1)', "postgresql").functions == {"LOWER"}


def test_cuts_long_names_as_postgresql_does():
    long = "é" * 40
    found = analyse(f'DELETE FROM "{long}"', "postgresql")
    assert found.writes == {table_named(long, "postgresql")} == {Table("", "é" * 31)}


def test_folds_the_names_of_models_as_those_in_statements():
    for vendor, written in (
        ("postgresql", '"MyApp_T"'),
        ("sqlite", '"MyApp_T"'),
        ("mysql", "`MyApp_T`"),
    ):
        found = analyse(f"DELETE FROM {written}", vendor)
        assert found.writes == {table_named("MyApp_T", vendor)}


def test_takes_bytes():
    assert analyse(b"DELETE FROM \xc3\xa9", "sqlite").writes == {Table("", "é")}
    assert analyse(b"DELETE FROM \xff", "sqlite").kind is Kind.WRITE


def test_takes_texts_that_no_encoding_can_write():
    name = "\ud800" * 40
    assert analyse(f'DELETE FROM "{name}"', "postgresql").kind is Kind.WRITE


@pytest.mark.parametrize(
    "part", ["EXPLAIN ", "(", "SELECT (", "WITH a AS (", "CASE ", "[", "SET a = ("]
)
def test_survives_endless_nesting(part):
    for vendor in ("postgresql", "sqlite", "mysql"):
        assert analyse(part * 20_000, vendor).kind is Kind.UNKNOWN


def test_nothing_is_no_harm():
    for sql in ("", " ; ;", "-- x", "/* x */"):
        found = analyse(sql, "postgresql")
        assert (found.kind, found.writes) == (Kind.READ, frozenset())


def test_remembers_short_texts_that_may_come_again():
    _analyse.known.cache_clear()
    analyse("SELECT 1", "sqlite")
    assert analyse("SELECT 1", "sqlite") is analyse("SELECT 1", "sqlite")
    analyse("SELECT 1" + " " * MAX_REMEMBERED_CHARS, "sqlite")
    analyse('SAVEPOINT "s1_x1"', "sqlite")
    analyse('RELEASE SAVEPOINT "s1_x1"', "sqlite")
    assert _analyse.known.cache_info().currsize == 1


PIECES = """
    SELECT FROM WHERE WITH AS a b
    "c" `d` [e] ( ) [ ] , . ; * = 'x' E'\\'' $$ $t$ %s %(x)s %% ? :x @y
    INSERT INTO VALUES UPDATE SET DELETE USING MERGE ON JOIN LEFT UNION ALL CREATE TABLE DROP ALTER
    RENAME TO TRUNCATE COPY STDIN EXPLAIN ANALYZE DECLARE CURSOR FOR BEGIN COMMIT ROLLBACK SAVEPOINT
    RELEASE PREPARE TRANSACTION LOCK IN SHARE MODE MATERIALIZED VIEW REFRESH RECURSIVE ONLY LATERAL
    f( now() 1 1.5 .5 -- /* */ /*! # " ' ` :: := ON CONFLICT DO NOTHING RETURNING CASE WHEN THEN
    END DEFAULT PRAGMA foreign_keys SHOW LISTEN REPLACE DUPLICATE KEY é \0 { } ROWS DISTINCT IS
    INDEX TRIGGER CHAIN AND ISOLATION LEVEL SESSION LOCAL TIME ZONE SEARCH CYCLE TABLESAMPLE
"""


@pytest.mark.parametrize("vendor", ["postgresql", "sqlite", "mysql"])
def test_never_raises(vendor):
    choice = random.Random(5)
    pieces = [*PIECES.split(), "\xa0", " ", "\n"]
    for _ in range(4000):
        parts = choice.choices(pieces, k=choice.randrange(1, 40))
        sql = choice.choice([" ", ""]).join(parts)
        found = analyse(sql, vendor)
        assert (found.writes is None) >= (found.kind is Kind.UNKNOWN)


@pytest.mark.parametrize("vendor", ["postgresql", "sqlite", "mysql"])
def test_never_raises_for_a_part_of_a_statement(vendor):
    sql = (
        "WITH RECURSIVE x (a) AS (DELETE FROM t USING u WHERE t.a = E'\\'' RETURNING *) INSERT "
        'INTO "y".z (q) SELECT f(1), $x$ \' $x$ FROM x AS w (e) JOIN v USING (id), LATERAL g(2) '
        "ON CONFLICT (q) DO UPDATE SET q = excluded.q; EXPLAIN (ANALYZE) MERGE INTO t USING u ON "
        "true WHEN MATCHED THEN DELETE; SET LOCAL a TO 'b'; COPY t (a) FROM STDIN; DECLARE c "
        "CURSOR FOR TABLE t; CREATE TABLE a AS SELECT 1; ALTER TABLE a RENAME TO b; PRAGMA x(1)"
    )
    for start in range(len(sql)):
        analyse(sql[start:], vendor)
        analyse(sql[:start], vendor)
