import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from praxis.embedded import watchdog

# Starts a child, says its number, and waits; Python, so that it is the same everywhere.
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
"""
#: Its first thread ends, as one of a killed server's may before the others.
HEADLESS = """
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(600,)).start()
print("ready", flush=True)
ctypes.CDLL(None).pthread_exit(None)
"""
FORGETFUL = """
import signal, sys, time
asked = []
def end(*_):
    asked.append(1)
    if len(asked) == 2:
        sys.exit(3)
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
time.sleep(600)
"""


@pytest.fixture
def family():
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        child = int(parent.stdout.readline())
        yield parent, child
        watchdog.signal_process(parent.pid, signal.SIGKILL)
        watchdog.signal_process(child, signal.SIGKILL)


def state(pid):
    return watchdog._stat(pid)[0]


def wait_for_state(pid, expected):
    deadline = time.monotonic() + 10
    while state(pid) not in expected:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_knows_a_process_and_its_descendants(family):
    parent, child = family
    assert child in watchdog.descendants(parent.pid)
    assert parent.pid in watchdog.descendants(os.getpid())


def test_reads_parents_from_ps_where_there_is_no_proc(family, monkeypatch):
    parent, child = family
    listing = f"  1     0\n{parent.pid} 1\n{child} {parent.pid}\n"
    monkeypatch.setattr(watchdog, "HAS_PROC", False)
    monkeypatch.setattr(
        subprocess, "run", lambda argv, **_: subprocess.CompletedProcess(argv, 0, listing, "")
    )
    assert watchdog.descendants(parent.pid) == [child]


def test_pauses_and_resumes_a_whole_tree(family):
    parent, child = family
    watchdog.pause_tree(parent.pid)
    for pid in (parent.pid, child):
        wait_for_state(pid, "T")
    watchdog.resume_tree(parent.pid)
    for pid in (parent.pid, child):
        wait_for_state(pid, "SR")


def test_kills_a_whole_tree(family):
    parent, child = family
    watchdog.kill_tree(parent.pid)
    assert parent.wait() == -signal.SIGKILL
    assert not watchdog.is_alive(child)


def test_does_not_count_a_process_that_nobody_has_reaped(family):
    parent, _ = family
    parent.kill()
    wait_for_state(parent.pid, "Z")
    assert not watchdog.is_alive(parent.pid)


@pytest.mark.skipif(not watchdog.HAS_PROC, reason="tells threads by /proc")
def test_counts_a_process_whose_other_threads_still_hold_its_files():
    with subprocess.Popen([sys.executable, "-c", HEADLESS], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        wait_for_state(process.pid, "Z")
        assert watchdog.is_alive(process.pid)
        watchdog.kill_tree(process.pid)
        assert not watchdog.is_alive(process.pid)


def test_signals_a_process_that_has_ended_without_complaint(family):
    parent, _ = family
    parent.kill()
    parent.wait()
    watchdog.signal_process(parent.pid, signal.SIGTERM)
    assert not watchdog.is_alive(parent.pid)


def test_asks_again_a_process_that_refused_at_first():
    with subprocess.Popen([sys.executable, "-c", FORGETFUL], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        assert watchdog.stop_tree(process.pid, signal.SIGTERM, timeout_s=20)
        assert process.wait() == 3


def test_kills_what_does_not_end_when_it_is_told_to():
    with subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        assert not watchdog.stop_tree(process.pid, signal.SIGTERM, timeout_s=0.1)
        assert process.wait() == -signal.SIGKILL


@pytest.mark.parametrize("text", ["", "1\n2\n3\n", "1\n2\n3\n4\n5\n6\nno numbers here\n8\n"])
def test_frees_no_memory_that_the_file_does_not_name(tmp_path, monkeypatch, text):
    monkeypatch.setattr(watchdog.ctypes, "CDLL", None)  # calling it would fail
    watchdog.release_shared_memory(tmp_path / "no such file")
    (tmp_path / "postmaster.pid").write_text(text)
    watchdog.release_shared_memory(tmp_path / "postmaster.pid")


@pytest.fixture
def talk(monkeypatch, tmp_path):
    """Run `watchdog.serve` on given input, in this process; return its answers."""

    def talk(requests, remove=None, parent_pid=None):
        answers = []
        read_end, write_end = os.pipe()
        os.write(write_end, requests)
        os.close(write_end)
        monkeypatch.setattr(watchdog, "_answer", answers.append)
        read = os.read
        monkeypatch.setattr(os, "read", lambda fd, n: read(fd or read_end, n))
        monkeypatch.setattr(
            watchdog.select,
            "select",
            lambda _r, w, x, timeout, select=watchdog.select.select: select(
                [read_end], w, x, timeout
            ),
        )
        try:
            watchdog.serve(parent_pid or os.getppid(), remove)
        finally:
            os.close(read_end)
        return answers

    return talk


def start_request(tmp_path, *argv, **changes):
    request = {
        "do": "start",
        "argv": argv,
        "cwd": str(tmp_path),
        "env": {},
        "user": None,
        "group": None,
        "log": str(tmp_path / "log"),
        "stop": int(signal.SIGTERM),
        "stop_timeout_s": 10,
        "pid_file": None,
    }
    return json.dumps({**request, **changes}).encode() + b"\n"


def test_stops_what_it_started_and_removes_the_folder_when_the_pipe_closes(talk, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    sleep = start_request(folder, sys.executable, "-c", "import time; time.sleep(600)")
    [answer] = talk(sleep, folder)
    assert not watchdog.is_alive(answer["pid"])
    assert not folder.exists()


def test_stops_when_it_is_told_to_close_and_keeps_a_folder_that_is_not_its_own(talk, tmp_path):
    sleep = start_request(tmp_path, sys.executable, "-c", "import time; time.sleep(600)")
    [answer] = talk(sleep + b'{"do": "close"}\n' + sleep)
    assert not watchdog.is_alive(answer["pid"])
    assert (tmp_path / "log").exists()


def test_stops_when_its_parent_is_another(talk, tmp_path):
    assert talk(start_request(tmp_path, sys.executable), parent_pid=-1) == []


def test_answers_with_the_reason_when_a_program_does_not_start(talk, tmp_path):
    [answer] = talk(start_request(tmp_path, str(tmp_path / "nothing here")))
    assert "No such file" in answer["error"]


def test_answers_one_line_of_json(monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr(os, "write", lambda _, data: written.write(data))
    watchdog._answer({"pid": 1})
    assert written.getvalue() == b'{"pid": 1}\n'


def test_needs_nothing_but_the_standard_library():
    finished = subprocess.run(
        [sys.executable, "-I", "-S", watchdog.__file__, str(os.getpid())],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    assert Path(watchdog.__file__).name == "watchdog.py"
