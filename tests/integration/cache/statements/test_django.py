"""Whatever Django itself executes is recognised, on both databases."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from praxis import embedded
from praxis.cache.statements import Kind, analyse

ROOT = Path(__file__).parents[4]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request):
    if request.param == "sqlite":
        yield request.param, "sqlite:///:memory:"
    else:
        with embedded.postgres() as server:
            yield request.param, server.database("shelf").url


def texts(what, url, folder):
    """Each SQL text that Django executed."""
    out = folder / "texts.json"
    environment = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(ROOT / "src")}
    recording = [sys.executable, str(Path(__file__).with_name("recording.py"))]
    subprocess.run([*recording, what, str(out)], cwd=ROOT, env=environment, check=True, timeout=100)
    return json.loads(out.read_text())


@pytest.mark.slow
@pytest.mark.parametrize(("what", "least"), [("orm", 150), ("shop", 400)])
def test_recognises_what_django_executes(database, what, least, tmp_path):
    vendor, url = database
    executed = texts(what, url, tmp_path)
    assert len(executed) >= least
    found = {sql: analyse(sql, vendor) for sql in executed}
    assert [sql for sql, each in found.items() if each.kind is Kind.UNKNOWN] == []
    writing = [sql for sql, each in found.items() if each.kind is Kind.WRITE]
    assert [sql for sql in writing if not found[sql].writes and "TRUNCATE" not in sql] == []
