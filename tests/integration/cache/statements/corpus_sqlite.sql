-- Statements that SQLite runs on the tables of test_sqlite.py. One each paragraph; all are
-- recognised.

SELECT 1

SELECT * FROM a

SELECT * FROM A

SELECT * FROM main.a

SELECT * FROM "a" AS "x"

SELECT * FROM [a], `b`, 'c'

SELECT * FROM "Mixed Case"

SELECT * FROM [Mixed Case]

SELECT * FROM other.a

SELECT * FROM temp.t

SELECT * FROM a x, b y, c

SELECT * FROM a left JOIN b ON a.id = b.id, c

SELECT * FROM a NATURAL JOIN b

SELECT * FROM a JOIN b USING (id) JOIN c ON true

SELECT * FROM a offset, b

SELECT * FROM a window, b

SELECT * FROM a JOIN (SELECT id AS offset FROM b) x ON offset = 1, c

SELECT * FROM (a JOIN b ON a.id = b.id) JOIN c ON 1

SELECT * FROM (a), (b)

SELECT * FROM (SELECT * FROM a) JOIN (SELECT * FROM b)

SELECT count(*) FROM a

SELECT rowid FROM a INDEXED BY a_n WHERE n = 1

SELECT * FROM a NOT INDEXED, b

SELECT * FROM a AS x INDEXED BY a_n, b WHERE x.n = 1

SELECT id FROM a WHERE id IN (SELECT id FROM b)

SELECT id FROM a WHERE n IN one

SELECT id FROM a WHERE n NOT IN main.one AND id IN (1, 2)

SELECT id FROM a WHERE n IN "one" OR n IN 'one'

SELECT id FROM a WHERE n IN ()

SELECT * FROM json_each('[1, 2]') AS j JOIN a ON a.id = j.value

SELECT * FROM a, json_each(a.t) LIMIT 0

SELECT * FROM pragma_table_info('a'), b

SELECT (SELECT max(id) FROM b), EXISTS (SELECT 1 FROM c) FROM a

SELECT CASE WHEN n > 1 THEN (SELECT count(*) FROM b) END FROM a

SELECT count(*) FILTER (WHERE n > 1), sum(n) OVER (PARTITION BY id) FROM a

SELECT rank() OVER w FROM a WINDOW w AS (ORDER BY n)

SELECT id FROM a UNION SELECT id FROM b EXCEPT SELECT id FROM c INTERSECT SELECT id FROM d

VALUES (1), ((SELECT max(id) FROM a))

SELECT id FROM a WHERE n IS NOT DISTINCT FROM 1

SELECT "no such column" FROM a

SELECT t GLOB 'x*', t LIKE 'x\%' ESCAPE '\', t || 'y', t ->> '$' FROM a LIMIT 0

SELECT '; DELETE FROM b' FROM a -- ; DELETE FROM c

SELECT 1 /* /* ; DELETE FROM b */ FROM a

SELECT CAST(t AS varchar(10)), strftime('%Y', 'now'), date('now'), random() FROM a

SELECT x'1F', 1.5e3, .5, 0x1F FROM a

WITH x AS (SELECT * FROM a) SELECT * FROM x, b

WITH x (p, q, r) AS MATERIALIZED (SELECT * FROM a), y AS NOT MATERIALIZED (SELECT p FROM x) SELECT * FROM y

WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r JOIN a ON 1 WHERE i < 3) SELECT * FROM r

WITH a AS (SELECT * FROM main.a) SELECT * FROM a

SELECT * FROM (WITH b AS (SELECT * FROM a) SELECT * FROM b) x, b

SELECT * FROM view_of_a

SELECT * FROM sqlite_master

INSERT INTO a (n) VALUES (1)

INSERT INTO a DEFAULT VALUES

INSERT INTO main.a AS x (n, t) SELECT n, t FROM b WHERE 1 ON CONFLICT (id) DO UPDATE SET n = excluded.n, t = (SELECT max(t) FROM c) RETURNING id

INSERT OR REPLACE INTO a (id, n) VALUES (1, 2)

INSERT OR IGNORE INTO a (n) WITH x AS (SELECT n FROM b) SELECT n FROM x

REPLACE INTO a (id, n) SELECT id, n FROM b

REPLACE INTO 'a' (n) VALUES ((SELECT max(n) FROM b)), (replace('a', 'b', 'c'))

WITH x AS (SELECT * FROM b) INSERT INTO a (n) SELECT n FROM x

UPDATE a SET n = 1

UPDATE OR IGNORE main."a" AS x SET n = x.n + 1, (t) = (SELECT t FROM b) WHERE id IN one

UPDATE a INDEXED BY a_n SET t = 'x' WHERE n = 1

UPDATE a SET n = b.n FROM b, c JOIN d ON c.id = d.id WHERE a.id = b.id RETURNING *

WITH x AS (SELECT * FROM b) UPDATE a SET n = x.n FROM x WHERE x.id = a.id

UPDATE other.a SET n = (SELECT max(n) FROM main.a)

DELETE FROM a

DELETE FROM a AS x WHERE EXISTS (SELECT 1 FROM b WHERE b.id = x.id) RETURNING id

DELETE FROM 'a' WHERE id IN one

DELETE FROM other.a NOT INDEXED WHERE id = 1

WITH x AS (SELECT id FROM b) DELETE FROM a WHERE id IN x

WITH x AS (SELECT id FROM b) DELETE FROM a WHERE id IN (SELECT id FROM x)

CREATE TABLE fresh AS SELECT * FROM a

CREATE TEMP TABLE fresh AS WITH x AS (SELECT * FROM a) SELECT * FROM x JOIN b

CREATE TABLE IF NOT EXISTS "fresh" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "n" varchar(10) NULL CHECK ("n" IN ('x', 'y')), "a_id" bigint NOT NULL REFERENCES "a" ("id") DEFERRABLE INITIALLY DEFERRED)

CREATE VIRTUAL TABLE fresh USING fts5(t)

CREATE TRIGGER fresh AFTER INSERT ON a BEGIN DELETE FROM b; UPDATE c SET n = 1; END

CREATE TEMP TRIGGER fresh AFTER INSERT ON a BEGIN DELETE FROM b; END;

CREATE VIEW fresh AS SELECT * FROM a

CREATE UNIQUE INDEX IF NOT EXISTS "fresh" ON "a" ("id") WHERE n > 1

ALTER TABLE a RENAME TO fresh

ALTER TABLE "a" RENAME COLUMN "n" TO "fresh"

ALTER TABLE "a" ADD COLUMN "fresh" integer DEFAULT 5

ALTER TABLE d DROP COLUMN t

DROP TABLE a

DROP TABLE IF EXISTS absent

DROP INDEX a_n

DROP VIEW view_of_a

ANALYZE

REINDEX a

PRAGMA foreign_keys = ON

PRAGMA foreign_keys

PRAGMA main.table_info("a")

PRAGMA foreign_key_check

EXPLAIN DELETE FROM a

EXPLAIN QUERY PLAN SELECT * FROM a JOIN b

SAVEPOINT "x"

INSERT INTO watched (n) VALUES (1)
