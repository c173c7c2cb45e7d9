"""What is left when a process that started servers is killed: nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from praxis.embedded import watchdog

START = """
import json, os, sys, time
from praxis import embedded
{start}
print(json.dumps({{"pids": pids, "folder": str(folder)}}), flush=True)
time.sleep(600)
"""
REDIS = """
server = embedded.redis()
pids, folder = [server.pid], server._process.log.parent.parent
"""
POSTGRES = """
server = embedded.postgres()
pids, folder = [server.pid], server.data.parent
"""
PAUSED = POSTGRES + "server.pause()\n"
FORKED = REDIS + "if os.fork() == 0: time.sleep(15); os._exit(0)\n"


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(REDIS, marks=pytest.mark.redis, id="redis"),
        pytest.param(POSTGRES, marks=pytest.mark.postgres, id="postgres"),
        pytest.param(PAUSED, marks=pytest.mark.postgres, id="paused-postgres"),
        pytest.param(FORKED, marks=pytest.mark.redis, id="a-fork-holds-the-pipe"),
    ],
)
def test_leaves_nothing_when_the_parent_is_killed(start):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PRAXIS_")}
    with subprocess.Popen(
        [sys.executable, "-c", START.format(start=start)],
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    ) as parent:
        told = json.loads(parent.stdout.readline())
        below = {pid for pid in told["pids"] for pid in [pid, *watchdog.descendants(pid)]}
        segments = shared_memory_of(told["pids"])
        folder = Path(told["folder"])
        assert folder.exists()
        assert all(watchdog.is_alive(pid) for pid in below)
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
    wait_until(lambda: not folder.exists())
    wait_until(lambda: not any(watchdog.is_alive(pid) for pid in below))
    assert shared_memory_of(told["pids"]) == set()
    assert segments or start in {REDIS, FORKED}


def shared_memory_of(pids):
    """Return the System V segments made by these processes."""
    lines = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    return {line.split()[1] for line in lines if int(line.split()[4]) in pids}


def wait_until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
