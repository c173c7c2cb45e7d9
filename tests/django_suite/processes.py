"""Some of Django's test modules, run in a process of their own."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.django_suite.modes import Mode
from tests.django_suite.run import Run

_ROOT = Path(__file__).parents[2]
_TIMEOUT_S = 1800


def run(
    labels: Sequence[str], mode: Mode, tests: Path, databases: dict[str, Any], redis_url: str
) -> dict[str, Run]:
    """
    Run the modules, and answer with what became of each.

    Args:
        labels: The names of modules, or longer ones of tests in them.
        mode: How.
        tests: The folder of Django's tests.
        databases: The setting of this name; nothing else may use them meanwhile.
        redis_url: Of a server that is empty; nothing else may use it meanwhile.

    Where the process ends without a report, each module is a run with one failure.
    """
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.json"
        order = _order(mode, databases, redis_url, report)
        said = _execute(labels, tests, order)
        if report.exists():
            found = json.loads(report.read_text(encoding="utf-8"))
            return {module: Run(**one) for module, one in found.items()}
    names = {label.partition(".")[0] for label in labels}
    return {name: Run(failures={f"{name} as a whole": said}) for name in names}


def _order(mode: Mode, databases: dict[str, Any], redis_url: str, report: Path) -> dict[str, Any]:
    """What the settings and the runner within the process go by."""
    cache = {"models": {"*": {}}, "verify_share": mode.verify_share} if mode.cached else {}
    return {
        "databases": databases,
        "praxis": {"cache": cache, "redis": {"url": redis_url, "timeout_s": 10.0}},
        "commits": mode.commits,
        "replays": mode.replays,
        "echoes": mode.echoes,
        "session_engine": mode.session_engine,
        "report": str(report),
    }


def _execute(labels: Sequence[str], tests: Path, order: dict[str, Any]) -> str:
    """Run the tests and answer with the end of what was printed."""
    environment = {
        **os.environ,
        "PRAXIS_DJANGO_SUITE": json.dumps(order),
        "PYTHONPATH": os.pathsep.join([str(_ROOT / "src"), str(_ROOT)]),
    }
    command = [sys.executable, str(tests / "runtests.py"), "--noinput", "--parallel=1",
               "--verbosity=0", "--settings=tests.django_suite.settings", *labels]  # fmt: skip
    try:
        result = subprocess.run(
            command, cwd=tests, env=environment, capture_output=True, text=True, timeout=_TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        return f"It took more than {_TIMEOUT_S} s."
    return result.stdout[-1000:] + result.stderr[-3000:]
