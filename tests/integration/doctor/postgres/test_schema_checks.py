import psycopg
import pytest

from praxis.audit.findings import Severity
from tests.integration.doctor.asking import apply, ask

pytestmark = pytest.mark.postgres


def test_a_serial_near_its_end(database, target):
    database.sql("CREATE TABLE orders (id serial PRIMARY KEY)")
    assert ask("sequences", target) == []
    database.sql("SELECT setval('orders_id_seq', 2000000000)")
    [finding] = ask("sequences", target)
    assert finding.code == "DB109"
    assert finding.severity is Severity.ERROR
    assert "public.orders.id has used 93.1 %" in finding.message
    apply(database.url, finding)
    assert ask("sequences", target) == []
    assert database.sql("SELECT pg_typeof(id) FROM orders RIGHT JOIN (SELECT 1) x ON true") == (
        "bigint"
    )


def test_a_wide_sequence_that_fills_a_narrow_column(database, target):
    database.sql(
        "CREATE SEQUENCE numbers AS bigint; CREATE TABLE items (id int PRIMARY KEY "
        "DEFAULT nextval('numbers')); ALTER SEQUENCE numbers OWNED BY items.id; "
        "SELECT setval('numbers', 1600000000)"
    )
    [finding] = ask("sequences", target)
    assert ("end", "2,147,483,647") in finding.evidence
    assert finding.severity is Severity.WARNING


def test_an_identity_column_and_a_sequence_of_nobody(database, target):
    database.sql(
        'CREATE TABLE "odd Name" (id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY); '
        "CREATE SEQUENCE lone AS int; SELECT setval('lone', 2147483000)"
    )
    database.sql("""SELECT setval('"odd Name_id_seq"', 32000)""")
    found = ask("sequences", target)
    assert len(found) == 2
    for finding in found:
        apply(database.url, finding)
    assert ask("sequences", target) == []


def test_a_table_without_a_primary_key(database, target):
    database.sql(
        "CREATE TABLE keyed (id int PRIMARY KEY); CREATE TABLE bare (id int); "
        'CREATE TABLE emptyish (note text); CREATE TABLE "Has Unique" (a int NOT NULL, '
        '"b c" int NOT NULL, d int UNIQUE, UNIQUE (a, "b c"))'
    )
    found = ask("primary_keys", target)
    assert len(found) == 3
    assert any('ADD PRIMARY KEY (a, "b c")' in finding.remedies[0].text for finding in found)
    for finding in found:
        apply(database.url, finding)
    assert ask("primary_keys", target) == []


def test_indexes_that_others_cover(database, target):
    database.sql(
        "CREATE TABLE orders (id int PRIMARY KEY, a int, b int, c text, UNIQUE (a)); "
        "CREATE INDEX twin ON orders (a); CREATE INDEX b ON orders (b); "
        "CREATE INDEX b_a ON orders (b, a); CREATE INDEX pattern ON orders (c text_pattern_ops); "
        "CREATE INDEX plain ON orders (c); CREATE INDEX down ON orders (b DESC, a); "
        "CREATE INDEX part ON orders (b) WHERE a > 0; CREATE INDEX up ON orders (upper(c)); "
        "CREATE INDEX up2 ON orders (upper(c)); CREATE INDEX low ON orders (lower(c))"
    )
    assert len(ask("duplicate_indexes", target)) == 2  # the twins; the shorter one is small
    found = ask("duplicate_indexes", target, index_bytes=0)
    assert sorted(finding.message.split(" on ")[0] for finding in found) == [
        "public.b", "public.twin", "public.up",
    ]  # fmt: skip
    for finding in found:
        apply(database.url, finding)
    assert ask("duplicate_indexes", target, index_bytes=0) == []


def test_of_two_twins_one_stays(database, target):
    database.sql(
        "CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX one ON t (a); "
        "CREATE INDEX two ON t (a); CREATE UNIQUE INDEX u1 ON t (a); "
        "CREATE UNIQUE INDEX u2 ON t (a)"
    )
    for finding in ask("duplicate_indexes", target):
        apply(database.url, finding)
    left = database.sql("SELECT count(*) FROM pg_indexes WHERE tablename = 't'")
    assert left == "2"  # the primary key's and one unique


def test_an_index_that_was_left_invalid(database, target):
    database.sql("CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t VALUES (1, 1), (2, 1)")
    with (
        psycopg.connect(database.url, autocommit=True) as connection,
        pytest.raises(psycopg.errors.UniqueViolation),
    ):
        connection.execute("CREATE UNIQUE INDEX CONCURRENTLY broken ON t (a)")
    [finding] = ask("invalid_indexes", target)
    assert "public.broken" in finding.message
    database.sql("DELETE FROM t WHERE id = 2")  # what the finding says to do before
    apply(database.url, finding)
    assert ask("invalid_indexes", target) == []


def test_a_foreign_key_without_an_index(database, target):
    database.sql(
        "CREATE TABLE customer (id int PRIMARY KEY); INSERT INTO customer VALUES (1); "
        "CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customer, "
        "other_id int REFERENCES customer); CREATE INDEX ON orders (other_id, id); "
        "INSERT INTO orders SELECT n, 1, 1 FROM generate_series(1, 200) n; ANALYZE orders"
    )
    assert ask("foreign_keys", target) == []  # it is small
    [finding] = ask("foreign_keys", target, table_rows=100)
    assert "public.orders (customer_id) points to public.customer" in finding.message
    apply(database.url, finding)
    assert ask("foreign_keys", target, table_rows=100) == []


def test_an_index_that_nobody_uses(database, target):
    database.sql(
        "CREATE TABLE t (id int PRIMARY KEY, a int, b int); CREATE INDEX idle ON t (a); "
        "CREATE INDEX busy ON t (b); INSERT INTO t SELECT n, n, n FROM generate_series(1, 5000) n; "
        "ANALYZE t"
    )
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("SET enable_seqscan = off")
        connection.execute("SELECT * FROM t WHERE b = 7").fetchall()
    assert ask("unused_indexes", target) == []  # it has not been counting for long
    limits = {"statistics_age_s": 0.0, "index_bytes": 0}
    [finding] = ask("unused_indexes", target, **limits)
    assert finding.message.startswith("public.idle ")
    apply(database.url, finding)
    assert ask("unused_indexes", target, **limits) == []
