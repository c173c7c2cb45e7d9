import os
import signal
import threading

import pytest

from praxis.audit.fixing.command import TAIL_LINES, run_command


def test_tells_how_the_command_ended(tmp_path):
    assert run_command("true", tmp_path).passed
    failed = run_command("echo no; echo sorry >&2; exit 3", tmp_path)
    assert not failed.passed
    assert failed.ending == "ended with exit code 3"
    assert failed.tail == "no\nsorry"


def test_runs_in_the_folder_without_input(tmp_path):
    assert run_command("pwd; cat", tmp_path.resolve()).tail == str(tmp_path.resolve())


def test_keeps_the_last_lines_alone(tmp_path):
    tail = run_command("for i in $(seq 1000); do echo $i; done; exit 1", tmp_path).tail
    assert tail.splitlines() == [str(number) for number in range(1001 - TAIL_LINES, 1001)]


def test_shows_the_output_as_it_comes(tmp_path):
    shown = []
    outcome = run_command("echo one; echo two", tmp_path, stream=shown.append)
    assert "".join(shown) == "one\ntwo\n" == f"{outcome.tail}\n"


def test_a_command_that_takes_too_long_has_failed_and_is_ended_with_its_children(tmp_path):
    os.mkfifo(tmp_path / "held")
    reader = threading.Thread(target=(tmp_path / "held").read_bytes)  # until nobody holds it open
    reader.start()
    outcome = run_command("sleep 60 > held & wait", tmp_path, timeout_s=0.5)
    reader.join(30)
    assert not reader.is_alive()
    assert not outcome.passed
    assert outcome.ending == "did not end within 0.5 s"


def test_names_the_signal_that_ended_it(tmp_path):
    assert run_command("kill -SEGV $$", tmp_path).ending == "was ended by SIGSEGV"


def test_bytes_that_are_no_text_do_no_harm(tmp_path):
    assert "\ufffd" in run_command("printf '\\377\\n'; exit 1", tmp_path).tail


def test_ctrl_c_ends_the_command(tmp_path):
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            run_command("echo $$ > pid; exec sleep 60", tmp_path)
    finally:
        timer.join()
    pid = int((tmp_path / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
