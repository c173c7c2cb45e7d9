import json
import re

import pytest

from praxis.audit.findings import Problem
from praxis.audit.report import gitlab
from praxis.audit.report.paths import Paths

pytestmark = pytest.mark.usefixtures("rule")

SEVERITIES = {"info", "minor", "major", "critical", "blocker"}


def issues_of(outcome, here=None):
    root = outcome.audit.root.folder
    issues = json.loads(gitlab.dump(outcome, Paths(root, here or root)))
    for issue in issues:
        assert isinstance(issue["description"], str)
        assert isinstance(issue["check_name"], str)
        assert re.fullmatch("[0-9a-f]{32}", issue["fingerprint"])
        assert issue["severity"] in SEVERITIES
        assert not issue["location"]["path"].startswith("./")
        assert issue["location"]["lines"]["begin"] >= 1
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    return issues


def test_names_what_where_and_how_bad(outcome_of):
    (issue,) = issues_of(outcome_of({"shop/views.py": "\nbad(1, rows=3)\n"}))
    assert issue["description"] == "TST901: Calls bad() with 1 arguments. Cost: 1 + 3 queries."
    assert issue["check_name"] == "call_of_bad"
    assert issue["severity"] == "major"
    assert issue["location"] == {"path": "shop/views.py", "lines": {"begin": 2, "end": 2}}


def test_is_an_empty_list_without_findings(outcome_of):
    assert issues_of(outcome_of({"views.py": "x = 1\n"})) == []


def test_names_the_path_in_the_repository(outcome_of):
    outcome = outcome_of({"views.py": "bad(1)\n"})
    (issue,) = issues_of(outcome, outcome.audit.root.folder.parent)
    assert issue["location"]["path"] == "site/views.py"


def test_knows_findings_again_that_moved(outcome_of):
    def marks(text):
        return [issue["fingerprint"] for issue in issues_of(outcome_of({"views.py": text}))]

    before = marks("bad(1)\nbad(1)\nbad(2)\n")
    assert marks("import os\n\n\nbad(1)\n\nbad(1)\nbad(2)\n") == before


def test_tells_what_could_not_be_read_and_comments_that_do_nothing(outcome_of):
    comment = "x = 1  # praxis: ignore[call_of_bad] why\n"
    outcome = outcome_of({"a.py": "x = 1\n(\n", "b.py": comment + comment})
    unread, one, other = issues_of(outcome)
    assert (unread["check_name"], unread["severity"]) == ("not-read", "major")
    assert unread["location"] == {"path": "a.py", "lines": {"begin": 2}}
    assert (one["check_name"], one["severity"]) == ("idle-comment", "info")
    assert one["fingerprint"] != other["fingerprint"]


def test_shows_no_control_characters(outcome_of):
    outcome = outcome_of({"views.py": "x = 1\n"})
    outcome.problems.append(Problem("\x1b[31m.py", 0, "a\x1b[31m\nb"))
    (issue,) = issues_of(outcome)
    assert issue["description"] == "a␛[31m␊b"
    assert "\x1b" not in gitlab.dump(
        outcome, Paths(outcome.audit.root.folder, outcome.audit.root.folder)
    )
