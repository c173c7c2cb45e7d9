"""Choose ports for servers, and start again when somebody else was faster."""

import random
import socket
from collections.abc import Callable
from typing import TypeVar

from praxis.errors import ServerError

# Under 20,000, so that Redis Cluster's second port (plus 10,000) and the first both stay below
# where Linux (32768) and macOS (49152) take the local ends of outgoing connections from: a
# server that is restarted on its port does not find a client's socket there.
FIRST_PORT, LAST_PORT = 10_000, 19_999
CLUSTER_BUS_OFFSET = 10_000
ATTEMPTS = 20

T = TypeVar("T")


class PortTakenError(ServerError):
    """The server could not bind its port: another process has it."""


def is_free(port: int) -> bool:
    """Tell whether the port can be bound now; a moment later somebody else may have it."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_port(*, with_cluster_bus: bool = False) -> int:
    """Return a port that is free now, chosen at random so that parallel tests seldom meet."""
    # The system's own source: pytest-randomly gives every worker the same seed.
    chooser = random.SystemRandom()
    for _ in range(1_000):
        port = chooser.randint(FIRST_PORT, LAST_PORT)
        if is_free(port) and (not with_cluster_bus or is_free(port + CLUSTER_BUS_OFFSET)):
            return port
    raise ServerError(
        f"No free TCP port between {FIRST_PORT} and {LAST_PORT} on 127.0.0.1. "
        "Stop servers that are no longer needed, or pass a port."
    )


def start_on_port(
    start: Callable[[int], T], *, port: int | None, with_cluster_bus: bool = False
) -> T:
    """
    Call *start* with a port until it could bind it.

    Args:
        start: Starts a server; raises PortTakenError when it could not bind.
        port: The port asked for: tried once. None chooses free ones.
        with_cluster_bus: Whether *port* + 10,000 must be free too.

    Raises:
        PortTakenError: if *port* is taken, or each of 20 chosen ports was.
    """
    if port is not None:
        return start(port)
    for _ in range(ATTEMPTS - 1):
        try:
            return start(choose_port(with_cluster_bus=with_cluster_bus))
        except PortTakenError:
            continue  # taken between our look and the server's bind: another one
    return start(choose_port(with_cluster_bus=with_cluster_bus))
