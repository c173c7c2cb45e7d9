import pytest

from praxis.audit.report import concise
from praxis.audit.report.paths import Paths

pytestmark = pytest.mark.usefixtures("rule")


def paths_of(outcome):
    root = outcome.audit.root.folder
    return Paths(root, root)


def test_prints_one_line_a_finding_by_place(outcome_of):
    outcome = outcome_of({"b.py": "bad(1)\n", "a.py": "\n  \nx = bad(1, 2)\n"})
    assert list(concise.lines(outcome, paths_of(outcome))) == [
        "a.py:3:5 TST901 Calls bad() with 2 arguments.",
        "b.py:1:1 TST901 Calls bad() with 1 arguments.",
    ]


def test_counts_by_rule(outcome_of):
    outcome = outcome_of({"a.py": "bad(1)\nbad(2)\n"})
    assert list(concise.lines(outcome, paths_of(outcome), statistics=True)) == [
        "2\tTST901\tcall_of_bad"
    ]


def test_notes_what_was_not_read_and_comments_that_do_nothing(outcome_of):
    outcome = outcome_of({"a.py": "def f(:\n", "b.py": "x = 1  # praxis: ignore\n"})
    notes = list(concise.notes(outcome, paths_of(outcome)))
    assert [note.partition(" ")[0] for note in notes] == ["a.py:1:", "b.py:1:"]
