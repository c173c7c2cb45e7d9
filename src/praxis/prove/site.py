"""A site, served on a free port of this machine."""

import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from praxis.embedded.processes import Household, ServerProcess
from praxis.errors import MeasureError
from praxis.prove.counting import VARIABLE

START_TIMEOUT_S = 60
_STOP_TIMEOUT_S = 15.0
_POLL_S = 0.05
_LOG_BYTES = 16_000  # of the beginning, where gunicorn names its port, and of the end


class Site:
    """
    A site under gunicorn; a context manager that starts and stops it. For Linux and macOS.

    It ends with this process too, however that ends.

    Args:
        name: How reports call this version.
        folder: Where ``manage.py`` stands.
        application: ``"package.wsgi:application"``.
        environment: Added to this process' environment variables.
        workers: Processes; at least 1.
        threads: Threads in each; at least 1.
    """

    server: ClassVar[str] = "gunicorn"
    #: What its log says before the address.
    _says: ClassVar[str] = "Listening at: "

    def __init__(
        self,
        name: str,
        folder: Path,
        application: str,
        *,
        environment: Mapping[str, str] | None = None,
        workers: int = 2,
        threads: int = 2,
    ) -> None:
        self.name, self.folder = name, folder
        self._application, self._environment = application, dict(environment or {})
        self._workers, self._threads = workers, threads
        self._household: Household | None = None
        self._process: ServerProcess | None = None
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
        Start the server and wait until it answers.

        Raises:
            MeasureError: if it does not within a minute; the message ends with its log.
        """
        if not hasattr(os, "fork"):
            raise MeasureError(
                f"{self.name}: sites are served here on Linux and macOS only. Do it there, or in a "
                "container"
            )
        self._household = Household()
        try:
            self._process = self._household.start(
                [sys.executable, "-m", *self._command()],
                log=self._household.directory / f"{self.server}.log",
                variables={
                    **os.environ,
                    **self._environment,
                    VARIABLE: self._application,
                    "PYTHONUNBUFFERED": "1",
                },
                stop_timeout_s=_STOP_TIMEOUT_S,
            )
            self._wait()
        except BaseException:
            self.stop()
            raise

    def _command(self) -> Sequence[str]:
        return (
            *("gunicorn", "praxis.prove.counting:application"),
            *("--chdir", str(self.folder.absolute())),
            *("--bind", "127.0.0.1:0", "--worker-class", "gthread"),
            *("--workers", str(self._workers), "--threads", str(self._threads)),
            *("--keep-alive", "30", "--log-level", "info", "--no-control-socket"),
        )

    def _wait(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._process is None or not self._process.is_alive:
                raise MeasureError(f"{self.name}: {self.server} ended by itself.\n{self.log()}")
            self.port = self.port or self._bound_port()
            if self.port and self._answers():
                return
            time.sleep(_POLL_S)
        raise MeasureError(
            f"{self.name}: no answer within {START_TIMEOUT_S} s from {self.folder}.\n{self.log()}"
        )

    def _bound_port(self) -> int:
        """The port that the system chose, as the server's log tells it; 0 until it does."""
        if self._process is None:
            return 0
        with self._process.log.open("rb") as file:
            beginning = file.read(_LOG_BYTES).decode(errors="replace")
        _, found, rest = beginning.partition(f"{self._says}http://127.0.0.1:")
        digits, ended, _ = rest.partition(" ")
        return int(digits) if found and ended and digits.isdigit() else 0

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
        """The end of what the server and the site have printed."""
        if self._process is None:
            return ""
        with self._process.log.open("rb") as file:
            size_bytes = file.seek(0, os.SEEK_END)
            file.seek(max(0, size_bytes - max(_LOG_BYTES, last_chars * 4)))
            return file.read().decode(errors="replace")[-last_chars:]

    def stop(self) -> None:
        """Stop it; nothing happens where it does not run."""
        if self._household is not None:
            self._household.close()
            self._household = self._process = None
        self.port = 0


class LiveSite(Site):
    """
    A site under uvicorn, in one process: what is pushed to browsers needs an ASGI server.

    Its queries are not counted.
    """

    server = "uvicorn"
    _says = "Uvicorn running on "

    def _command(self) -> Sequence[str]:
        return (
            *("uvicorn", self._application, "--app-dir", str(self.folder.absolute())),
            *("--host", "127.0.0.1", "--port", "0", "--no-access-log"),
            *("--timeout-graceful-shutdown", "5"),
        )
