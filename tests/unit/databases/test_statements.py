import pytest

from praxis.databases.statements import may_write


@pytest.mark.parametrize(
    "sql",
    [
        'SELECT "shop_order"."id" FROM "shop_order" WHERE "shop_order"."id" IN (1, 2) LIMIT 21',
        'SELECT COUNT(*) AS "__count" FROM (SELECT DISTINCT a FROM t) subquery',
        "SELECT 1 FROM t WHERE name = 'a; DELETE FROM t'",
        'SELECT "insert" FROM t',
        "(SELECT a FROM t) UNION (SELECT b FROM u)",
        "SELECT COALESCE(SUM(price * quantity), %s) FROM t FOR UPDATE OF t",
        "SELECT id FROM t FOR NO KEY UPDATE",
        "WITH RECURSIVE tree AS (SELECT id FROM t) SELECT * FROM tree",
        "SELECT /* nextval('x') */ 1;",
        "-- INSERT\nSELECT 1",
        "SHOW server_version",
        "SAVEPOINT s1",
        "EXPLAIN SELECT my_function()",
        'DECLARE "c" NO SCROLL CURSOR WITH HOLD FOR SELECT id FROM t',
    ],
)
def test_what_only_reads(sql):
    assert not may_write(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO t VALUES (1)",
        "update t set a = 1",
        "WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone",
        "SELECT * INTO u FROM t",
        "SELECT nextval('s')",
        "SELECT shop.book_seat (%s)",
        "SELECT setval(pg_get_serial_sequence('\"t\"','id'), 1)",
        "SELECT 1; DELETE FROM t",
        "SELECT E'\\''; DELETE FROM t WHERE a = ''",
        "CREATE TABLE t (id int)",
        "TRUNCATE t",
        "COPY t FROM STDIN",
        "CALL p()",
        "DO $$ BEGIN DELETE FROM t; END $$",
        "EXPLAIN ANALYZE DELETE FROM t",
        "EXECUTE plan(1)",
        "DECLARE \"c\" CURSOR FOR SELECT nextval('s')",
        "",
    ],
)
def test_what_may_write(sql):
    assert may_write(sql)
