"""The folder that servers live in, their processes, and the watchdog that outlives us."""

import json
import os
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from praxis.embedded import watchdog
from praxis.errors import ServerError

LOG_TAIL_LINES = 20
CLOSE_TIMEOUT_S = 90.0  # a kept PostgreSQL may have a long checkpoint to write


@dataclass(frozen=True, slots=True)
class Account:
    """The user and group that a server runs as instead of root."""

    uid: int
    gid: int


def demand_unix() -> None:
    """
    Refuse to run where processes and signals are others than those of Unix.

    Raises:
        ServerError: on Windows and the like, with the way that is open there.
    """
    if not hasattr(os, "fork"):
        raise ServerError(
            "Praxis runs servers of its own on Linux and macOS only. Here, start one yourself and "
            "name it: PRAXIS_REDIS_URL=redis://... or PRAXIS_POSTGRES_URL=postgresql://..."
        )


def unprivileged_account() -> Account | None:
    """Return ``nobody`` when we are root, else None: servers then run as who we are."""
    if os.geteuid() != 0:
        return None
    import pwd

    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise ServerError(
            "PostgreSQL refuses to run as root and this machine has no user 'nobody' to run it "
            "as. Run this as an ordinary user."
        ) from None
    return Account(nobody.pw_uid, nobody.pw_gid)


def environment() -> dict[str, str]:
    """Return our environment without what would point PostgreSQL's programs elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def closed_parent(path: Path) -> Path | None:
    """Return the folder above *path* that other users may not pass through, if there is one."""
    for folder in reversed(path.resolve().parents):
        if folder.exists() and not folder.stat().st_mode & stat.S_IXOTH:
            return folder
    return None


class ServerProcess:
    """One running server, child of the watchdog."""

    def __init__(
        self, pid: int, *, log: Path, stop_signal: int, stop_timeout_s: float, pid_file: Path | None
    ) -> None:
        self.pid = pid
        self.log = log
        self._stop_signal = stop_signal
        self._stop_timeout_s = stop_timeout_s
        self._pid_file = pid_file

    @property
    def is_alive(self) -> bool:
        return watchdog.is_alive(self.pid)

    def log_tail(self) -> str:
        """Return the last lines that the server wrote, for error messages."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-LOG_TAIL_LINES:])

    def stop(self) -> None:
        """Ask the server to end and wait for it; kill it when it does not obey."""
        if self.is_alive:
            watchdog.stop_tree(
                self.pid,
                self._stop_signal,
                timeout_s=self._stop_timeout_s,
                pid_file=self._pid_file,
            )

    def kill(self) -> None:
        """SIGKILL the server and its children, as the kernel does when memory runs out."""
        watchdog.kill_tree(self.pid, self._pid_file)

    def pause(self) -> None:
        """SIGSTOP the server and its children: connected, and silent."""
        watchdog.pause_tree(self.pid)

    def resume(self) -> None:
        """SIGCONT what `pause` stopped."""
        watchdog.resume_tree(self.pid)


