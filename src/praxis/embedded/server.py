"""What every server of ours can do, whatever it serves: stop, die, fall silent, come back."""

from collections.abc import Callable
from typing import Self

from praxis.embedded.processes import ServerProcess
from praxis.errors import ServerError


class Server:
    """
    A running server; a context manager that stops it at the end.

    Args:
        process: The one that serves; None where it runs elsewhere, at *variable*.
        variable: The environment variable that may name such a server.
        start_again: Starts it on the same port.
        close: What `stop` does instead of stopping this one server.
    """

    def __init__(
        self,
        process: ServerProcess | None,
        *,
        variable: str = "",
        start_again: Callable[[], ServerProcess] | None = None,
        close: Callable[[], None] | None = None,
    ) -> None:
        self._process = process
        self._variable = variable
        self._start_again = start_again
        self._close = close

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        return self._own_process("has no process of ours").pid

    @property
    def is_alive(self) -> bool:
        return self._process is None or self._process.is_alive

    @property
    def is_external(self) -> bool:
        """Whether it runs elsewhere, at the address in the environment."""
        return self._process is None

    def stop(self) -> None:
        """Stop it, and remove its folder if that is temporary. Again is no error."""
        if self._close:
            self._close()
        elif self._process:
            self._process.stop()  # one of several: the others and the folder stay

    def kill(self) -> None:
        """SIGKILL it with its children; `restart` brings it back, with what it had kept."""
        self._own_process("is not ours to kill").kill()

    def pause(self) -> None:
        """SIGSTOP it with its children: connections stay open and nothing answers."""
        self._own_process("is not ours to pause").pause()

    def resume(self) -> None:
        """Let a paused server go on."""
        self._own_process("is not ours to resume").resume()

    def restart(self) -> None:
        """Stop it if it runs, and start it again on the same port."""
        process = self._own_process("is not ours to restart")
        if self._start_again is None:
            raise ServerError(f"{self!r} cannot be started again. Start a new one instead.")
        process.stop()
        self._process = self._start_again()

    def _own_process(self, problem: str) -> ServerProcess:
        if self._process is None:
            raise ServerError(
                f"The server at {self._variable} {problem}. Unset {self._variable} to run "
                "one of our own."
            )
        return self._process
