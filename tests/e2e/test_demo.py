"""The main job as `make demo` runs it, on a small shop and short rounds."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_demo_checks_mends_and_measures_the_shop(tmp_path):
    arguments = ["--once", "--products=150", "--rounds=1", "--seconds=0.1"]
    finished = subprocess.run(
        [sys.executable, "-m", "examples.demo", f"--folder={tmp_path}", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    report = (tmp_path / "report.html").read_text()
    assert "PostgreSQL and Redis" in report
    assert "✓ Serving the mended shop on the components of Praxis" in finished.stdout
    assert report.count("<svg") == 4
    assert "ORM101 forward_relation_per_row" in (tmp_path / "check.txt").read_text()
    before, after = json.loads((tmp_path / "figures.json").read_text())["queries"]
    assert after < before / 3
    changed = (tmp_path / "mended" / "catalogue" / "views.py").read_text()
    assert "prefetch_related(" in changed
