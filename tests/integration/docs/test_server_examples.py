"""Every example of the guide to the servers, run as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "guides" / "servers.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def example(text):
    (found,) = [code for code in EXAMPLES if text in code]
    return found


def run(code, folder, *command):
    file = folder / "test_example.py"
    file.write_text(code, encoding="utf-8")
    own = {name: value for name, value in os.environ.items() if not name.startswith("PRAXIS_")}
    done = subprocess.run(
        [sys.executable, *command, str(file)], capture_output=True, text=True, env=own, cwd=folder
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_no_example_is_left_out():
    assert len(EXAMPLES) == 4


@pytest.mark.redis
@pytest.mark.postgres
def test_fixtures(redis_server, postgres_server, tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    printed = run(example("postgres_database"), tmp_path, "-m", "pytest", "-q", "-p", "no:django")
    assert "2 passed" in printed


@pytest.mark.redis
def test_one_server(redis_server, tmp_path):
    assert run(example("greeting"), tmp_path) == "hello\n"


@pytest.mark.postgres
def test_a_replica_that_lags(postgres_server, tmp_path):
    printed = run(example("replay_delay_s"), tmp_path)
    assert printed == "at once 0, after the delay 1\n"


@pytest.mark.redis
def test_a_network_that_fails(redis_server, tmp_path):
    assert run(example("black_hole"), tmp_path) == "no answer within half a second\nb'3'\n"
