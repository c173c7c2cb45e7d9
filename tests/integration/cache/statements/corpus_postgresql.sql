-- Statements that PostgreSQL 14 and newer runs on the tables of test_postgresql.py. One each
-- paragraph; all are recognised.

SELECT 1

SELECT * FROM a

select id from A where id = 1

SELECT "a"."id", "a"."n" FROM "a" WHERE "a"."n" = 1 ORDER BY "a"."id" DESC LIMIT 21

SELECT * FROM public.a

SELECT * FROM "public"."a" AS "x"

SELECT * FROM shop.public.a

SELECT * FROM other.a

SELECT * FROM "Mixed Case"

SELECT * FROM other."Quoted""Name"

SELECT id FROM ONLY a

SELECT id FROM ONLY (a)

SELECT id FROM a *

TABLE a

TABLE ONLY a

VALUES (1), (2)

VALUES ((SELECT max(id) FROM a))

SELECT * FROM a, b

SELECT * FROM a x, b AS y, c "z"

SELECT * FROM a CROSS JOIN b

SELECT * FROM a NATURAL JOIN b

SELECT * FROM a NATURAL LEFT OUTER JOIN b

SELECT * FROM a JOIN b USING (id)

SELECT * FROM a JOIN b USING (id) AS j WHERE j.id = 1

SELECT * FROM a LEFT JOIN b ON a.id = b.id, c

SELECT * FROM a INNER JOIN (b FULL JOIN c ON b.id = c.id) ON a.id = b.id

SELECT * FROM ((a JOIN b ON true) JOIN c ON true)

SELECT * FROM (a LEFT JOIN (b CROSS JOIN c) ON a.id = b.id) RIGHT JOIN d ON d.id = a.id

SELECT * FROM a JOIN b ON a.id = ANY (ARRAY[b.id, b.n]), c

SELECT * FROM a JOIN b ON left(a.t, 2) = right(b.t, 2) JOIN c ON true, d

SELECT * FROM a JOIN b JOIN c ON b.id = c.id ON a.id = b.id

SELECT * FROM a JOIN b ON CASE WHEN a.id > 1 THEN true ELSE false END JOIN c ON true

SELECT * FROM (SELECT * FROM a) x

SELECT * FROM (SELECT * FROM (SELECT * FROM a) y WHERE EXISTS (SELECT 1 FROM b)) x, c

SELECT * FROM ((SELECT id FROM a) UNION (SELECT id FROM b)) x

SELECT * FROM (VALUES (1, 2), (3, 4)) AS v (x, y) JOIN a ON a.id = v.x

SELECT * FROM (TABLE a) x

SELECT * FROM a, LATERAL (SELECT * FROM b WHERE b.id = a.id) y

SELECT * FROM a LEFT JOIN LATERAL (SELECT count(*) FROM b WHERE b.id = a.id) y ON true

SELECT * FROM generate_series(1, 3) AS g, a

SELECT * FROM generate_series(1, 3) WITH ORDINALITY AS g (x, i) JOIN a ON a.id = g.x

SELECT * FROM a, unnest(ARRAY[a.id, 2]) u

SELECT * FROM a CROSS JOIN LATERAL unnest(ARRAY[1, 2]) WITH ORDINALITY u (x, i)

SELECT * FROM ROWS FROM (generate_series(1, 2), generate_series(1, 3)) AS r (x, y), b

SELECT * FROM json_to_recordset('[{"x": 1}]') AS j (x int, y numeric(10, 2)), a

SELECT * FROM json_populate_record(NULL::a, '{"id": 1}')

SELECT * FROM xmltable('/r/x' PASSING xml '<r><x>1</x></r>' COLUMNS v int PATH '.'), a

SELECT * FROM a TABLESAMPLE bernoulli (50)

SELECT * FROM a x TABLESAMPLE system (50) REPEATABLE (1), b

SELECT id FROM a WHERE id IN (SELECT id FROM b)

SELECT id FROM a WHERE id NOT IN (1, 2) AND n = ALL (SELECT n FROM b)

SELECT id FROM a WHERE id = ANY (TABLE one)

SELECT (SELECT max(id) FROM b) FROM a

SELECT ARRAY(SELECT id FROM b) FROM a

