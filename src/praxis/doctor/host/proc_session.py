"""Looks at the processes of this machine, in ``/proc``; nothing is signalled or traced."""

import os
from collections.abc import Iterator
from pathlib import Path

from praxis.doctor.host.processes import Process, read_process
from praxis.doctor.limits import Limits
from praxis.doctor.site import Site
from praxis.doctor.targets import Target
from praxis.errors import UnreachableError


class Machine:
    """
    The machine, and the processes that serve sites and run tasks on it.

    Attributes:
        cores: That this process may use, and so the others in its container.
        memory_bytes: Of the machine, or what the container may use.
        servers: The processes, each with its parent.
    """

    is_broken = False

    def __init__(self, target: Target, limits: Limits, *, root: Path) -> None:
        self.target, self.limits = target, limits
        self.cores = len(os.sched_getaffinity(0))
        self.memory_bytes = min(_machine_bytes(root), _container_bytes())
        found = {process.pid: process for process in _processes(root)}
        ancestor = target.parameters.get("ancestor")  # these alone, where others are at work too
        self.servers = [
            process
            for process in found.values()
            if process.program and (ancestor is None or _is_below(process, ancestor, found))
        ]

    def abort(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """Nothing is open."""


def connect(target: Target, site: Site, limits: Limits, *, budget_s: float) -> Machine:
    """
    Read what there is.

    Raises:
        UnreachableError: where there is no ``/proc``.
    """
    del site, budget_s
    root = Path("/proc")
    if not (root / "self/status").exists():
        raise UnreachableError("there is no /proc here: the processes of Linux alone can be seen")
    return Machine(target, limits, root=root)


def _processes(root: Path) -> Iterator[Process]:
    for folder in root.iterdir():
        if folder.name.isdecimal():
            process = read_process(folder)
            if process is not None:
                yield process


def _is_below(process: Process, ancestor: int, found: dict[int, Process]) -> bool:
    above: Process | None = process
    while above is not None and above.pid != ancestor:
        above = found.get(above.parent)
    return above is not None


def _machine_bytes(root: Path) -> int:
    for line in (root / "meminfo").read_text("utf-8").splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) * 1024
    return 1 << 62


def _container_bytes() -> int:
    try:
        text = Path("/sys/fs/cgroup/memory.max").read_text("utf-8").strip()
    except OSError:
        return 1 << 62
    return int(text) if text.isdecimal() else 1 << 62
