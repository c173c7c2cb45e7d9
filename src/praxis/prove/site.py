"""One version of a site, served by gunicorn on a free port of this machine."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from praxis.errors import MeasureError
from praxis.prove.counting import VARIABLE

START_TIMEOUT_S = 60
_POLL_S = 0.05


class Site:
    """
    A running site; a context manager that starts and stops it.

    Args:
        name: How reports call this version.
        folder: Where ``manage.py`` stands.
        wsgi: ``"package.wsgi:application"``.
        environment: Added to this process' environment variables.
        workers: Processes; at least 1.
        threads: Threads in each; at least 1.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        wsgi: str,
        *,
        environment: Mapping[str, str] | None = None,
        workers: int = 2,
        threads: int = 2,
    ) -> None:
        self.name, self.folder = name, folder
        self._wsgi, self._environment = wsgi, dict(environment or {})
        self._workers, self._threads = workers, threads
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """The address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """
        Start gunicorn and wait until it answers.

        Raises:
            MeasureError: if it does not within a minute; the message ends with its log.
        """
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop()
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own arguments
            [
                *(sys.executable, "-m", "gunicorn", "praxis.prove.counting:application"),
                *("--bind", "127.0.0.1:0", "--worker-class", "gthread"),
                *("--workers", str(self._workers), "--threads", str(self._threads)),
                *("--keep-alive", "30", "--log-level", "info", "--no-control-socket"),
            ],
            cwd=self.folder,
            env=os.environ | self._environment | {VARIABLE: self._wsgi, "PYTHONUNBUFFERED": "1"},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def _wait(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise MeasureError(f"{self.name}: gunicorn ended by itself.\n{self.log()}")
            self.port = self.port or self._bound_port()
            if self.port and self._answers():
                return
            time.sleep(_POLL_S)
        raise MeasureError(
            f"{self.name}: no answer within {START_TIMEOUT_S} s from {self.folder}.\n{self.log()}"
        )

    def _bound_port(self) -> int:
        """The port that the system chose, as gunicorn's log tells it; 0 until it does."""
        _, found, rest = self.log().partition("Listening at: http://127.0.0.1:")
        digits = rest.partition(" ")[0]
        return int(digits) if found and digits.isdigit() else 0

    def _answers(self) -> bool:
        try:
            with urlopen(self.url, timeout=5):  # noqa: S310 - our own http address
                return True
        except HTTPError as error:
            error.close()
            return True
        except (URLError, TimeoutError, ConnectionError):
            return False

    def log(self, last_chars: int = 4000) -> str:
        """The end of what gunicorn and the site have printed."""
        if self._log is None:
            return ""
        self._log.flush()
        position = os.pread(self._log.fileno(), 1 << 20, 0)
        return position.decode(errors="replace")[-last_chars:]

    def stop(self) -> None:
        """Stop it; nothing happens where it does not run."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._log is not None:
            self._log.close()
            self._log = None
        self.port = 0
