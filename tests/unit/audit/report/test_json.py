import json

import pytest

from praxis.audit.report import json as report

pytestmark = pytest.mark.usefixtures("rule")


def test_tells_everything_of_a_finding(outcome_of):
    outcome = outcome_of({"views.py": "def f():\n    bad('ü', step=1, rows=3)\n"})
    document = json.loads(report.dump(outcome))
    assert document["version"] == 1
    assert document["project"]["evidence"] == ["manage.py"]
    (finding,) = document["findings"]
    assert len(finding.pop("fingerprint")) == 32
    (step,) = finding.pop("steps")
    assert (step["path"], step["line"], step["note"]) == ("views.py", 2, "bad is named here")
    assert finding == {
        "code": "TST901",
        "rule": "call_of_bad",
        "severity": "warning",
        "confidence": "certain",
        "message": "Calls bad() with 1 arguments.",
        "path": "views.py",
        "line": 2,
        "column": 5,
        "end_line": 2,
        "end_column": 29,
        "start": 13,
        "end": 37,
        "symbol": "f",
        "snippet": "bad('ü', step=1, rows=3)",
        "cost": {"per_row": 1, "rows": 3},
        "fix": {
            "title": "call good()",
            "safety": "safe",
            "edits": [{"path": "views.py", "start": 13, "end": 16, "text": "good"}],
        },
    }


def test_sums_up(outcome_of):
    files = {"a.py": "bad(1)\nbad(1, 2)\nbad(3)  # praxis: ignore[TST901] why\n", "b.py": "(\n"}
    document = report.document(outcome_of(files))
    summary = document["summary"]
    assert (summary["findings"], summary["suppressed"], summary["files"]) == (2, 1, 2)
    assert summary["rules"] == [
        {
            "code": "TST901",
            "rule": "call_of_bad",
            "severity": "warning",
            "findings": 2,
            "safe_fixes": 1,
            "unsafe_fixes": 1,
        }
    ]
    assert document["suppressed"][0]["reason"] == "why"
    assert [problem["path"] for problem in document["problems"]] == ["b.py"]


def test_is_plain_ascii(outcome_of):
    outcome = outcome_of({"a.py": "bad('\x9b31m 日本')\n"})
    assert report.dump(outcome).isascii()