SELECT EXISTS (SELECT 1 FROM b WHERE b.id = a.id) FROM a

SELECT CASE WHEN EXISTS (SELECT FROM b) THEN (SELECT count(*) FROM c) ELSE 0 END FROM a

SELECT coalesce((SELECT n FROM b LIMIT 1), (SELECT n FROM c LIMIT 1)) FROM a

SELECT extract(year FROM d) FROM times

SELECT extract(year FROM (SELECT max(d) FROM times)) FROM a

SELECT substring(t FROM 1 FOR 2), trim(BOTH 'x' FROM t), overlay(t placing 'q' from 1 for 1) FROM a

SELECT position('x' IN t) FROM a

SELECT a.id IS DISTINCT FROM b.id, a.n IS NOT DISTINCT FROM b.n FROM a, b

SELECT DISTINCT ON (n) id, n FROM a ORDER BY n

SELECT 1 AS from FROM a

SELECT a.n AS "from", b.n AS select FROM a, b

SELECT x.from FROM (SELECT 1 AS "from" FROM a) x

SELECT id::text::varchar(10), n::numeric(10, 2), t::character varying(10) FROM a

SELECT CAST(id AS numeric(10, 2)), CAST(t AS character varying(3)) FROM a

SELECT d AT TIME ZONE 'utc', d::timestamp(3) with time zone, timestamp with time zone '2020-01-01' FROM times

SELECT d AT TIME ZONE ('utc') FROM times

SELECT interval '1 day', date '2020-01-01', interval(3) '1 second' FROM a

SELECT count(*) FILTER (WHERE n > 1), sum(n) OVER (PARTITION BY id ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM a GROUP BY id, n

SELECT rank() OVER w FROM a WINDOW w AS (PARTITION BY n ORDER BY (SELECT max(id) FROM b))

SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY n) FROM a

SELECT n, count(*) FROM a GROUP BY GROUPING SETS ((n), ()) HAVING count(*) > (SELECT 0 FROM b LIMIT 1)

SELECT n, t, count(*), grouping(n) FROM a GROUP BY ROLLUP (n, t)

SELECT n, t, count(*) FROM a GROUP BY n, CUBE (t)

SELECT string_agg(t, ',' ORDER BY (SELECT 1 FROM b LIMIT 1)) FROM a

SELECT id FROM a ORDER BY n USING <, id OFFSET 1 ROWS FETCH FIRST 3 ROWS ONLY

SELECT id FROM a ORDER BY n FETCH FIRST (2) ROWS WITH TIES

SELECT id FROM a LIMIT (SELECT count(*) FROM b) OFFSET (SELECT 0 FROM c LIMIT 1)

SELECT id FROM a UNION ALL SELECT id FROM b EXCEPT SELECT id FROM c INTERSECT SELECT id FROM d ORDER BY 1

(SELECT id FROM a) UNION (SELECT id FROM b) LIMIT 1

((SELECT id FROM a)) UNION ALL TABLE one

SELECT id FROM a UNION VALUES (1)

SELECT * FROM a FOR UPDATE

SELECT * FROM a, b FOR NO KEY UPDATE OF a SKIP LOCKED

SELECT * FROM a JOIN b USING (id) FOR SHARE OF b NOWAIT FOR KEY SHARE OF a

SELECT * FROM (SELECT * FROM a FOR UPDATE) x

SELECT a.*, (b).n, (b.*)::text, (ARRAY[a.id])[1], (SELECT b FROM b LIMIT 1) FROM a, b

SELECT t ~ 'x', t !~* 'y', t || t, id @> id FROM (SELECT ARRAY[1] AS id, 't' AS t FROM a) x

SELECT t LIKE ('%' || t), t ILIKE '%x%', t SIMILAR TO ('x' || t) FROM a

SELECT t LIKE 'x!%' ESCAPE '!' FROM a

SELECT '\' FROM a WHERE '\' <> ''

SELECT E'\'; DELETE FROM b; --' FROM a

SELECT E'it''s \\', 'it''s', B'101', X'1F', N'x', U&'d\0061t' FROM a

SELECT $$; DELETE FROM b; '$$, $x$ $$ ' $x$ FROM a

SELECT 'a'
'b; DELETE FROM b' FROM a

SELECT 1 /* a /* nested */ ; DELETE FROM b */ FROM a -- ; DELETE FROM b

