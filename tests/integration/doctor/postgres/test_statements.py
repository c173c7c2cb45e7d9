import psycopg
import pytest

from praxis import embedded
from praxis.doctor import Target
from praxis.errors import ServerError
from tests.integration.doctor.asking import ask

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
