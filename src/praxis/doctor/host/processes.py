"""One process, as ``/proc`` tells of it."""

import re
from dataclasses import dataclass
from pathlib import Path

#: What serves sites and runs tasks: the program's name in its command line.
_PROGRAMS = re.compile(
    r"(?:^|[/\s])(gunicorn|uvicorn|hypercorn|daphne|granian|uwsgi|celery|nginx)\b(?!\.conf)"
)
_RUNSERVER = re.compile(r"manage\.py\s+runserver|django(?:-admin)?\s+runserver")


@dataclass(frozen=True, slots=True)
class Process:
    """
    A running process.

    Attributes:
        program: ``"gunicorn"``, ``"celery"``, …; ``"runserver"``; empty for any other.
        command: Its command line.
        open_files: Files and connections open now; None where that may not be seen.
        most_open_files: How many it may open; None without a limit.
        memory_bytes: Its own part of the memory where the system tells it, else all it maps.
        swapped_bytes: What of it is on the disk.
    """

    pid: int
    parent: int
    program: str
    command: str
    open_files: int | None
    most_open_files: int | None
    memory_bytes: int
    swapped_bytes: int


def read_process(folder: Path) -> Process | None:
    """The process of a folder of ``/proc``; None if it has ended, or is one of the kernel's."""
    try:
        command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        status = _table((folder / "status").read_text("utf-8", "replace"))
        limits = (folder / "limits").read_text("utf-8", "replace")
    except OSError:
        return None
    if not command.strip():
        return None
    return Process(
        pid=int(folder.name),
        parent=int(status.get("PPid", "0")),
        program=_program(command),
        command=command.strip(),
        open_files=_open_files(folder),
        most_open_files=_most_open_files(limits),
        memory_bytes=_proportional_bytes(folder) or _bytes(status.get("VmRSS", "0")),
        swapped_bytes=_bytes(status.get("VmSwap", "0")),
    )


def _program(command: str) -> str:
    if _RUNSERVER.search(command):
        return "runserver"
    words = command.split()
    # The program, or the script or module that an interpreter runs; later words are arguments.
    match = _PROGRAMS.search(" ".join(words[:3]).rstrip(":"))
    return match[1] if match else ""


def _open_files(folder: Path) -> int | None:
    try:
        return sum(1 for _ in (folder / "fd").iterdir())
    except OSError:
        return None


def _most_open_files(limits: str) -> int | None:
    match = re.search(r"^Max open files\s+(\d+)", limits, re.MULTILINE)
    return int(match[1]) if match else None


def _proportional_bytes(folder: Path) -> int:
    """What forked workers share is counted once in all."""
    try:
        return _bytes(_table((folder / "smaps_rollup").read_text("utf-8")).get("Pss", "0"))
    except OSError:
        return 0


def _table(text: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in text.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _bytes(text: str) -> int:
    number = text.split(maxsplit=1)[0] if text.split() else "0"
    return int(number) * 1024 if number.isdecimal() else 0