class Household:
    """
    A folder, the servers that live in it, and the watchdog that clears up.

    Closing stops the servers side by side and removes the folder if it is temporary. The same
    happens, by the watchdog, when this process ends in any other way.

    Args:
        directory: Kept after closing, and used again. None makes a temporary folder.
        account: Who owns the folder and runs the servers, when not us.
    """

    def __init__(self, *, directory: Path | None = None, account: Account | None = None) -> None:
        demand_unix()
        import fcntl  # of Unix alone

        self.account = account
        self.is_kept = directory is not None
        self.directory = directory.absolute() if directory else _temporary_folder(account)
        if directory:
            _prepare_kept_folder(self.directory, account)
        self._own(self.directory)
        self._owner_pid = os.getpid()
        self._lock = threading.Lock()
        with (self.directory / ".lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise ServerError(
                    f"Servers are running in {self.directory} already. Stop them or choose "
                    "another folder."
                ) from None
            self._watchdog = subprocess.Popen(  # noqa: S603 - our own script
                [
                    sys.executable,
                    "-I",
                    "-S",
                    watchdog.__file__,
                    str(os.getpid()),
                    *([] if self.is_kept else [str(self.directory)]),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                # The lock lives as long as the watchdog, which may outlive us by a stop.
                pass_fds=[lock.fileno()],
            )

    def folder(self, name: str) -> Path:
        """Make (or find) a server's own folder, readable by its account alone."""
        path = self.directory / name
        path.mkdir(mode=0o700, exist_ok=True)
        self._own(path)
        return path

    def write(self, path: Path, text: str) -> None:
        """Write a file that only the servers' account may read."""
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        self._own(path)

    def password(self) -> str:
        """Return the folder's password: made once, so that kept servers keep their addresses."""
        path = self.directory / "password"
        if not path.exists():
            self.write(path, secrets.token_hex(16))
        return path.read_text(encoding="utf-8")

    def run(self, argv: Sequence[str | Path], *, variables: Mapping[str, str] | None = None) -> str:
        """Run a command as the servers' account; return its output or raise ServerError."""
        finished = subprocess.run(  # noqa: S603 - a program that was found by its name
            [str(part) for part in argv],
            cwd=self.directory,
            env={**environment(), **(variables or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            user=self.account.uid if self.account else None,
            group=self.account.gid if self.account else None,
            extra_groups=[] if self.account else None,
        )
        if finished.returncode != 0:
            said = (finished.stderr + finished.stdout).strip()
            raise ServerError(f"{Path(argv[0]).name} failed ({finished.returncode}): {said}")
        return finished.stdout

    def start(
        self,
        argv: Sequence[str | Path],
        *,
        log: Path,
        variables: Mapping[str, str] | None = None,
        stop_signal: int = signal.SIGTERM,
        stop_timeout_s: float = 10.0,
        pid_file: Path | None = None,
    ) -> ServerProcess:
        """Start a server through the watchdog; it may end again at once, so look after it."""
        request: dict[str, object] = {
            "do": "start",
            "argv": [str(part) for part in argv],
            "cwd": str(self.directory),
            "env": {**environment(), **(variables or {})},
            "user": self.account.uid if self.account else None,
            "group": self.account.gid if self.account else None,
            "log": str(log),
            "stop": int(stop_signal),
            "stop_timeout_s": stop_timeout_s,
            "pid_file": str(pid_file) if pid_file else None,
        }
        reply = self._ask(request)
        if "error" in reply:
            raise ServerError(f"Could not start {argv[0]}: {reply['error']}")
        return ServerProcess(
            int(reply["pid"]),
            log=log,
            stop_signal=stop_signal,
            stop_timeout_s=stop_timeout_s,
            pid_file=pid_file,
        )

    def close(self) -> None:
        """Stop every server and remove the folder if it is temporary. Again is no error."""
        if os.getpid() != self._owner_pid:
            return  # a fork of us is ending: the servers are not its to stop
        with self._lock:
            pipes = (self._watchdog.stdin, self._watchdog.stdout)
            if self._watchdog.stdin and not self._watchdog.stdin.closed:
                try:
                    # Said, not only by closing: a fork of us may hold the pipe open.
                    self._watchdog.stdin.write(b'{"do": "close"}\n')
                    self._watchdog.stdin.close()
                except BrokenPipeError:
                    pass  # somebody killed the watchdog; there is nobody left to ask
            try:
                self._watchdog.wait(timeout=CLOSE_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                raise ServerError(
                    f"The servers in {self.directory} did not stop in {CLOSE_TIMEOUT_S:g} s. "
                    f"Process {self._watchdog.pid} still stops them; look at their logs there."
                ) from None
            for pipe in pipes:
                if pipe:
                    pipe.close()
            if not self.is_kept:
                shutil.rmtree(self.directory, ignore_errors=True)

    def _ask(self, request: dict[str, object]) -> dict[str, str]:
        with self._lock:
            pipe_in, pipe_out = self._watchdog.stdin, self._watchdog.stdout
            if pipe_in is None or pipe_out is None or pipe_in.closed:
                raise ServerError(
                    f"The servers in {self.directory} were stopped. Start new ones instead."
                )
            try:
                pipe_in.write(json.dumps(request).encode() + b"\n")
                pipe_in.flush()
                line = pipe_out.readline()
            except BrokenPipeError:
                line = b""
            if not line:
                raise ServerError(
                    f"The watchdog of {self.directory} has ended: its servers are on their own. "
                    "Close this one and start again."
                )
            reply: dict[str, str] = json.loads(line)
            return reply

    def _own(self, path: Path) -> None:
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)


def _temporary_folder(account: Account | None) -> Path:
    """Make a folder that *account* can reach: its parents must let others pass."""
    candidates = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]  # noqa: S108 - mkdtemp below
    for parent in candidates:
        if account is None or closed_parent(parent / "x") is None:
            return Path(tempfile.mkdtemp(prefix="praxis-", dir=parent))
    raise ServerError(
        f"None of {', '.join(map(str, candidates))} can be entered by the user that the server "
        "runs as instead of root. Set TMPDIR to a folder that all may enter."
    )


def _prepare_kept_folder(directory: Path, account: Account | None) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ServerError(f"Cannot use {directory} for server data: {error}") from error
    if account and (closed := closed_parent(directory)):
        raise ServerError(
            f"The server runs as user {account.uid}, not as root, and cannot pass through {closed} "
            f"to {directory}. Choose a folder elsewhere (/var/tmp/...) or run: chmod o+x {closed}"
        )
