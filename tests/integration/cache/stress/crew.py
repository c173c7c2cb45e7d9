"""The workers of the stress test, as the test sees them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.integration.cache.stress.board import COUNTS, Board

ROOT = Path(__file__).parents[4]


class Crew:
    """
    Writers and readers, in processes of their own; a context manager that ends them.

    Args:
        folder: Of the test.
        plan: How many there are.
    """

    def __init__(self, folder, plan):
        self.folder = folder
        self.writers, self.readers = plan["writers"], plan["readers"]
        self.near_readers = plan["near_readers"]
        self.board = Board(folder / "board", self.writers, self.readers)
        self.roles = [("writer", n) for n in range(self.writers)]
        self.roles += [("reader", n) for n in range(self.readers)]
        environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        self._nursery = subprocess.Popen(
            [sys.executable, "-W", "error::RuntimeWarning",
             "-m", "tests.integration.cache.stress.worker", str(folder)],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        self._pids = {role: self._begin(*role) for role in self.roles}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for pid in self._pids.values():
            self._end(pid)
        self._nursery.stdin.close()
        self._nursery.stdout.close()
        self._nursery.wait()

    def _begin(self, role, number):
        self._nursery.stdin.write(f"{role} {number}\n")
        self._nursery.stdin.flush()
        return int(self._nursery.stdout.readline())

    def _end(self, pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def kill(self, role, number):
        """Kill one of them; another one takes its place at once."""
        self._end(self._pids[role, number])
        self._pids[role, number] = self._begin(role, number)

    def freeze(self, role, number):
        """Stop one of them where it is, until `thaw`."""
        os.kill(self._pids[role, number], signal.SIGSTOP)

    def thaw(self, role, number):
        os.kill(self._pids[role, number], signal.SIGCONT)

    def go(self):
        """Let them begin when the last one is ready."""
        self._wait_for("ready")
        (self.folder / "go").touch()

    def stop(self):
        """Let them end."""
        (self.folder / "stop").touch()
        self._wait_for("done")

    def _wait_for(self, what):
        deadline_s = time.monotonic() + 90
        while not all((self.folder / f"{what}-{r}-{n}").exists() for r, n in self.roles):
            self.check()
            assert time.monotonic() < deadline_s, f"not all are {what}"
            time.sleep(0.01)

    def check(self):
        """Fail if one of them has."""
        for failed in self.folder.glob("failed-*"):
            raise AssertionError(failed.read_text())

    def told(self):
        """What all of them have counted, and examples of what was wrong."""
        examples = [path.read_text() for path in sorted(self.folder.glob("wrong-*"))]
        told = {name: self.board.total(name) for name in COUNTS} | {"examples": examples}
        processes = range(self.writers, self.writers + self.readers)
        readers = [self.board.counts(process) for process in processes]
        told["sent"] = sum(each["sent"] for each in readers)
        told["asked_near"] = sum(each["asked"] for each in readers[-self.near_readers :])
        return told
