import json
import os

import pytest

from praxis.audit.baseline import Baseline
from praxis.audit.fingerprint import fingerprints
from praxis.audit.outcome import Request, looked_at
from praxis.errors import ConfigError

pytestmark = pytest.mark.usefixtures("rule")
TWICE = "def f():\n    bad(1)\n    bad(1)\n"


def everything(key):
    return True


def test_knows_what_it_was_made_of_after_the_lines_moved(outcome_of):
    baseline = Baseline.of(outcome_of({"views.py": TWICE}).findings)
    outcome = outcome_of({"views.py": f"import os\n\n\n{TWICE}"}, None, Request(baseline=baseline))
    assert outcome.findings == []
    assert len(outcome.baselined) == 2
    assert outcome.exit_code == 0
    assert not outcome.stale


def test_knows_code_that_was_laid_out_anew(outcome_of):
    baseline = Baseline.of(outcome_of({"views.py": "bad(1, 2)\n"}).findings)
    outcome = outcome_of({"views.py": "bad(1,   2)\n"}, None, Request(baseline=baseline))
    assert outcome.findings == []


def test_counts_findings_that_are_alike(outcome_of):
    baseline = Baseline.of(outcome_of({"views.py": TWICE}).findings)
    outcome = outcome_of({"views.py": f"{TWICE}    bad(1)\n"}, None, Request(baseline=baseline))
    assert [finding.place.line for finding in outcome.findings] == [4]


@pytest.mark.parametrize(
    "changed",
    [
        {"views.py": "def g():\n    bad(1)\n"},
        {"views.py": "def f():\n    bad(2)\n"},
        {"views.py": "", "other.py": "def f():\n    bad(1)\n"},
    ],
    ids=["symbol", "code", "path"],
)
def test_does_not_know_the_same_mistake_elsewhere(outcome_of, changed):
    baseline = Baseline.of(outcome_of({"views.py": "def f():\n    bad(1)\n"}).findings)
    outcome = outcome_of(changed, None, Request(baseline=baseline))
    assert len(outcome.findings) == 1
    assert outcome.stale.total() == 1


def test_says_what_no_longer_occurs_and_drops_it(outcome_of):
    old = Baseline.of(outcome_of({"views.py": TWICE}).findings)
    outcome = outcome_of({"views.py": "def f():\n    bad(1)\n"}, None, Request(baseline=old))
    assert outcome.stale.total() == 1
    assert old.renewed(outcome.baselined, everything).counts.total() == 1


def test_keeps_what_this_run_did_not_look_at(outcome_of):
    old = Baseline.of(outcome_of({"a/views.py": "bad(1)\n", "b/views.py": "bad(1)\n"}).findings)
    files = {"a/views.py": "", "b/views.py": ""}
    outcome = outcome_of(files, None, Request(baseline=old), within=("a",))
    assert [key.path for key in outcome.stale] == ["a/views.py"]
    renewed = old.renewed([], looked_at(outcome.config, outcome.audit.root))
    assert [key.path for key in renewed.counts] == ["b/views.py"]


def test_survives_being_written_and_read(outcome_of, tmp_path):
    findings = outcome_of({"views.py": f'{TWICE}bad("ünï → \\x1b")\n', "a.py": "bad(1)\n"}).findings
    path = tmp_path / "known.json"
    Baseline.of(findings).write(path)
    assert Baseline.read(path).counts == Baseline.of(findings).counts
    assert list(tmp_path.glob(".known*")) == []


def test_is_written_an_entry_a_line_in_the_same_order(outcome_of):
    findings = outcome_of({"b.py": TWICE, "a.py": "bad(2)\nbad(1)\n"}).findings
    text = Baseline.of(findings).dump()
    assert text == Baseline.of(reversed(findings)).dump()
    lines = text.splitlines()
    assert len(lines) == 3 + 2
    entries = [json.loads(line.rstrip(",")) for line in lines[1:-1]]
    assert [(entry["path"], entry["snippet"], entry["count"]) for entry in entries] == [
        ("a.py", "bad(1)", 1),
        ("a.py", "bad(2)", 1),
        ("b.py", "bad(1)", 2),
    ]


def test_is_valid_without_entries(tmp_path):
    path = tmp_path / "known.json"
    Baseline.of(()).write(path)
    assert Baseline.read(path).counts.total() == 0


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "not a baseline"),
        (b"[]", "not a baseline"),
        (b'{"version": 1}', "findings"),
        (b'{"version": 1, "findings": [{"rule": 1}]}', "rule"),
        (b'{"version": 9, "findings": []}', "format 9"),
        (b"<<<<<<< HEAD\n{}", "merge conflict"),
        (b"\xff\xff", "not a baseline"),
        (b"[" * 100_000, "not a baseline"),
    ],
)
def test_refuses_a_file_that_is_none(tmp_path, content, part):
    path = tmp_path / "known.json"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="--write-baseline") as caught:
        Baseline.read(path)
    assert part in str(caught.value)


def test_says_how_to_make_a_missing_one(tmp_path):
    with pytest.raises(ConfigError, match="--write-baseline"):
        Baseline.read(tmp_path / "none.json")


def test_leaves_the_old_file_where_it_cannot_write(tmp_path):
    with pytest.raises(ConfigError, match="not written"):
        Baseline.of(()).write(tmp_path / "missing" / "known.json")


def test_fingerprints_differ_within_a_run_and_agree_between_runs(outcome_of):
    first = fingerprints(outcome_of({"views.py": TWICE}).findings)
    assert len(set(first.values())) == 2
    second = fingerprints(outcome_of({"views.py": f"\n\n{TWICE}"}).findings)
    assert sorted(first.values()) == sorted(second.values())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_does_not_wait_for_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "baseline.json")
    with pytest.raises(ConfigError, match="no plain file"):
        Baseline.read(tmp_path / "baseline.json")
