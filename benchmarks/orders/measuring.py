"""One way of doing it, in a process of its own: time, processor and memory."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.peers import beside

#: What the peers need besides what the project has.
PEERS = (
    "django-import-export==4.4.3",
    "tablib==3.10.0",
    "diff_match_patch==20241021",
    "django-postgres-copy==2.8.0",
    "django-bulk-load==1.4.3",
    "psycopg2-binary==2.9.11",
)
ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Measure:
    """
    What it cost.

    Attributes:
        wall_s: From the call to the last byte or row.
        cpu_s: Of the process; PostgreSQL's is not in it.
        peak_mb: How much more memory than before, at the worst moment.
        first_s: Until the first byte of an export.
        size_mb: Of what came out.
    """

    wall_s: float
    cpu_s: float
    peak_mb: float
    first_s: float = 0.0
    size_mb: float = 0.0


def configure(url: str, *, old_driver: bool = False) -> None:
    """Django's settings for the orders; with psycopg 2 if a peer knows nothing newer."""
    sys.path.append(str(beside("orders", PEERS)))
    if old_driver:
        sys.modules["psycopg"] = None  # type: ignore[assignment]
    from urllib.parse import unquote, urlsplit

    import django
    from django.conf import settings  # noqa: TID251 - the peers ask Django for their own

    parts = urlsplit(url)
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": parts.path[1:],
                "HOST": parts.hostname,
                "PORT": parts.port,
                "USER": unquote(parts.username or ""),
                "PASSWORD": unquote(parts.password or ""),
            }
        },
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "import_export",
            "praxis",
            "benchmarks.orders",
        ],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )
    django.setup()


def peak_mb() -> float:
    """The most memory that this process has had."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmHWM: this measures on Linux alone")


def measured(act: Callable[[], tuple[float, int]]) -> Measure:
    """Measure what returns when its first byte came, on the clock, and how many there were."""
    before, cpu, began = peak_mb(), time.process_time(), time.perf_counter()
    first, size = act()
    wall_s = time.perf_counter() - began
    return Measure(
        wall_s,
        time.process_time() - cpu,
        peak_mb() - before,
        first - began if first else 0.0,
        size / 1e6,
    )


def report(measure: Measure) -> None:
    """Tell the parent."""
    print(json.dumps(asdict(measure)))


def in_process(module: str, *arguments: object) -> Measure | str:
    """Run a way; where it fails, the last line of what it said."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["failed"])[-1][:100]
    return Measure(**json.loads(done.stdout.strip().splitlines()[-1]))


def in_turns(
    module: str, ways: Sequence[str], rounds: int, *arguments: object, before: Callable[[], Any]
) -> dict[str, Any]:
    """The median of each figure; the ways take turns, so that what else happens meets all."""
    found: dict[str, list[Measure]] = {way: [] for way in ways}
    failed: dict[str, str] = {}
    for _ in range(rounds):
        for way in ways:
            if way in failed:
                continue
            before()
            result = in_process(module, way, *arguments)
            if isinstance(result, str):
                failed[way] = result
                print(f"{way}: {result}", file=sys.stderr)
            else:
                found[way].append(result)
                print(f"{way}: {result.wall_s:.1f} s", file=sys.stderr)
    middle = {
        way: {
            name: median(getattr(each, name) for each in results)
            for name in ("wall_s", "cpu_s", "peak_mb", "first_s", "size_mb")
        }
        for way, results in found.items()
        if results
    }
    return {**middle, **{way: {"failed": why} for way, why in failed.items()}}
