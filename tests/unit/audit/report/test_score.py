import pytest

from praxis.audit.baseline import Baseline
from praxis.audit.config import Config
from praxis.audit.findings import Severity
from praxis.audit.outcome import Request
from praxis.audit.report.score import score, score_subjects, scored_lines

WARNING, ERROR, NOTE = Severity.WARNING, Severity.ERROR, Severity.NOTE


@pytest.mark.parametrize(
    ("severities", "lines", "worth"),
    [
        ([], 5_000, 100),
        ([WARNING] * 5, 5_000, 50),
        ([WARNING] * 15, 5_000, 25),
        ([ERROR], 3_000, 50),
        ([NOTE] * 3, 1_000, 50),
        ([WARNING], 10, 50),
        ([NOTE], 1_000_000, 99),
        ([WARNING] * 100_000, 1_000, 0),
    ],
    ids=["nothing", "half", "quarter", "error", "notes", "small", "not quite", "hopeless"],
)
def test_scores_by_density(severities, lines, worth):
    assert score(severities, lines) == worth


def test_never_gets_better_by_one_more_finding():
    scores = [score([WARNING] * count, 20_000) for count in range(60)]
    assert scores == sorted(scores, reverse=True)


FILES = {"views.py": "bad(1)\n" * 10, "tests.py": "x = 1\n" * 50, "migrations/a.py": "\n" * 9}


@pytest.mark.usefixtures("rule")
class TestOfAProject:
    def test_leaves_tests_and_migrations_out_of_the_lines(self, outcome_of):
        assert scored_lines(outcome_of(FILES)) == 11

    def test_names_the_subjects_whose_rules_ran(self, outcome_of):
        (only,) = score_subjects(outcome_of(FILES, Config(select=("TST",))))
        assert (only.subject, only.finding_count, only.rule_count) == ("tests", 10, 1)
        subjects = [entry.subject for entry in score_subjects(outcome_of(FILES, Config()))]
        assert subjects[0] == "tests"
        assert "queries" in subjects

    def test_counts_what_the_baseline_knows_but_not_what_a_comment_silences(self, outcome_of):
        files = {"views.py": "bad(1)\nbad(2)  # praxis: ignore[call_of_bad] right here\n"}
        known = Baseline.of(outcome_of(files).findings)
        outcome = outcome_of(files, request=Request(baseline=known))
        assert outcome.findings == []
        assert score_subjects(outcome)[0].finding_count == 1
