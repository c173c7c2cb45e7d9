import pytest

from praxis.audit.findings import Problem
from praxis.audit.report import github
from praxis.audit.report.paths import Paths

pytestmark = pytest.mark.usefixtures("rule")


def lines_of(outcome, here=None):
    root = outcome.audit.root.folder
    return list(github.lines(outcome, Paths(root, here or root)))


def test_annotates_the_place(outcome_of):
    outcome = outcome_of({"views.py": "x = bad(1)\n"})
    (line,) = lines_of(outcome)
    assert line == (
        "::warning file=views.py,line=1,endLine=1,col=5,endColumn=11,"
        "title=TST901 call_of_bad::Calls bad() with 1 arguments.%0AFix (safe): call good()"
    )


def test_names_the_path_in_the_repository(outcome_of):
    outcome = outcome_of({"views.py": "bad(1)\n"})
    assert "file=site/views.py," in lines_of(outcome, outcome.audit.root.folder.parent)[0]


def test_tells_cost_and_chain_with_paths_of_the_repository(outcome_of):
    outcome = outcome_of({"views.py": "bad(1, step=1, rows=3)\n"})
    (line,) = lines_of(outcome, outcome.audit.root.folder.parent)
    assert "%0ACost: 1 + 3 queries.%0Asite/views.py:1:1: bad is named here%0AFix" in line


def test_leaves_columns_out_of_a_span_of_lines(outcome_of):
    (line,) = lines_of(outcome_of({"views.py": "bad(\n1)\n"}))
    assert "line=1,endLine=2,title=" in line


def test_escapes_what_would_end_a_property_or_a_command(outcome_of):
    outcome = outcome_of({"a,b:c%.py": "bad(1)\n"})
    outcome.problems.append(Problem("a.py", 2, "100%\r\n::set-output name=x::y"))
    annotation, problem = lines_of(outcome)
    assert "file=a%2Cb%3Ac%25.py," in annotation
    assert problem == "::error file=a.py,line=2,title=Praxis::100%25␍%0A::set-output name=x::y"
