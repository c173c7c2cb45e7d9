import io
import re

import pytest
from rich.console import Console

from praxis.audit.baseline import Baseline
from praxis.audit.config import Config
from praxis.audit.findings import Severity
from praxis.audit.outcome import Request
from praxis.audit.report import text
from praxis.audit.report.paths import Paths

pytestmark = pytest.mark.usefixtures("rule")
VIEWS = "def view(request):\n    return bad(1, step=True, rows=3)\n"


def render(outcome, width=100, terminal=False, **detail):
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=width,
        force_terminal=terminal,
        color_system="standard" if terminal else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    root = outcome.audit.root.folder
    text.write(outcome, console, Paths(root, root), text.Detail(**detail))
    return stream.getvalue()


def test_shows_the_code_the_chain_the_cost_and_the_fix(outcome_of):
    report = render(outcome_of({"views.py": VIEWS}))
    expected = """\
views.py  1 finding

views.py:2:12  warning  TST901 call_of_bad  1 + 3 queries
  Calls bad() with 1 arguments.
       2 |     return bad(1, step=True, rows=3)
         |            ^^^^^^^^^^^^^^^^^^^^^^^^^
  1. views.py:2:12  bad is named here
       2 |     return bad(1, step=True, rows=3)
         |            ^^^
  fix (safe): call good()
       2 +     return good(1, step=True, rows=3)

"""
    assert report.startswith(expected)


def test_groups_by_file_or_by_rule(outcome_of):
    outcome = outcome_of({"b.py": "bad(1)\n", "a.py": "bad(1)\nbad(2)\n"})
    by_file = re.findall(r"^\S+  \d+ findings?$", render(outcome), re.MULTILINE)
    assert by_file == ["a.py  2 findings", "b.py  1 finding"]
    by_rule = render(outcome, grouping=text.Grouping.RULE)
    assert by_rule.startswith("TST901 call_of_bad  3 findings\n")


def test_sums_up_by_rule_with_what_can_be_mended(outcome_of):
    report = render(outcome_of({"views.py": "bad(1)\nbad(1, 2)\n(bad)(1)\n"}))
    assert re.search(r"TST901 call_of_bad +warning +3 +2 +1\n", report)
    assert (
        "3 findings in 1 file; 2 can be mended by `praxis fix`, 1 more by `praxis fix --unsafe`."
        in report
    )


def test_names_the_five_to_mend_first_by_cost(outcome_of):
    calls = "".join(f"bad(1, rows={rows})\n" for rows in (3, 50, 7, 90, 2, 11))
    report = render(outcome_of({"views.py": calls}))
    first = report[report.index("Mend first") :].splitlines()[1:6]
    assert [re.search(r"1 \+ (\d+) queries", line)[1] for line in first] == [
        "90",
        "50",
        "11",
        "7",
        "3",
    ]


def test_says_what_could_not_be_read(outcome_of):
    report = render(outcome_of({"views.py": "def f(:\n", "other.py": ""}))
    assert "Not read (1)\n  views.py:1: not read: " in report
    assert "Nothing found, but 1 problem." in report


def test_says_what_was_left_out(outcome_of):
    baseline = Baseline.of(outcome_of({"a.py": "bad(1)\nbad(2)\n"}).findings)
    request = Request(baseline=baseline, floor=Severity.ERROR)
    files = {"a.py": "bad(1)\nbad(3)\nbad(4)  # praxis: ignore[TST901] why\n"}
    report = render(outcome_of(files, None, request))
    assert (
        "Not shown: 1 suppressed by a comment, 1 known to the baseline, 1 below the asked severity."
        in report
    )
    assert "1 finding of the baseline no longer occurs: --write-baseline takes it out." in report


def test_lists_suppressed_findings_where_asked(outcome_of):
    outcome = outcome_of({"a.py": "bad(1)  # praxis: ignore[TST901] on purpose\n"})
    assert "Suppressed" not in render(outcome)
    assert "Suppressed (1)\n  a.py:1: TST901 call_of_bad: on purpose" in render(
        outcome, verbose=True
    )


def test_prints_counts_alone_for_statistics(outcome_of):
    report = render(outcome_of({"a.py": "bad(1)\n"}), statistics=True)
    assert "TST901 call_of_bad" in report
    assert "a.py:1:1" not in report


def test_prints_findings_alone_when_quiet(outcome_of):
    report = render(outcome_of({"a.py": "bad(1)\n"}), quiet=True)
    assert "a.py:1:1" in report
    assert "Checked" not in report


def test_lets_nothing_of_the_audited_files_command_the_terminal(outcome_of):
    source = 'x = "[bold red]", bad("\x1b]0;title\x07 \x9b31m [link=http://x.test]")  # \x1b[2J\n'
    report = render(outcome_of({"a.py": source}))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", report)
    assert "[bold red]" in report
    assert "[link=http://x.test]" in report


def test_colours_a_terminal_only(outcome_of):
    outcome = outcome_of({"a.py": "bad(1)\n"})
    assert "\x1b[" in render(outcome, terminal=True)
    assert "\x1b[" not in render(outcome)


def test_honours_no_color(outcome_of, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    report = render(outcome_of({"a.py": "bad(1)\n"}), terminal=True)
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", report)


def test_wraps_to_the_width(outcome_of):
    files = {"a.py": f"x = '{'y' * 300}', bad(1)\n"}
    report = render(outcome_of(files), width=60, quiet=True)
    assert all(len(line) <= 60 for line in report.splitlines())


def test_is_told_without_its_code_where_the_file_is_gone(outcome_of):
    outcome = outcome_of({"a.py": "bad(1)\n"})
    (outcome.audit.root.folder / "a.py").unlink()
    outcome.audit.project._texts.clear()
    assert "a.py:1:1  warning" in render(outcome)


def test_praises_a_project_without_findings(outcome_of):
    report = render(outcome_of({"a.py": "good(1)\n"}, Config()))
    assert report.startswith("Nothing found.\nChecked 1 file of a project of 1 file and 2 lines")


def test_leaves_no_blanks_at_the_end_of_a_line(outcome_of):
    report = render(outcome_of({"views.py": VIEWS}), width=46, quiet=True)
    assert "Calls bad() with 1 arguments." in report
    assert [line for line in report.splitlines() if line != line.rstrip()] == []


def test_cuts_the_mended_line_around_what_changes(outcome_of):
    report = render(outcome_of({"a.py": f"x = '{'y' * 300}', bad(1), '{'z' * 300}'\n"}), width=60)
    (mended,) = [line for line in report.splitlines() if line.startswith("       1 + ")]
    assert "good(1)" in mended
