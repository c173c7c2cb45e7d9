"""What a result was measured on, and where it is kept."""

import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
#: Peers, downloads and caches of the benchmarks; nothing of it is committed.
SCRATCH = Path(__file__).parent.parent / "build" / "bench"


def describe() -> dict[str, Any]:
    """The machine and the interpreter."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count(),
        "load_1_min": round(os.getloadavg()[0], 1),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def save(subject: str, result: dict[str, Any], table: str) -> Path:
    """Write the figures as JSON and the table as Markdown; the JSON's path."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{subject}.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(table, encoding="utf-8")
    return path
