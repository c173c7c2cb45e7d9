"""
Start servers for a parent process and stop them when it is gone, however it went.

Runs as a script of its own (standard library only, nothing of Praxis imported): it is the
parent of the servers, so none can be started behind its back, and it notices the end of its
own parent by the pipe that closes and by its parent's number that changes. The second covers
a parent that was killed while a forked child of it still holds the pipe open.

The functions on process trees are also what ``processes.py`` uses on the other side.
"""

import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

POLL_S = 0.01
ASK_AGAIN_S = 0.5
PARENT_POLL_S = 0.5  # the pipe tells at once; this is for parents whose forks keep it open
IPC_RMID = 0
HAS_PROC = Path("/proc/self/stat").exists()


def is_alive(pid: int) -> bool:
    """Tell whether the process runs, as whatever user; one that nobody has reaped does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    # Orphans stay zombies where the container's first process reaps nobody. Of a process that was
    # killed the first thread may be one while others still hold its files, and its port.
    try:
        return _stat(pid)[0] != "Z" or len(os.listdir(f"/proc/{pid}/task")) > 1  # noqa: PTH208 - names only
    except OSError:
        return not HAS_PROC


def _stat(pid: int) -> list[str]:
    """Return the fields of ``/proc/PID/stat`` from the third, the state, on."""
    stat = Path("/proc", str(pid), "stat").read_text(encoding="utf-8", errors="replace")
    # The name in parentheses may hold anything, parentheses included: count from its end.
    return stat.rpartition(")")[2].split()


def signal_process(pid: int, number: int) -> None:
    """Send a signal; a process that has ended already is no error."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def parents() -> dict[int, int]:
    """Return each process's parent, from ``/proc`` or, where there is none, from ``ps``."""
    found: dict[int, int] = {}
    if not HAS_PROC:
        listing = subprocess.run(
            ["/bin/ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True
        ).stdout
        for line in listing.splitlines():
            pid, parent = line.split()
            found[int(pid)] = int(parent)
        return found
    for entry in os.listdir("/proc"):  # noqa: PTH208 - names only, and there may be thousands
        if not entry.isdigit():
            continue
        try:
            found[int(entry)] = int(_stat(int(entry))[1])
        except OSError:
            continue  # it ended between the listing and the reading
    return found


def descendants(pid: int) -> list[int]:
    """Return the children of *pid*, their children and so on, parents first."""
    children: dict[int, list[int]] = {}
    for child, parent in parents().items():
        children.setdefault(parent, []).append(child)
    found: list[int] = []
    queue = [pid]
    while queue:
        offspring = children.get(queue.pop(), [])
        found.extend(offspring)
        queue.extend(offspring)
    return found


def pause_tree(pid: int) -> list[int]:
    """Stop *pid* and all its descendants where they are; return the descendants."""
    signal_process(pid, signal.SIGSTOP)  # first: a stopped process starts no more children
    below = descendants(pid)
    for child in below:
        signal_process(child, signal.SIGSTOP)
    return below


def resume_tree(pid: int) -> None:
    """Let *pid* and its descendants go on."""
    for child in reversed(descendants(pid)):
        signal_process(child, signal.SIGCONT)
    signal_process(pid, signal.SIGCONT)


def kill_tree(pid: int, pid_file: Path | None = None) -> None:
    """
    SIGKILL *pid* and its descendants, and free what PostgreSQL leaves in the kernel then.

    Args:
        pid: The server's main process.
        pid_file: A ``postmaster.pid``, whose seventh line names the shared memory segment.
    """
    below = pause_tree(pid)
    for process in (pid, *below):
        signal_process(process, signal.SIGKILL)
    for process in (pid, *below):
        wait_until_gone(process, timeout_s=10.0)
    if pid_file is not None:
        release_shared_memory(pid_file)


def release_shared_memory(pid_file: Path) -> None:
    """Remove the System V segment that a killed PostgreSQL names in its ``postmaster.pid``."""
    try:
        lines = pid_file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return  # a clean stop: it took the segment with it
    if len(lines) < 7 or len(lines[6].split()) != 2:
        return  # killed before it had made one
    segment = int(lines[6].split()[1])
    ctypes.CDLL(None, use_errno=True).shmctl(segment, IPC_RMID, None)


def wait_until_gone(pid: int, *, timeout_s: float) -> bool:
    """Wait for the process to end; False when it is still there after *timeout_s*."""
    deadline = time.monotonic() + timeout_s
    while is_alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def stop_tree(pid: int, number: int, *, timeout_s: float, pid_file: Path | None = None) -> bool:
    """
    Ask *pid* to end with a signal; kill it and tell False when it does not in time.

    Asks again and again: a Redis that is writing its first log file refuses to end and forgets
    that it was asked. Neither Redis (SIGTERM) nor PostgreSQL minds being asked twice.
    """
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        signal_process(pid, number)
        resume_tree(pid)  # a paused server would take the signal only when it is resumed
        if wait_until_gone(pid, timeout_s=min(ASK_AGAIN_S, timeout_s)):
            return True
    kill_tree(pid, pid_file)
    return False


def serve(parent_pid: int, remove: Path | None) -> None:
    """Answer requests on standard input until it closes or the parent is gone; then clean up."""
    started: list[tuple[int, dict[str, Any]]] = []
    pending = b""
    while os.getppid() == parent_pid:
        if not select.select([0], [], [], PARENT_POLL_S)[0]:
            continue
        chunk = os.read(0, 65536)
        if not chunk:
            break
        pending += chunk
        *requests, pending = pending.split(b"\n")
        for request in map(json.loads, requests):
            if request["do"] == "close":
                _stop_all(started, remove)
                return
            _answer(_start(request, started))
    _stop_all(started, remove)


def _start(request: dict[str, Any], started: list[tuple[int, dict[str, Any]]]) -> dict[str, Any]:
    user: dict[str, Any] = {}
    if request["user"] is not None:
        user = {"user": request["user"], "group": request["group"], "extra_groups": []}
    try:
        with Path(request["log"]).open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - the parent's own command
                request["argv"],
                cwd=request["cwd"],
                env=request["env"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C in a terminal reaches the whole group: the parent decides, not the tty.
                start_new_session=True,
                umask=0o077,
                **user,
            )
    except OSError as error:
        return {"error": str(error)}
    # Reap at once, so that "no such process" means "ended" to whoever asks.
    threading.Thread(target=process.wait, daemon=True).start()
    started.append((process.pid, request))
    return {"pid": process.pid}


def _answer(reply: dict[str, Any]) -> None:
    os.write(1, json.dumps(reply).encode() + b"\n")


def _stop_all(started: list[tuple[int, dict[str, Any]]], remove: Path | None) -> None:
    running = [(pid, request) for pid, request in reversed(started) if is_alive(pid)]
    for pid, request in running:  # all at once, so that they stop side by side
        signal_process(pid, request["stop"])
        resume_tree(pid)
    for pid, request in running:
        pid_file = Path(request["pid_file"]) if request["pid_file"] else None
        stop_tree(pid, request["stop"], timeout_s=request["stop_timeout_s"], pid_file=pid_file)
    if remove is not None:
        shutil.rmtree(remove, ignore_errors=True)


def main(arguments: list[str]) -> None:
    """Run: ``watchdog.py PARENT-PID [FOLDER-TO-REMOVE]``."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # It goes when its parent goes, not before. Not SIG_IGN: servers would inherit that.
        signal.signal(number, lambda _number, _frame: None)
    serve(int(arguments[0]), Path(arguments[1]) if len(arguments) > 1 else None)


if __name__ == "__main__":
    main(sys.argv[1:])
