import sys

import pytest

from praxis.cli import explain
from praxis.errors import ConfigError


@pytest.mark.parametrize("named", ["TST901", "tst901", "call_of_bad", "Call-Of-Bad", " TST901 "])
def test_finds_a_rule_by_code_or_name(site, run, named):
    result = run("explain", named)
    assert result.exit_code == 0
    assert result.stdout.startswith("# TST901 call_of_bad\n")
    assert "## Why\nIt is bad." in result.stdout
    assert "# praxis: ignore[call_of_bad] why" in result.stdout


@pytest.mark.parametrize("named", ["call_of_bat", "TST902", "calls-of-bad"])
def test_suggests_what_was_meant(site, run, named):
    result = run("explain", named)
    assert isinstance(result.exception, ConfigError)
    assert str(result.exception).startswith(f"{named} is no rule; did you mean ")


def test_says_where_the_rules_are_listed(site, run):
    result = run("explain", "qqqqqqqqqqqqqqqq")
    assert "`praxis rules` lists them" in str(result.exception)


def test_lays_the_page_out_on_a_terminal(rule, capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    explain._print(explain.page(rule))
    shown = capsys.readouterr().out
    assert "TST901 call_of_bad" in shown
    assert "## Why" not in shown
