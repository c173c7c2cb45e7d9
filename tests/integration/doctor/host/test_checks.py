import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from praxis.doctor import Target
from praxis.embedded.readiness import wait_until
from tests.integration.doctor.asking import ask

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

APPLICATION = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""


@pytest.fixture
def target():
    """The processes that this test starts and names; other tests run servers here, too."""
    return Target(server="host", where="this machine", parameters={"ancestor": -1})


@pytest.fixture
def gunicorn(tmp_path, target):
    """Starts a real gunicorn and waits for its workers."""
    (tmp_path / "served.py").write_text(APPLICATION)
    running = []

    def start(workers, open_files=4096):
        process = subprocess.Popen(
            ["sh", "-c", f'ulimit -S -n {open_files}; exec "$@"', "sh",
             sys.executable, "-m", "gunicorn", "served:application", "--bind", "127.0.0.1:0",
             "--workers", str(workers), "--log-level", "critical"],
            cwd=tmp_path,
        )  # fmt: skip
        running.append(process)
        target.parameters["ancestor"] = process.pid
        wait_until(
            lambda: len(children_of(process.pid)) == workers, what="the workers", timeout_s=30
        )
        return process

    yield start
    for process in running:
        process.terminate()
        process.wait()


def test_few_open_files(gunicorn, target):
    process = gunicorn(2, open_files=256)
    [finding] = ask("open_files", target)
    assert "gunicorn: 3 of 3 processes may open 256 files" in finding.message
    for pid in (process.pid, *children_of(process.pid)):
        _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (hard, hard))  # as LimitNOFILE does
    assert ask("open_files", target) == []


def children_of(pid):
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_more_workers_than_the_cores_can_run(gunicorn, target):
    cores = len(os.sched_getaffinity(0))
    gunicorn(4 * cores + 2)
    [finding] = ask("worker_counts", target)
    assert f"{4 * cores + 2} workers take turns on {cores} cores" in finding.message


def test_one_worker_on_several_cores(gunicorn, target):
    if len(os.sched_getaffinity(0)) == 1:
        pytest.skip("this machine has one core")
    gunicorn(1)
    [finding] = ask("worker_counts", target)
    assert "one worker uses one of" in finding.message


def test_as_many_workers_as_is_advised(gunicorn, target):
    gunicorn(2 * len(os.sched_getaffinity(0)) + 1)
    assert ask("worker_counts", target) == []


def test_memory(gunicorn, target):
    gunicorn(2)
    assert ask("process_memory", target) == []
    [finding] = ask("process_memory", target, process_memory_share=1e-6)
    assert "gunicorn" in dict(finding.evidence)


def test_the_development_server(tmp_path, target):
    (tmp_path / "manage.py").write_text("print('up', flush=True); input()")
    assert ask("development_servers", target) == []
    process = subprocess.Popen(
        [sys.executable, "manage.py", "runserver"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        process.stdout.readline()
        target.parameters["ancestor"] = process.pid
        [finding] = ask("development_servers", target)
        assert "manage.py runserver" in finding.evidence[0][1]
        process.kill()
