"""Running the user's own check, usually a test suite, over the mended project."""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

#: How much of the end of the output is kept.
TAIL_LINES = 20
_TAIL_BYTES = 20_000
_POLL_S = 0.05
_GRACE_S = 5.0

Stream = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run of the command ended; *tail* is the end of what it wrote."""

    passed: bool
    ending: str
    tail: str
    duration_s: float


def run_command(
    command: str, folder: Path, *, timeout_s: float | None = None, stream: Stream | None = None
) -> Outcome:
    """
    Run *command* in a shell in *folder*, without input.

    Args:
        command: As the shell takes it.
        folder: Where it runs.
        timeout_s: It is ended after so long, with everything that it started, and has failed.
        stream: Called with its output as it comes.
    """
    started = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(  # noqa: S602 - the user's own command line, theirs to write
            command,
            shell=True,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that it can be ended with all that it started
        )
        try:
            in_time = _wait(process, started, timeout_s, output, stream)
        except BaseException:
            _end(process)
            raise
        if not in_time:
            _end(process)
        duration_s = time.monotonic() - started
        if not in_time:
            ending = f"did not end within {timeout_s:g} s"
        elif process.returncode < 0:
            ending = f"was ended by {signal.Signals(-process.returncode).name}"
        else:
            ending = f"ended with exit code {process.returncode}"
        return Outcome(in_time and process.returncode == 0, ending, _tail(output), duration_s)


def _wait(
    process: "subprocess.Popen[bytes]",
    started: float,
    timeout_s: float | None,
    output: IO[bytes],
    stream: Stream | None,
) -> bool:
    """Whether the process ended in time; its output goes to *stream* meanwhile."""
    position = 0
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_POLL_S)
        if stream is not None:
            text = os.pread(output.fileno(), _TAIL_BYTES, position)
            while text:
                stream(text.decode("utf-8", "replace"))
                position += len(text)
                text = os.pread(output.fileno(), _TAIL_BYTES, position)
        if process.returncode is not None:
            return True
        if timeout_s is not None and time.monotonic() - started > timeout_s:
            return False


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the process and what it started: kindly first, as test databases want to be removed."""
    for number, patience_s in ((signal.SIGTERM, _GRACE_S), (signal.SIGKILL, None)):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience_s)


def _tail(output: IO[bytes]) -> str:
    size_bytes = output.seek(0, os.SEEK_END)
    output.seek(max(0, size_bytes - _TAIL_BYTES))
    lines = output.read().decode("utf-8", "replace").splitlines()
    return "\n".join(lines[-TAIL_LINES:])
