import psycopg
import pytest

from praxis import embedded
from praxis.doctor import Target
from praxis.errors import ServerError
from tests.integration.doctor.asking import apply, ask

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def counting():
    settings = {"shared_preload_libraries": "pg_stat_statements"}
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PRAXIS_POSTGRES_URL", raising=False)
        try:
            server = embedded.postgres(settings=settings)
        except ServerError as error:
            if "pg_stat_statements" not in str(error):
                raise
            pytest.skip("this PostgreSQL comes without pg_stat_statements: take Debian's")
        with server:
            yield server


def test_says_that_nobody_counts_the_statements(target):
    [finding] = ask("slow_statements", target)
    assert "pg_stat_statements is not there" in finding.message


def test_the_statements_that_take_most(counting):
    database = counting.database()
    target = Target.at("postgres", database.url)
    database.sql("CREATE EXTENSION pg_stat_statements")
    with psycopg.connect(database.url, autocommit=True) as connection:
        for n in (1, 2, 3):
            connection.execute("SELECT count(*), pg_sleep(0.05) FROM pg_class WHERE oid > %s", [n])
            connection.execute("SELECT 1")
    assert ask("slow_statements", target, statement_ms=10_000.0) == []
    [finding] = ask("slow_statements", target, statement_ms=20.0)
    assert finding.message.startswith("3 times ")
    assert "SELECT count(*), pg_sleep(" in finding.message
    assert ("rows each", "1") in finding.evidence


@pytest.fixture
def planning(counting):
    """A database of a server that has HypoPG, with a table and a slow statement on it."""
    database = counting.database()
    if counting.sql("SELECT count(*) FROM pg_available_extensions WHERE name = 'hypopg'") == "0":
        pytest.skip("this PostgreSQL comes without HypoPG: apt-get install postgresql-15-hypopg")
    database.sql(
        "CREATE EXTENSION pg_stat_statements; CREATE EXTENSION hypopg; CREATE TABLE orders "
        '(id int PRIMARY KEY, "placed By" int, state text, total int); INSERT INTO orders '
        "SELECT n, n % 1000, 'paid', n FROM generate_series(1, 50000) n; ANALYZE orders"
    )
    return database


SLOW = 'SELECT count(*) FROM orders WHERE "placed By" = %s AND total > %s'


def run(database, statement, values):
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute(statement, values).fetchall()


def test_an_index_that_the_planner_would_use(planning):
    target = Target.at("postgres", planning.url)
    run(planning, SLOW, [7, 100])
    [finding] = ask("missing_indexes", target, statement_ms=0.0)
    assert "That is its estimate" in finding.message
    assert finding.remedies[0].text == (
        'CREATE INDEX CONCURRENTLY ON "public"."orders" ("placed By", "total");'
    )
    assert planning.sql("SELECT count(*) FROM pg_indexes WHERE tablename = 'orders'") == "1"
    apply(planning.url, finding)
    assert ask("missing_indexes", target, statement_ms=0.0) == []


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT count(*) FROM orders WHERE total > %s OR state = 'x'",
        "SELECT count(*) FROM orders WHERE state LIKE '%%a' AND total %% %s = 0",
        "UPDATE orders SET total = 1 WHERE total = %s RETURNING 1",
    ],
)
def test_gives_no_advice_where_it_is_not_sure(planning, statement):
    run(planning, statement, [5])
    before = planning.sql("SELECT sum(total) FROM orders")
    assert ask("missing_indexes", Target.at("postgres", planning.url), statement_ms=0.0) == []
    assert planning.sql("SELECT sum(total) FROM orders") == before


def test_says_nothing_without_hypopg(target):
    assert ask("missing_indexes", target) == []