SELECT a$b FROM (SELECT 1 AS a$b FROM a) x

SELECT "; DELETE FROM b" FROM (SELECT 1 AS "; DELETE FROM b" FROM a) x

SELECT n % 2 FROM a

SELECT a.n -1, a.n - -1, @ -5, |/ 4, a.n * -1 FROM a

SELECT to_json(a) ->> 'id', to_jsonb(a) ? 'id', to_jsonb(a) #>> '{id}' FROM a

SELECT current_date, now(), random() FROM a

SELECT to_tsvector('english', t) @@ plainto_tsquery('x'), ts_rank(to_tsvector(t), to_tsquery('x')) FROM a

SELECT nextval('numbers'), currval('numbers')

SELECT setval(pg_get_serial_sequence('"a"', 'id'), coalesce(max("id"), 1), max("id") IS NOT null) FROM "a"

SELECT pg_advisory_xact_lock(1)

SELECT set_config('search_path', 'public', true)

SELECT row_to_json(x), ROW(1, 2), (1, 2) = (1, 2) FROM a x

SELECT xmlelement(name foo, xmlattributes(1 AS a), 'x'), xmlforest(id AS x) FROM a

SELECT * FROM view_of_a

SELECT * FROM kept_b

WITH x AS (SELECT * FROM a) SELECT * FROM x

WITH a AS (SELECT * FROM a) SELECT * FROM a

WITH x (p, q) AS (SELECT id, n FROM a), y AS (SELECT p FROM x JOIN b ON b.id = x.p) SELECT * FROM y, c

WITH x AS MATERIALIZED (SELECT * FROM a), y AS NOT MATERIALIZED (SELECT * FROM b) SELECT * FROM x, y

WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r JOIN a ON a.id = r.i WHERE i < 3) SELECT * FROM r

WITH RECURSIVE r (i) AS (VALUES (1) UNION SELECT r.i + 1 FROM r, b WHERE i < 2) SEARCH DEPTH FIRST BY i SET o SELECT * FROM r, c

WITH RECURSIVE r (i) AS (VALUES (1) UNION SELECT r.i + 1 FROM r, b WHERE i < 2) CYCLE i SET is_cycle USING path SELECT * FROM r

WITH x AS (WITH y AS (SELECT * FROM a) SELECT * FROM y) SELECT * FROM x JOIN b USING (id)

SELECT * FROM (WITH b AS (SELECT * FROM a) SELECT * FROM b) x

SELECT * FROM (WITH b AS (SELECT * FROM a) SELECT * FROM b) x, b

SELECT (WITH x AS (SELECT * FROM b) SELECT count(*) FROM x) FROM a

WITH x AS (SELECT 1 AS id) SELECT * FROM x, public.a WHERE EXISTS (SELECT FROM x JOIN b ON true)

WITH x AS (SELECT * FROM a), y AS (SELECT * FROM b) (SELECT id FROM x) UNION (SELECT id FROM y)

WITH b AS (DELETE FROM a RETURNING *) SELECT * FROM b

WITH x AS (INSERT INTO a (n) VALUES (7) RETURNING *), y AS (UPDATE b SET n = 1 RETURNING id), z AS (DELETE FROM c USING d WHERE c.id = d.id RETURNING c.*) SELECT * FROM x, y, z

WITH x AS (WITH y AS (SELECT id FROM b) DELETE FROM a USING y WHERE a.id = y.id RETURNING a.id) INSERT INTO c (n) SELECT id FROM x

WITH x AS (SELECT * FROM b) UPDATE a SET n = x.n FROM x WHERE a.id = x.id

WITH x AS (SELECT id FROM b) DELETE FROM a WHERE id IN (SELECT id FROM x)

WITH a AS (SELECT 9 AS id) INSERT INTO a (n) SELECT id FROM a

INSERT INTO a (n) VALUES (1)

INSERT INTO public.a AS x (n, t) VALUES (1, 'x'), (2, DEFAULT) RETURNING x.id

INSERT INTO "Mixed Case" DEFAULT VALUES

INSERT INTO a (n) SELECT n FROM b WHERE EXISTS (SELECT FROM c)

INSERT INTO a (n) (SELECT n FROM b)

