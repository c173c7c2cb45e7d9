"""Running a command and reading what it cost: CPU of it and its children, wall time, memory."""

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

_POLL_S = 0.02
#: Compiled files are kept, as an installer keeps them, whatever the machine is set to.
_ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run cost; memory is of all its processes together, at the worst moment."""

    cpu_s: float
    wall_s: float
    peak_mb: float
    output: str
    exit_code: int


def run(
    command: Sequence[str | Path], *, folder: Path, environment: Mapping[str, str] | None = None
) -> Cost:
    """
    Run *command* once.

    Memory is the sum of the proportional set sizes of the process and its descendants, read
    every 20 ms; so pages that forked workers share count once. Linux only.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        list(map(str, command)),
        cwd=folder,
        env=_ENVIRONMENT | dict(environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    peak = [0]
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(process.pid, peak, ended))
    watcher.start()
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    ended.set()
    watcher.join()
    process.stdout.close()
    peak_kb = max(peak[0], usage.ru_maxrss)
    return Cost(
        usage.ru_utime + usage.ru_stime,
        wall_s,
        peak_kb / 1024,
        output.decode(errors="replace"),
        process.returncode,
    )


def middle(costs: Sequence[Cost]) -> Cost:
    """The median of each figure; output and exit code of the last run."""
    return Cost(
        median(cost.cpu_s for cost in costs),
        median(cost.wall_s for cost in costs),
        median(cost.peak_mb for cost in costs),
        costs[-1].output,
        costs[-1].exit_code,
    )


def _watch(pid: int, peak: list[int], ended: threading.Event) -> None:
    while not ended.wait(_POLL_S):
        peak[0] = max(peak[0], sum(_proportional_kb(each) for each in _family(pid)))


def _family(pid: int) -> list[int]:
    found, waiting = [pid], [pid]
    while waiting:
        parent = waiting.pop()
        try:
            children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii")
        except OSError:
            continue
        born = [int(child) for child in children.split()]
        found += born
        waiting += born
    return found


def _proportional_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
