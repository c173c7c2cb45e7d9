import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

CLEAN_STATE = """
import pytest
from redis import Redis

@pytest.mark.parametrize("number", [1, 2, 3])
def test_redis(redis_url, number):
    with Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("key", "value")

@pytest.mark.parametrize("number", [1, 2])
def test_postgres(postgres_database, number):
    assert postgres_database.sql("SELECT count(*) FROM pg_tables WHERE tablename = 't'") == "0"
    postgres_database.sql("CREATE TABLE t (id int)")

def test_plain():
    pass
"""


@pytest.fixture(autouse=True)
def _fresh_environment(monkeypatch):
    for name in ("PRAXIS_REDIS_URL", "PRAXIS_POSTGRES_URL", "PRAXIS_CI", "DJANGO_SETTINGS_MODULE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def run(pytester):
    def run(*arguments):
        return pytester.runpytest_inprocess("-p", "no:django", "-p", "no:randomly", *arguments)

    return run


@pytest.mark.redis
@pytest.mark.postgres
def test_each_test_finds_clean_state(pytester, run):
    pytester.makepyfile(CLEAN_STATE)
    run("--strict-markers").assert_outcomes(passed=6)


@pytest.mark.redis
def test_each_worker_has_a_server_of_its_own(pytester):
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", range(4))
        def test_redis(redis_server, worker_id, number, record_property):
            with open(f"{worker_id}.port", "a") as file:
                file.write(f"{redis_server.port}\\n")
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:django", "-n", "2")
    result.assert_outcomes(passed=4)
    ports = [set(path.read_text().split()) for path in pytester.path.glob("*.port")]
    assert len(ports) == 2
    assert all(len(used) == 1 for used in ports)
    assert ports[0] != ports[1]


def test_chooses_tests_by_the_server_that_they_ask_for(pytester, run):
    pytester.makepyfile(CLEAN_STATE)
    result = run("--collect-only", "-q", "-m", "not redis and not postgres")
    result.stdout.fnmatch_lines(["*::test_plain"])
    result.stdout.fnmatch_lines(["*1/6 tests collected (5 deselected)*"])


@pytest.fixture
def nothing_to_run(monkeypatch, tmp_path):
    from praxis.embedded import binaries

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(binaries, "REDIS_FOLDERS", ())
    monkeypatch.setattr(binaries, "POSTGRES_FOLDERS", ())
    monkeypatch.setattr(binaries, "wheel_folder", lambda _: None)
    binaries.forget()
    yield
    binaries.forget()


@pytest.mark.usefixtures("nothing_to_run")
def test_skips_and_says_why_in_the_summary(pytester, run):
    pytester.makepyfile(CLEAN_STATE)
    result = run()
    result.assert_outcomes(passed=1, skipped=5)
    result.stdout.fnmatch_lines(
        [
            "*tests without their server*",
            "3 skipped. No Redis server found*",
            "*pip install 'django-praxis?embedded?'*",
            "2 skipped. No PostgreSQL server found*",
        ]
    )


@pytest.mark.usefixtures("nothing_to_run")
def test_fails_where_servers_are_promised(pytester, run, monkeypatch):
    monkeypatch.setenv("PRAXIS_CI", "1")
    pytester.makepyfile(CLEAN_STATE)
    result = run()
    result.assert_outcomes(passed=1, errors=5)
    result.stdout.fnmatch_lines(["*PRAXIS_CI is set*No Redis server found*"])


def test_costs_nothing_until_a_fixture_is_asked_for():
    code = (
        "import sys, pytest; before = set(sys.modules); import praxis.testing.plugin; "
        "print(*sorted(set(sys.modules) - before))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert loaded == ["praxis", "praxis.testing", "praxis.testing.plugin"]