INSERT INTO a (n) (SELECT n FROM b) UNION ALL SELECT n FROM c

INSERT INTO a (n) TABLE one

INSERT INTO a (n) VALUES ((SELECT max(n) FROM b)) RETURNING (SELECT count(*) FROM c)

INSERT INTO a OVERRIDING SYSTEM VALUE SELECT * FROM b

INSERT INTO a (id, n) OVERRIDING USER VALUE VALUES (99, 2)

INSERT INTO a (id, n) VALUES (1, 2) ON CONFLICT DO NOTHING

INSERT INTO a (id, n) VALUES (1, 2) ON CONFLICT (id) WHERE true DO UPDATE SET n = excluded.n, t = (SELECT max(t) FROM b) WHERE a.n IS DISTINCT FROM excluded.n RETURNING id

INSERT INTO a (id, n) SELECT b.id, b.n FROM b JOIN c ON b.id = c.id ON CONFLICT ON CONSTRAINT a_pkey DO UPDATE SET (n, t) = (SELECT 5, 'x' FROM d LIMIT 1)

INSERT INTO a (n) WITH x AS (SELECT n FROM b) SELECT n FROM x

INSERT INTO "a" ("n", "t") SELECT * FROM UNNEST(ARRAY[1, 2]::integer[], ARRAY['x', 'y']::varchar(10)[]) RETURNING "a"."id"

UPDATE a SET n = 1

UPDATE ONLY a SET n = 1 WHERE id = 1

UPDATE a * AS x SET n = x.n + 1

UPDATE a x SET (n, t) = (1, 'x') WHERE x.id = 1 RETURNING x.*

UPDATE a SET (n, t) = (SELECT n, t FROM b LIMIT 1)

UPDATE a SET n = b.n FROM b, c JOIN d ON c.id = d.id WHERE a.id = b.id

UPDATE a SET n = x.n FROM (SELECT * FROM b) x WHERE x.id = a.id AND x.n IS DISTINCT FROM a.n

UPDATE a SET t = substring(t from 1 for 2), n = extract(epoch from now())::int

UPDATE "a" SET "n" = CASE WHEN ("a"."id" = 1) THEN 2 WHEN ("a"."id" = 2) THEN 3 ELSE NULL END WHERE "a"."id" IN (1, 2)

UPDATE other.a SET n = (SELECT count(*) FROM public.a)

UPDATE view_of_a SET n = 1

DELETE FROM a

DELETE FROM ONLY a WHERE id = 1

DELETE FROM a AS x USING b y, c WHERE x.id = y.id RETURNING x.id

DELETE FROM a USING b JOIN c USING (id) WHERE a.id = b.id

DELETE FROM a USING (SELECT * FROM b) x WHERE x.id = a.id

DELETE FROM "a" WHERE "a"."id" IN (SELECT U0."id" FROM "b" U0 WHERE U0."n" = 1)

DELETE FROM other.a WHERE EXISTS (SELECT FROM a)

TRUNCATE a

TRUNCATE TABLE a, ONLY b, public.c RESTART IDENTITY

TRUNCATE a CASCADE

COPY a (n, t) FROM STDIN

COPY a FROM STDIN WITH (FORMAT csv) WHERE n > 1

COPY a TO STDOUT

COPY a (id) TO STDOUT (FORMAT csv, HEADER)

COPY (SELECT a.id FROM a JOIN b USING (id)) TO STDOUT

COPY (DELETE FROM a RETURNING id) TO STDOUT

COPY (WITH x AS (INSERT INTO b (n) SELECT n FROM a RETURNING *) SELECT * FROM x) TO STDOUT

SELECT * INTO fresh FROM a

SELECT id, n INTO TEMPORARY TABLE fresh FROM a JOIN b USING (id, n)

SELECT * INTO UNLOGGED fresh FROM (SELECT * FROM a) x

CREATE TABLE fresh AS SELECT * FROM a

CREATE TEMP TABLE IF NOT EXISTS fresh (x, y) WITH (fillfactor = 70) ON COMMIT DROP AS SELECT id, n FROM b WITH NO DATA

CREATE TABLE fresh AS WITH x AS (DELETE FROM a RETURNING *) SELECT 1 FROM b

CREATE TABLE fresh AS TABLE a

