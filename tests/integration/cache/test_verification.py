"""What is written past Django is found out by comparing hits with the database."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from praxis import embedded

ROOT = Path(__file__).parents[3]


@pytest.mark.redis
def test_a_stale_entry_is_told_of_and_neither_served_nor_kept(tmp_path):
    with embedded.redis() as server:
        command = [sys.executable, "-m", "tests.integration.cache.verifying"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        result = subprocess.run(
            [*command, server.url, str(tmp_path / "library.sqlite3")],
            cwd=ROOT, env=environment, capture_output=True, text=True,
        )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "lacked 1 rows" in result.stderr
    found = json.loads(result.stdout)
    for what, seen in found.items():
        new = f"new {what}"
        expected = {"get": new}.get(what, [new])
        stale = {"get": "old", "list": ["new get"], "parts": ["old"]}[what]
        assert seen == {
            "served": stale,
            "compared": expected,
            "told": [["default", 1, 1]],
            "afterwards": expected,
        }, what
