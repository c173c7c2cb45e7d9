import pytest

from praxis.doctor import registry
from praxis.errors import ConfigError

NOWHERE = "redis://:secret-word@127.0.0.1:1/0"


def test_a_server_that_cannot_be_reached_is_one_line(run):
    result = run("doctor", "--redis", NOWHERE)
    assert result.exit_code == 2
    assert "redis://127.0.0.1:1/0: " in result.output
    assert "refused" in result.output
    assert "Traceback" not in result.output
    assert "secret-word" not in result.output


def test_nothing_to_ask_is_an_error_that_says_what_to_type(run, monkeypatch):
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    result = run("doctor")
    assert isinstance(result.exception, ConfigError)
    assert "praxis doctor --settings shop.settings" in str(result.exception)


def test_settings_without_a_server(run, tmp_path, monkeypatch):
    (tmp_path / "settings_without_servers.py").write_text("SECRET_KEY = 'x'\n")
    monkeypatch.chdir(tmp_path)
    result = run("doctor", "--settings", "settings_without_servers")
    assert "neither PostgreSQL nor Redis is named" in str(result.exception)


def test_an_address_of_the_wrong_kind(run):
    result = run("doctor", "--broker", "amqp://guest:secret-word@mq")
    assert "must begin with redis://" in str(result.exception)
    assert "secret-word" not in str(result.exception)


def test_the_report_goes_where_it_is_told(run, tmp_path):
    path = tmp_path / "report.html"
    result = run("doctor", "--redis", NOWHERE, "--format", "html", "-o", str(path), "--exit-zero")
    assert (result.exit_code, result.output) == (0, "")
    assert path.read_text().startswith("<!doctype html>")
    result = run("doctor", "--redis", NOWHERE, "-o", str(tmp_path))
    assert "report not written" in str(result.exception)


def test_explains_a_check_beside_the_rules_of_its_code(run):
    result = run("explain", "timeouts")
    assert result.stdout.startswith("# DB103 timeouts\n")
    assert "Asked by `praxis doctor`" in result.stdout


@pytest.mark.parametrize("code", sorted({check.code for check in registry.checks()}))
def test_explains_every_code(run, code):
    assert run("explain", code).exit_code == 0


def test_a_broker_is_asked_what_it_must_not_lose_too(run):
    result = run("doctor", "--broker", NOWHERE)
    assert result.output.count("refused") == 2