CREATE TABLE fresh AS VALUES (1)

CREATE TABLE other.fresh (id serial PRIMARY KEY, n numeric(10, 2) DEFAULT (1) CHECK (n IN (1, 2)), x int GENERATED ALWAYS AS (1 + 1) STORED)

CREATE MATERIALIZED VIEW fresh AS SELECT * FROM a

CREATE OR REPLACE VIEW fresh AS SELECT * FROM a

CREATE UNIQUE INDEX fresh ON a (id) WHERE n > 1

CREATE INDEX ON "Mixed Case" USING btree (id)

CREATE FUNCTION fresh() RETURNS int LANGUAGE sql AS 'DELETE FROM a RETURNING 1; SELECT 1'

CREATE FUNCTION fresh() RETURNS int LANGUAGE sql BEGIN ATOMIC DELETE FROM a; SELECT 1; END

REFRESH MATERIALIZED VIEW kept_b

REFRESH MATERIALIZED VIEW kept_b WITH NO DATA

ALTER TABLE a ADD COLUMN fresh int DEFAULT 5

ALTER TABLE one ALTER COLUMN n TYPE bigint USING n + 1

ALTER TABLE a RENAME TO fresh

ALTER TABLE a RENAME COLUMN n TO fresh

ALTER TABLE "a" DROP COLUMN "n" CASCADE

ALTER TABLE a ADD CONSTRAINT fresh CHECK (n > -1000)

ALTER TABLE a SET SCHEMA other2

ALTER TABLE a ADD COLUMN fresh int DEFAULT write_log()

ALTER SEQUENCE numbers RESTART

DROP TABLE c

DROP TABLE IF EXISTS c, nothing RESTRICT

DROP TABLE a CASCADE

DROP INDEX b_n

COMMENT ON TABLE a IS 'x; y'

GRANT SELECT ON a TO PUBLIC

ANALYZE a

REINDEX TABLE a

CLUSTER b USING b_n

LOCK TABLE a IN SHARE MODE

LOCK a, ONLY b IN ACCESS EXCLUSIVE MODE NOWAIT

EXPLAIN DELETE FROM a

EXPLAIN (COSTS off, FORMAT json) INSERT INTO a (n) SELECT n FROM b

EXPLAIN ANALYZE DELETE FROM a

EXPLAIN (ANALYZE, TIMING off) UPDATE a SET n = 1

EXPLAIN ANALYZE VERBOSE WITH x AS (DELETE FROM a RETURNING *) SELECT * FROM x, b

EXPLAIN ANALYZE CREATE TABLE fresh AS SELECT * FROM a

EXPLAIN SELECT write_log()

PREPARE p (int) AS DELETE FROM a WHERE id = $1

DECLARE cur CURSOR FOR SELECT * FROM a JOIN b USING (id)

DECLARE cur INSENSITIVE SCROLL CURSOR WITHOUT HOLD FOR SELECT 1

LISTEN news

NOTIFY news, 'DELETE FROM a'

SET LOCAL search_path TO other

SET SESSION search_path = other, public

SET TIME ZONE 'Europe/Paris'

SET ROLE none

SET CONSTRAINTS ALL IMMEDIATE

RESET ALL

SHOW search_path

SELECT 1; DELETE FROM a; SELECT * FROM b

SELECT 1;; ; UPDATE a SET n = 1;

SAVEPOINT x; DELETE FROM a; ROLLBACK TO SAVEPOINT x; RELEASE x

MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN UPDATE SET n = 1, t = 'x' WHEN NOT MATCHED THEN INSERT (n, t) VALUES (b.n, b.t)

MERGE INTO ONLY a AS x USING (SELECT * FROM b) AS y ON x.id = y.id AND x.n IS NOT DISTINCT FROM y.n WHEN MATCHED AND y.n > 1 THEN DELETE WHEN MATCHED THEN DO NOTHING

MERGE INTO a USING b JOIN c USING (id) ON a.id = b.id AND CASE WHEN true THEN true END WHEN NOT MATCHED AND EXISTS (SELECT FROM d) THEN INSERT DEFAULT VALUES

WITH y AS (SELECT * FROM b) MERGE INTO a USING y ON a.id = y.id WHEN MATCHED THEN UPDATE SET (n, t) = (1, 'x')
