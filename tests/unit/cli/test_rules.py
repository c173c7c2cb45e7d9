import json


def test_lists_code_name_subject_severity_default_and_fix(site, run):
    lines = run("rules").stdout.splitlines()
    assert lines[0].split() == ["code", "name", "subject", "severity", "default", "fix"]
    row = ["TST901", "call_of_bad", "tests", "warning", "on", "safe", "or", "unsafe"]
    assert row in [line.split() for line in lines]


def test_lists_rules_as_json(site, run):
    entries = {
        entry["code"]: entry for entry in json.loads(run("rules", "--format", "json").stdout)
    }
    assert entries["TST901"] == {
        "code": "TST901",
        "name": "call_of_bad",
        "subject": "tests",
        "severity": "warning",
        "default": True,
        "fix": "safe or unsafe",
        "summary": "Flag a call of ``bad``.",
    }


def test_lists_rules_as_markdown(site, run):
    table = run("rules", "--format", "markdown").stdout
    assert "| TST901 | call_of_bad | tests | warning | on | safe or unsafe |" in table
